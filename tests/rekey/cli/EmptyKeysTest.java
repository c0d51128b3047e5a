package rekey.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Labs;
import rekey.clickhouse.ClickHouse;
import rekey.migration.NewKeys;
import rekey.model.TableName;

/// What it means that a key is given, and empty.
@Tag("cli")
class EmptyKeysTest {
    private final ClickHouse server = Labs.connect();

    @AfterEach
    void close() {
        server.close();
    }

    /// As an option, in a file, and by a script; a blank as well, which once took away what it was to keep.
    @ParameterizedTest
    @ValueSource(strings = {"", " ", " \t "})
    void aKeyThatIsEmptyIsTakenAway(String none, @TempDir Path folder) throws Exception {
        var table = new TableName(Labs.database(), "sampled");
        server.execute("CREATE TABLE " + table.sql() + " (a UInt32, h UInt64) ENGINE = MergeTree PARTITION BY a % 3"
                + " ORDER BY (a, h) SAMPLE BY h");
        server.execute("INSERT INTO " + table.sql() + " SELECT number % 10, cityHash64(number) FROM numbers(50)");
        var url = Labs.shared().url();
        Function<Scripts.Ran, String> told = ran -> ran.exits(0)
                .json()
                .getFirst()
                .get("differs")
                .valueStream()
                .map(d -> d.get("key").asString() + ": " + d.get("is").asString() + " -> "
                        + d.get("wanted").asString())
                .collect(Collectors.joining(", "));
        var wanted = "sampling key: h -> ";
        assertEquals(wanted, told.apply(Scripts.run("is-required", url, table, "--json", "--sample-by", none)));
        assertEquals(
                "partition key: a % 3 -> ",
                told.apply(Scripts.run("is-required", url, table, "--json", "--partition-by", none)));
        var file = Files.writeString(folder.resolve("unsampled.json"), """
            {"table": "%s", "sampleBy": "%s"}\
            """.formatted(table, none.replace("\t", "\\t")));
        assertEquals(
                wanted, told.apply(Scripts.run("is-required", "--url", url, "--migration", file.toString(), "--json")));
        assertEquals(
                "",
                NewKeys.of(table.toString()).sampleBy(none).on(server).rewrite().sampleBy());
        Scripts.run("plan", url, table, "--sample-by", none).exits(0).says("sampling key", "becomes", "(none)");
        Scripts.run("migrate", url, table, "--sample-by", none).exits(0);
        var made = server.one("SHOW CREATE TABLE " + table.sql()).string("statement");
        assertTrue(
                made.contains("ORDER BY (a, h)") && made.contains("PARTITION BY a % 3") && !made.contains("SAMPLE"),
                made);
        Scripts.run("migrate", url, table, "--sample-by", none).exits(0);
        Scripts.run("rollback", url, table, "--sample-by", none).exits(0);
        assertTrue(server.one("SHOW CREATE TABLE " + table.sql())
                .string("statement")
                .contains("SAMPLE BY h"));
    }
}
