package rekey.look;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Row;
import rekey.ingestion.Gate;
import rekey.kafka.KafkaAdmin;
import rekey.model.Amounts;
import rekey.model.Trouble;
import rekey.run.RunLock;
import rekey.sheet.Grid;
import rekey.sheet.OptionalAnswers;
import rekey.sheet.Sheet;
import rekey.sheet.TextWidth;

/// The first look of a person who was just woken up: one line for each thing that can be wrong, those that are
/// marked.
///
/// @param kafkaConfig a Kafka client's properties
public record Overview(ClickHouse server, Map<String, String> kafkaConfig) {
    private static final long JUST_NOW = 900, LONG_QUERY = 300;

    public Sheet sheet(String database) {
        var rows = new ArrayList<List<Object>>();
        var up = server.one("SELECT uptime() AS s, version() AS v");
        row(
                rows,
                up.number("s") < JUST_NOW,
                "server",
                up.string("v") + ", up for " + TextWidth.seconds(up.number("s")),
                "errors");
        memory(rows);
        disks(rows);
        parts(rows);
        background(rows);
        queries(rows);
        errors(rows);
        migrations(rows);
        kafka(rows, database);
        var grid = Grid.of("", "!", "what", "state:prose", "look with").with(rows);
        long marked = rows.stream().filter(r -> r.getFirst().equals("!")).count();
        return Sheet.of(
                "",
                grid.noting(
                        marked == 0
                                ? "Nothing is out of the ordinary."
                                : Amounts.count(marked, "line") + (marked == 1 ? " is" : " are")
                                        + " out of the ordinary (!)."));
    }

    private static void row(List<List<Object>> rows, boolean odd, String what, String state, String with) {
        rows.add(Arrays.asList(odd ? "!" : "", what, state, with));
    }

    private void memory(List<List<Object>> rows) {
        var used = number("SELECT value AS n FROM system.metrics WHERE metric = 'MemoryTracking'");
        var limit = number(
                "SELECT toUInt64(value) AS n FROM system.server_settings WHERE name = 'max_server_memory_usage'");
        row(
                rows,
                limit > 0 && used > limit / 10 * 9,
                "memory",
                Amounts.bytes(used) + (limit > 0 ? " of " + Amounts.bytes(limit) : ""),
                "queries");
    }

    private void disks(List<List<Object>> rows) {
        for (var r : server.query(
                "SELECT name, free_space, total_space FROM system.disks WHERE NOT is_remote AND total_space > 0 ORDER"
                        + " BY free_space / total_space LIMIT 3"))
            row(
                    rows,
                    r.number("free_space") * 100 < r.number("total_space") * 15,
                    "disk " + r.string("name"),
                    Amounts.bytes(r.number("free_space")) + " free of " + Amounts.bytes(r.number("total_space")),
                    "disks");
    }

    private void parts(List<List<Object>> rows) {
        long delay = number(
                "SELECT toUInt64(value) AS n FROM system.merge_tree_settings WHERE name = 'parts_to_delay_insert'");
        server.query("SELECT concat(database, '.', table) AS t, count() AS n FROM system.parts WHERE active GROUP"
                        + " BY database, table, partition_id ORDER BY n DESC LIMIT 1")
                .forEach(r -> row(
                        rows,
                        delay > 0 && r.number("n") * 2 > delay,
                        "parts",
                        "at most " + Amounts.rows(r.number("n")) + " in a partition, of " + r.string("t")
                                + (delay > 0 ? "; inserts are delayed from " + Amounts.rows(delay) + " on" : ""),
                        "partitions"));
    }

    private void background(List<List<Object>> rows) {
        var m = server.one("SELECT count() AS n, max(elapsed) AS longest FROM system.merges");
        row(
                rows,
                false,
                "merges",
                m.number("n") == 0
                        ? "none runs"
                        : Amounts.rows(m.number("n")) + " run, the longest for "
                                + TextWidth.seconds((long) m.real("longest")),
                "merges");
        var u = server.one(
                "SELECT count() AS n, countIf(latest_fail_reason != '') AS failing FROM system.mutations WHERE NOT"
                        + " is_done");
        row(
                rows,
                u.number("failing") > 0,
                "mutations",
                u.number("n") == 0
                        ? "none unfinished"
                        : Amounts.rows(u.number("n")) + " unfinished, " + Amounts.rows(u.number("failing"))
                                + " failing",
                "mutations");
        OptionalAnswers.orNone(server, "SELECT count() AS n, countIf(is_readonly) AS ro FROM system.replicas").stream()
                .filter(r -> r.number("n") > 0)
                .forEach(r -> row(
                        rows,
                        r.number("ro") > 0,
                        "replicas",
                        Amounts.rows(r.number("n")) + " tables, " + Amounts.rows(r.number("ro")) + " read only",
                        "SQL: system.replicas"));
    }

    private void queries(List<List<Object>> rows) {
        var r = server.one(
                "SELECT count() AS n, max(elapsed) AS longest FROM system.processes WHERE NOT startsWith(query_id,"
                        + " 'rekey-lock:') AND client_name NOT LIKE 'chDB%'");
        row(
                rows,
                r.real("longest") > LONG_QUERY,
                "queries",
                r.number("n") + " run, the longest for " + TextWidth.seconds((long) r.real("longest")),
                "queries");
    }

    private void errors(List<List<Object>> rows) {
        var found = OptionalAnswers.orNone(
                server,
                "SELECT name, sum(value) AS n FROM system.errors WHERE last_error_time > now() - 3600 AND"
                        + " last_error_message NOT LIKE '%rekey\\\\_journal%' GROUP BY name ORDER BY n DESC LIMIT 3");
        var memory =
                number("SELECT count() AS n FROM system.errors WHERE code = 241 AND last_error_time > now() - 3600");
        row(
                rows,
                memory > 0,
                "errors",
                found.isEmpty()
                        ? "none within an hour"
                        : "within an hour: "
                                + String.join(
                                        ", ",
                                        found.stream()
                                                .map(r -> r.string("name") + " " + r.string("n"))
                                                .toList()),
                "errors");
    }

    private void migrations(List<List<Object>> rows) {
        for (var known : KnownMigration.of(server)) {
            var rewrite = known.rewrite();
            var gates = new Gate(server, rewrite).standing();
            var holder = RunLock.holder(server, rewrite.source());
            if (!known.open() && gates.isEmpty()) continue;
            if (!gates.isEmpty())
                row(
                        rows,
                        holder.isEmpty(),
                        "INGESTION",
                        "of " + rewrite.source() + " stands still"
                                + (holder.isEmpty() ? ", and nobody runs" : ", for " + holder.get()),
                        "status");
            row(
                    rows,
                    false,
                    "migration",
                    rewrite.migration() + " of " + rewrite.source() + ", "
                            + holder.map(h -> "run by " + h).orElse("nobody runs it"),
                    "status");
        }
    }

    private void kafka(List<List<Object>> rows, String database) {
        for (var k : new Catalog(server).kafkaTables()) {
            if (!k.name().database().equals(database)) continue;
            try (var kafka = KafkaAdmin.connect(k.brokers(), kafkaConfig)) {
                var offsets = kafka.offsets(k.group(), k.topics());
                long expired = offsets.stream().mapToLong(o -> o.expired()).sum();
                row(
                        rows,
                        expired > 0,
                        "Kafka",
                        Amounts.rows(offsets.stream().mapToLong(o -> o.lag()).sum()) + " messages wait for " + k.name()
                                + (expired > 0 ? "; " + Amounts.rows(expired) + " were DELETED UNREAD" : ""),
                        "lag");
            } catch (Trouble e) {
                row(rows, true, "Kafka", e.getMessage(), "lag");
            }
            var c = server.one("SELECT count() AS n, countIf(now() - last_poll_time > 60) AS idle,"
                    + " countIf(notEmpty(exceptions.time) AND arrayElement(exceptions.time, -1) > now() - 600) AS"
                    + " failing FROM system.kafka_consumers WHERE "
                    + Parts.is(k.name()));
            row(
                    rows,
                    c.number("n") == 0 || c.number("idle") > 0 || c.number("failing") > 0,
                    "consumers",
                    c.number("n") + " of " + k.name()
                            + (c.number("idle") > 0 ? ", " + c.number("idle") + " not polling" : "")
                            + (c.number("failing") > 0 ? ", " + c.number("failing") + " with errors" : ""),
                    "consumers");
        }
    }

    /// 0 where it can't be seen.
    private long number(String sql) {
        return OptionalAnswers.orNone(server, sql).stream()
                .findFirst()
                .map((Row r) -> r.number("n"))
                .orElse(0L);
    }
}
