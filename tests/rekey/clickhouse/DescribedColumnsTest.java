package rekey.clickhouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.Scene;
import rekey.Wire;
import rekey.model.TableName;

/// Columns are asked for once, and never is an old answer given for a table that was altered.
@Tag("catalog")
class DescribedColumnsTest {
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();

    private static List<String> columns(ClickHouse server, TableName name) {
        return new Catalog(server)
                .table(name).columns().stream()
                        .map(c -> c.name() + " " + c.type() + " " + c.kind() + " " + c.expression() + c.ttl())
                        .map(String::strip)
                        .toList();
    }

    private long described() {
        long n = asked.stream().filter(q -> q.startsWith("DESCRIBE TABLE")).count();
        asked.clear();
        return n;
    }

    @Test
    void askedAgainOnlyWhereTheyMayBeOthers() throws Exception {
        var lab = Labs.shared();
        try (var wire = new Wire(lab.url(), asked::add, sql -> false);
                var server = ClickHouse.connect(Endpoint.of(wire.url()))) {
            var name = new TableName(Labs.database(), "t");
            server.execute("CREATE TABLE " + name.sql()
                    + " (a UInt8, b String COMMENT 'x ENGINE = y') ENGINE = MergeTree ORDER BY a");
            // what was told is kept for seconds, and a machine may stand for as long
            Scene.await("three questions in a moment", () -> {
                asked.clear();
                var begun = System.nanoTime();
                for (int n = 0; n < 3; n++) assertEquals(List.of("a UInt8", "b String"), columns(server, name));
                return System.nanoTime() - begun < 2_000_000_000L;
            });
            assertTrue(described() <= 1, "asked again");
            server.execute("ALTER TABLE " + name.sql() + " MODIFY SETTING merge_with_ttl_timeout = 7200");
            assertEquals(2, columns(server, name).size());
            assertEquals(0, described());
            for (var change : List.of(
                    "ADD COLUMN c UInt8 DEFAULT 1", "MODIFY COLUMN c DEFAULT 2", "MODIFY COLUMN c UInt16 DEFAULT 2")) {
                server.execute("ALTER TABLE " + name.sql() + " " + change);
                var now = columns(server, name);
                assertEquals(1, described(), change);
                var text = change.replaceFirst(".*COLUMN c", "c");
                assertTrue(
                        now.getLast().contains(text.endsWith("1") ? "1" : "2")
                                && now.getLast().startsWith(change.contains("UInt16") ? "c UInt16" : "c UInt8"),
                        now::toString);
            }
            server.execute(
                    "RENAME TABLE " + name.sql() + " TO " + name.sibling("u").sql());
            server.execute("CREATE TABLE " + name.sql() + " (a String) ENGINE = MergeTree ORDER BY a");
            assertEquals(List.of("a String"), columns(server, name));
            assertEquals(3, columns(server, name.sibling("u")).size());
        }
    }

    /// In the moment of the two questions the table is altered, and then altered back: what was told is of the other
    /// definition, and is soon forgotten.
    @Test
    void whatWasToldOfAnotherDefinitionIsForgotten() throws Exception {
        var name = new TableName(Labs.database(), "t");
        var once = new AtomicBoolean(true);
        try (var own = Labs.connect();
                var wire = new Wire(
                        Labs.shared().url(),
                        sql -> {
                            if (sql.startsWith("DESCRIBE TABLE") && once.getAndSet(false))
                                own.execute("ALTER TABLE " + name.sql() + " ADD COLUMN c UInt8");
                        },
                        sql -> false);
                var server = ClickHouse.connect(Endpoint.of(wire.url()))) {
            own.execute("CREATE TABLE " + name.sql() + " (a UInt8) ENGINE = MergeTree ORDER BY a");
            assertEquals(List.of("a UInt8", "c UInt8"), columns(server, name));
            own.execute("ALTER TABLE " + name.sql() + " DROP COLUMN c");
            Scene.await("the columns as they are", () -> columns(server, name).equals(List.of("a UInt8")));
        }
    }

    /// Its text says nothing of its columns.
    @Test
    void anAliasIsAskedEachTime() throws Exception {
        try (var wire = new Wire(Labs.shared().url(), asked::add, sql -> false);
                var server = ClickHouse.connect(Endpoint.of(wire.url()))) {
            var name = new TableName(Labs.database(), "t");
            server.execute("CREATE TABLE " + name.sql() + " (a UInt8) ENGINE = MergeTree ORDER BY a");
            var alias = name.sibling("alias");
            server.execute("CREATE TABLE " + alias.sql() + " ENGINE = Alias(" + TableName.quote(name.database()) + ", "
                    + TableName.quote(name.table()) + ")");
            assertEquals(1, columns(server, alias).size());
            server.execute("ALTER TABLE " + name.sql() + " ADD COLUMN c UInt8");
            assertEquals(2, columns(server, alias).size());
        }
    }

    /// Two users may see different columns.
    @Test
    void eachUserAsksForHimself() throws Exception {
        try (var wire = new Wire(Labs.shared().url(), asked::add, sql -> false);
                var server = ClickHouse.connect(Endpoint.of(wire.url()));
                var reader =
                        ClickHouse.connect(new Endpoint(wire.url(), Labs.READER, Labs.READER, "default", Map.of()))) {
            var name = new TableName(Labs.database(), "t");
            server.execute("CREATE TABLE " + name.sql() + " (a UInt8) ENGINE = MergeTree ORDER BY a");
            for (var user : List.of(server, reader, server, reader))
                assertEquals(1, columns(user, name).size());
            assertEquals(2, described());
        }
    }
}
