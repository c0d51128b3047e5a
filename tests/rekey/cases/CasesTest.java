package rekey.cases;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import rekey.Labs;
import rekey.Scene;
import rekey.cli.Scripts;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.model.TableName;

/// Tables of the field, after public reports and schemas, each migrated and taken back by the commands: no row
/// differs, the definition is the same but for the keys that were asked for; or `plan` refuses it and nothing was
/// made.
@Tag("cases")
@Tag("slow")
class CasesTest {
    /// What rekey sets on the live table until its migration is final.
    private static final List<String> OURS =
            List.of("enable_block_number_column", "finished_mutations_to_keep", "materialize_ttl_recalculate_only");

    private static final String FIELD_BROKER = "127.0.0.1:28053";

    /// Messages behind the one at which a view fails.
    private static final int BEHIND = 100;

    static Stream<Case> cases() {
        return Case.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    @Execution(ExecutionMode.CONCURRENT)
    void endsAsItsKindShould(Case c) throws Exception {
        try (var server = Labs.connect()) {
            var databases = c.meanwhile().isEmpty()
                    ? List.of(c.table().database())
                    : List.of(c.table().database(), twin(c.table()).database());
            try {
                for (var database : databases) {
                    server.execute("CREATE DATABASE " + TableName.quote(database));
                    for (var sql : c.statements())
                        server.execute(
                                sql.replace(c.table().database() + ".", database + ".")
                                        .replace(FIELD_BROKER, Labs.shared().bootstrap()),
                                UUID.randomUUID().toString(),
                                c.settings());
                }
                var end = c.one("REFUSED").isPresent()
                        ? refused(server, c)
                        : c.one("TOPIC").isPresent() ? poisoned(server, c) : migratedAndBack(server, c);
                IO.println("case    " + c.name() + ": " + end);
            } finally {
                for (var database : databases)
                    server.execute("DROP DATABASE IF EXISTS " + TableName.quote(database) + " SYNC");
            }
        }
    }

    private static String refused(ClickHouse server, Case c) {
        var before = made(server, c.table());
        var rows = content(server, c, c.table());
        var words = c.one("REFUSED").orElseThrow();
        var plan = run("plan", c).says(words);
        assertTrue(plan.exitCode() == 2 || plan.exitCode() == 3, plan::toString);
        var migrate = run("migrate", c, "--yes").says(words);
        assertTrue(migrate.exitCode() == 2 || migrate.exitCode() == 3, migrate::toString);
        assertEquals(before, made(server, c.table()));
        assertEquals(rows, content(server, c, c.table()));
        return "refused: " + migrate.errorOutput().strip().lines().reduce("", (a, b) -> b);
    }

    private static String migratedAndBack(ClickHouse server, Case c) throws InterruptedException {
        var table = c.table();
        var before = definition(server, table);
        var rows = content(server, c, table);
        var answers = answers(server, c);
        run("plan", c).exits(0);
        run("precheck", c).exits(0);
        int meanwhile;
        try (var writers = new Meanwhile(
                server,
                c.meanwhile(),
                table.database(),
                twin(table).database(),
                c.one("EVERY").map(Double::parseDouble).orElse(0.1))) {
            run("migrate", c, "--yes").exits(0);
            meanwhile = writers.end();
        }
        settle(server, c);
        if (meanwhile > 0) rows = content(server, c, twin(table));
        assertEquals(rows, content(server, c, table));
        if (meanwhile == 0) assertEquals(rows, content(server, c, backup(server, c)));
        assertEquals(wanted(server, before, c), definition(server, table));
        if (meanwhile == 0) assertEquals(answers, answers(server, c));
        run("verify", c).exits(0);
        for (var sql : c.all("AFTER")) server.execute(sql);
        settle(server, c);
        answers = answers(server, c);
        var after = content(server, c, table);
        run("rollback", c, "--yes").exits(0);
        assertEquals(after, content(server, c, table));
        assertEquals(before, definition(server, table));
        assertEquals(answers, answers(server, c));
        return "migrated and back, " + rows + (meanwhile > 0 ? ", written to " + meanwhile + " times" : "");
    }

    /// A view behind the table that fails at one message: the batch with it is inserted into the table again and
    /// again. The migration comes to its end and says why nothing is read; when the view is gone, each message is
    /// there.
    private static String poisoned(ClickHouse server, Case c) throws Exception {
        var table = c.table();
        var before = definition(server, table);
        var topic = c.one("TOPIC").orElseThrow().split(" ");
        int messages = 2000;
        Labs.shared().kafka().createTopic(topic[0], Integer.parseInt(topic[1]), Map.of());
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", Labs.shared().bootstrap()),
                new StringSerializer(),
                new StringSerializer())) {
            for (int n = 0; n < messages; n++)
                producer.send(new ProducerRecord<>(
                        topic[0], c.one("MESSAGE").orElseThrow().replace("{n}", "" + n)));
            producer.flush();
            Scene.await("the messages", () -> distinct(server, table) == messages);
            producer.send(new ProducerRecord<>(topic[0], c.one("POISON").orElseThrow()));
            for (int n = 0; n < BEHIND; n++)
                producer.send(new ProducerRecord<>(
                        topic[0], c.one("MESSAGE").orElseThrow().replace("{n}", "" + (messages + n))));
            producer.flush();
            Scene.await("the failing batch", () -> distinct(server, table) > messages);
        }
        var view = c.one("VIEW").orElseThrow();
        run("migrate", c, "--yes").exits(0).says(view, "fails");
        assertEquals(wanted(server, before, c), definition(server, table));
        // while it still fails: back, and there again
        run("rollback", c, "--yes").exits(0);
        assertEquals(before, definition(server, table));
        run("migrate", c, "--yes").exits(0).says(view, "fails");
        assertEquals(wanted(server, before, c), definition(server, table));
        server.execute("DROP VIEW " + view + " SYNC");
        Scene.await("what waited behind it", () -> distinct(server, table) == messages + 1 + BEHIND);
        run("rollback", c, "--yes").exits(0);
        assertEquals(messages + 1 + BEHIND, distinct(server, table));
        assertEquals(before, definition(server, table));
        return "migrated with a failing view behind it and back, " + (messages + 1 + BEHIND) + " messages";
    }

    private static long distinct(ClickHouse server, TableName table) {
        return server.one("SELECT uniqExact(part, off) AS n FROM " + table.sql())
                .number("n");
    }

    private static Scripts.Ran run(String alias, Case c, String... more) {
        var t = c.table();
        var args = new ArrayList<>(List.of("--url", Labs.shared().url(), "--database", t.database()));
        args.addAll(List.of("--table", TableName.quote(t.table())));
        args.addAll(c.arguments());
        args.addAll(Arrays.asList(more));
        return Scripts.run(alias, args.toArray(String[]::new));
    }

    private static TableName twin(TableName table) {
        return new TableName(table.database() + "_twin", table.table());
    }

    /// Of a long name it begins as that does, and is cut.
    private static TableName backup(ClickHouse server, Case c) {
        var table = c.table();
        int most = 150;
        return new Catalog(server)
                        .tablesLike(
                                table.database(),
                                table.table().length() > most
                                        ? table.table().substring(0, most)
                                        : table.table() + "_backup")
                        .stream()
                        .filter(t -> !t.equals(table))
                        .findFirst()
                        .orElseThrow();
    }

    /// What was sent is in the tables, and mutations have ended.
    private static void settle(ClickHouse server, Case c) {
        Scene.await(
                "asynchronous INSERTs",
                () -> server.one("SELECT count() AS n FROM system.asynchronous_inserts WHERE startsWith(database, "
                                        + Sql.text(c.table().database()) + ")")
                                .number("n")
                        == 0);
        Scene.await(
                "mutations to end",
                () -> server.one("SELECT count() AS n FROM system.mutations WHERE NOT is_done AND startsWith(database, "
                                        + Sql.text(c.table().database()) + ")")
                                .number("n")
                        == 0);
    }

    /// What the queries of people say, each row in no order. What asks for a sample, for any few rows, for parts, or
    /// for rows that a merge may drop, must be answered, and may say something else.
    private static List<List<String>> answers(ClickHouse server, Case c) {
        return c.all("CHECK").stream()
                .map(sql -> {
                    var rows = server.query(sql).stream()
                            .map(r -> r.values().toString())
                            .sorted()
                            .toList();
                    boolean unmerged = c.one("FINAL").isPresent() && !sql.contains(" FINAL");
                    return unmerged || sql.matches("(?s).*\\b(SAMPLE|LIMIT|system)\\b.*") ? List.<String>of() : rows;
                })
                .toList();
    }

    /// All rows of a table in a few words, by their stored columns.
    private static String content(ClickHouse server, Case c, TableName table) {
        var columns =
                c.one("FP").orElseGet(() -> new Catalog(server).table(table).columnList());
        var hash = "cityHash64(tuple(" + columns + "))";
        var r = server.one("SELECT count() AS c_n, sum(" + hash + ") AS c_sum, groupBitXor(" + hash + ") AS c_xor FROM "
                + table.sql() + (c.one("FINAL").isPresent() ? " FINAL" : ""));
        return r.string("c_n") + " rows, sum " + r.string("c_sum") + ", xor " + r.string("c_xor");
    }

    /// Every table of the database but the journal, with its definition; not those that a refreshable view fills.
    private static Map<String, String> made(ClickHouse server, TableName table) {
        return server
                .query("SELECT name, create_table_query AS q FROM system.tables WHERE database = "
                        + Sql.text(table.database()) + " AND name != 'rekey_journal' AND NOT startsWith(name, '.tmp.')")
                .stream()
                .collect(Collectors.toMap(r -> r.string("name"), r -> r.string("q"), (a, b) -> a, TreeMap::new));
    }

    /// A table's definition by its clauses, without its name; its settings in no order, and without rekey's own.
    private static Map<String, String> definition(ClickHouse server, TableName table) {
        return clauses(server.one("SHOW CREATE TABLE " + table.sql()).string("statement"));
    }

    private static Map<String, String> clauses(String statement) {
        var out = new LinkedHashMap<String, String>();
        int columns = statement.indexOf("\n("), end = statement.indexOf("\n)\n");
        out.put("columns", statement.substring(columns, end));
        for (var line : statement.substring(end + 3).split("\n(?=[A-Z])")) {
            var word = line.replaceFirst("(?s)^(ENGINE|[A-Z]+ BY|PRIMARY KEY|[A-Z]+) .*", "$1");
            // a key with directions is written tuple(a, b DESC)
            out.put(
                    word,
                    line.substring(word.length())
                            .replaceFirst("^ =", "")
                            .strip()
                            .replaceFirst("^tuple\\((?=.)(?!\\))", "("));
        }
        if (out.get("SETTINGS") instanceof String settings)
            out.put(
                    "SETTINGS",
                    new TreeSet<>(Stream.of(settings.split(", "))
                                    .filter(s -> OURS.stream().noneMatch(o -> s.startsWith(o + " =")))
                                    .toList())
                            .toString());
        return out;
    }

    /// The definition as it should be after the swap: the keys as the server writes them.
    private static Map<String, String> wanted(ClickHouse server, Map<String, String> before, Case c) {
        var out = new LinkedHashMap<>(before);
        var text = new StringBuilder("CREATE TABLE t (x UInt8) ENGINE = MergeTree");
        var keys = new LinkedHashMap<String, String>();
        keys.put("PARTITION BY", c.argument("--partition-by").orElse(before.getOrDefault("PARTITION BY", "")));
        keys.put("PRIMARY KEY", c.argument("--primary-key").orElse(""));
        keys.put("ORDER BY", c.argument("--order-by").orElse(before.getOrDefault("ORDER BY", "")));
        keys.put("SAMPLE BY", c.argument("--sample-by").orElse(before.getOrDefault("SAMPLE BY", "")));
        keys.forEach((word, key) -> {
            if (key.isEmpty()) return;
            var list = word.equals("ORDER BY") || word.equals("PRIMARY KEY");
            text.append(' ')
                    .append(word)
                    .append(
                            list && key.matches(".*(,| DESC).*") && !key.startsWith("(")
                                    ? " (" + key + ")"
                                    : " " + key);
        });
        var formatted = clauses(server.one("SELECT formatQuery(" + Sql.text(text.toString()) + ") AS q")
                .string("q"));
        for (var word : keys.keySet())
            if (formatted.get(word) instanceof String key) out.put(word, key);
            else out.remove(word);
        return out;
    }
}
