package rekey.clickhouse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.copy.Copier;

/// A statement reaches the server as it was written, however long it is.
@Tag("unit")
class StatementTextTest {
    /// The driver has escapes of its own: a DELETE that is made again would delete other rows.
    @Test
    void nothingIsTakenForAnEscapeOfJdbc() {
        try (var server = Labs.connect()) {
            var text = "{fn x} {d '2026-01-01'}\n\n \nend";
            assertEquals(text, server.one("SELECT " + Sql.text(text) + " AS t").string("t"));
            var name = Labs.database();
            server.execute(
                    "CREATE TABLE " + name + ".t (n UInt8, a String DEFAULT " + Sql.text(text) + ") ENGINE = Memory");
            server.execute("INSERT INTO " + name + ".t (n) VALUES (1)");
            assertEquals(text, server.one("SELECT a FROM " + name + ".t").string("a"));
        }
    }

    @Test
    void aConditionMayNameManyBlocks() {
        try (var server = Labs.connect()) {
            var condition = "number = 1" + " OR number BETWEEN 100000 AND 200000".repeat(20_000);
            assertEquals(
                    1,
                    server.query(
                                    "SELECT count() AS n FROM numbers(10) WHERE " + condition,
                                    "q-" + System.nanoTime(),
                                    Copier.READ)
                            .getFirst()
                            .number("n"));
        }
    }
}
