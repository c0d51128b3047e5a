package rekey.look;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.kafka.Headroom;
import rekey.kafka.HeadroomProbe;
import rekey.kafka.KafkaAdmin;
import rekey.model.Amounts;
import rekey.model.Ingestion.KafkaTable;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.sheet.Grid;
import rekey.sheet.Sheet;

/// What waits in Kafka, and who reads it.
///
/// @param kafkaConfig a Kafka client's properties; `bootstrap.servers` in it outranks the Kafka tables' own brokers
public record Streams(ClickHouse server, Map<String, String> kafkaConfig) {
    private static final Duration SAMPLE = Duration.ofMillis(500);

    /// The Kafka tables that feed a table; for a Kafka table itself, only that.
    public List<KafkaTable> feeding(TableName table) {
        var catalog = new Catalog(server);
        var itself = catalog.kafkaTables().stream()
                .filter(k -> k.name().equals(table))
                .toList();
        return itself.isEmpty() ? catalog.ingestion(table).kafkaTables() : itself;
    }

    /// Those of a database.
    public List<KafkaTable> of(String database) {
        return new Catalog(server)
                .kafkaTables().stream()
                        .filter(k -> k.name().database().equals(database))
                        .toList();
    }

    /// Per partition: where the group stands, what waits, how old the oldest of it is, and how long Kafka still
    /// keeps it. Kafka that does not answer, or lets this client not see, is told beneath; the others are shown.
    public Sheet lag(List<KafkaTable> tables) {
        var grid = Grid.of(
                "", "partition", "committed#", "end#", "lag#", "oldest:seconds", "rate/s#", "kept for:seconds", "by");
        var notes = new ArrayList<String>();
        var rows = new ArrayList<List<Object>>();
        var disks = new ArrayList<List<Object>>();
        for (var t : tables)
            try (var kafka = KafkaAdmin.connect(t.brokers(), kafkaConfig)) {
                var headroom = new HeadroomProbe(kafka).look(t.group(), t.topics(), SAMPLE);
                for (var p : headroom.partitions()) rows.add(row(p, oneTopic(tables)));
                for (var d : headroom.disks()) disks.add(disk(d));
                notes.addAll(said(t, headroom));
            } catch (Trouble e) {
                notes.add(t.name() + ": " + e.getMessage());
            }
        return Sheet.of(
                tables.isEmpty() ? "No Kafka table feeds it." : "",
                noted(grid.with(rows), notes),
                Grid.of("Kafka's disks", "broker", "folder", "logs:bytes", "free:bytes", "of:bytes", "full in:seconds")
                        .with(disks.stream().distinct().toList()));
    }

    private static Grid noted(Grid grid, List<String> notes) {
        for (var n : notes) grid = grid.noting(n);
        return grid;
    }

    private static List<Object> row(Headroom.Partition p, boolean oneTopic) {
        var o = p.seen().offsets();
        return Arrays.asList(
                oneTopic ? p.name().substring(p.name().lastIndexOf('/') + 1) : p.name(),
                o.committed() < 0 ? null : o.committed(),
                o.end(),
                o.lag(),
                o.lag() == 0 ? null : p.seen().age(),
                Math.round(p.seen().perSecond()),
                p.seconds(),
                p.decides());
    }

    private static List<Object> disk(Headroom.Disk d) {
        var v = d.volume();
        return Arrays.asList(
                "" + v.broker(),
                v.folder(),
                v.used(),
                v.usable() < 0 ? null : v.usable(),
                v.total() < 0 ? null : v.total(),
                d.seconds());
    }

    private static List<String> said(KafkaTable t, Headroom h) {
        var out = new ArrayList<String>();
        long expired = h.partitions().stream()
                .mapToLong(p -> p.seen().offsets().expired())
                .sum();
        long lag =
                h.partitions().stream().mapToLong(p -> p.seen().offsets().lag()).sum();
        out.add(t.name() + ": " + Amounts.rows(lag) + " messages wait in topic " + String.join(", ", t.topics())
                + " for group " + t.group() + ".");
        if (expired > 0)
            out.add(Amounts.rows(expired)
                    + " messages were deleted by Kafka before the group had read them: they are lost to ClickHouse.");
        if (h.partitions().stream().allMatch(p -> p.seen().offsets().committed() < 0))
            out.add("The group " + t.group() + " has never committed an offset.");
        return out;
    }

    /// The consumers as the server has them, and members of the group that are none of this server's.
    public Sheet consumers(List<KafkaTable> tables) {
        if (tables.isEmpty()) return Sheet.of("No Kafka table feeds it.");
        var in = tables.stream()
                .map(k -> "(" + Sql.text(k.name().database()) + ", "
                        + Sql.text(k.name().table()) + ")")
                .collect(Collectors.joining(", "));
        var where = " FROM system.kafka_consumers WHERE (database, table) IN (" + in
                + ") ORDER BY database, table, consumer_id";
        var grid = Grid.of(
                        "consumers",
                        "consumer",
                        "table",
                        "has",
                        "busy:flag",
                        "polled:seconds",
                        "committed:seconds",
                        "messages#",
                        "joined#",
                        "waits for")
                .from(server.query("""
                    SELECT replaceRegexpOne(consumer_id, '^.*-([0-9a-f]{8})-[0-9a-f-]+$', '\\\\1'), table,
                           %s,
                           is_currently_used, if(last_poll_time = 0, NULL, now() - last_poll_time),
                             if(last_commit_time = 0, NULL, now() - last_commit_time),
                           num_messages_read, num_rebalance_assignments, arrayStringConcat(arrayMap(d ->
                             arrayElement(d, -1), missing_dependencies), ', ')\
                    """.formatted(
                                        oneTopic(tables)
                                                ? "arrayStringConcat(arraySort(assignments.partition_id), ' ')"
                                                : "arrayStringConcat(arraySort(arrayMap((t, p) -> concat(t, '/',"
                                                      + " toString(p)), assignments.topic, assignments.partition_id)),"
                                                      + " ' ')")
                        + where));
        var errors = Grid.of("their last errors", "table", "ago:seconds", "error:prose")
                .from(server.query("""
                    SELECT table, dateDiff('second', e.1, now()), replaceRegexpOne(e.2,
                      '(?s)(,? *Stack trace|\\\\s*\\\\(version ).*', '') FROM (
                      SELECT table, arrayJoin(arrayZip(exceptions.time, exceptions.text)) AS e FROM
                        system.kafka_consumers WHERE (database, table) IN (%s)) ORDER BY 2 LIMIT 10\
                    """.formatted(in)));
        return Sheet.of(
                "These tables have no consumers: nothing has been read from them for a minute or more.",
                noted(grid, strangers(tables)),
                errors);
    }

    /// Then partitions are told by their numbers alone.
    private static boolean oneTopic(List<KafkaTable> tables) {
        return tables.stream().flatMap(t -> t.topics().stream()).distinct().count() == 1;
    }

    /// Members of a group that would take its partitions over when this server's consumers pause.
    private List<String> strangers(List<KafkaTable> tables) {
        var out = new ArrayList<String>();
        var own = new HashSet<String>();
        server.query("SELECT consumer_id FROM system.kafka_consumers").forEach(r -> own.add(r.string("consumer_id")));
        for (var t : tables)
            try (var kafka = KafkaAdmin.connect(t.brokers(), kafkaConfig)) {
                for (var m : kafka.members(t.group()))
                    if (!own.contains(m.id()))
                        out.add("Group " + t.group() + " has a member that is none of this server's: " + m.clientId()
                                + " from " + m.host().replaceFirst("^/", "")
                                + ". Right after a restart it may be this server's own old self, for a minute.");
            } catch (Trouble e) {
                out.add(e.getMessage());
            }
        return out;
    }
}
