package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rekey.Scene;
import rekey.Still;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Runner;

/// What is done to a table in the moment of the EXCHANGE and can't be made again on rows that are carried late: a
/// person is told, once.
@Tag("writers")
@Tag("slow")
class SaidAtTheExchangeTest {
    private static long rows(Still still, TableName table) {
        return still.server.one("SELECT count() AS n FROM " + table.sql()).number("n");
    }

    /// A row that ran through the EXCHANGE was answered, and then changed or deleted by its owner: attached behind
    /// that it was there again, or had its old value, in both tables alike. So a person is told first.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        UPDATE v = 9 WHERE a = 77 SETTINGS mutations_sync = 2                | INSERT INTO      | a mutation was made
        DELETE WHERE a IN (SELECT 77) SETTINGS mutations_sync = 2            | INSERT INTO      | a mutation was made
        DELETE WHERE a IN (SELECT 77) SETTINGS mutations_sync = 2            | ATTACH PARTITION | a mutation was made
        DROP PARTITION 1                                                     | INSERT INTO      | Partition 1 of
        """)
    void whatCantBeMadeAgainOnALateRowIsSaid(String change, String when, String said) {
        try (var still = Still.table(
                "(a UInt64, p UInt8, v UInt8) ENGINE = MergeTree PARTITION BY p ORDER BY a",
                "p",
                "cityHash64(a), a",
                "")) {
            still.execute("INSERT INTO %s SELECT number, number % 2, 0 FROM numbers(10)");
            var exchanged = new AtomicBoolean();
            var changed = new AtomicBoolean();
            var session = still.listening(sql -> {
                if (sql.startsWith("EXCHANGE") && exchanged.compareAndSet(false, true))
                    still.execute("INSERT INTO %s VALUES (77, 1, 0)");
                else if (exchanged.get()
                        && sql.contains("_staging_")
                        && sql.contains(when)
                        && changed.compareAndSet(false, true)) still.execute("ALTER TABLE %s " + change);
            });
            var refused = assertThrows(
                    Trouble.Refused.class,
                    () -> new Runner(session, false, List.of()).run(still.migration, Optional.of("resume")));
            assertTrue(refused.getMessage().contains(said), refused::getMessage);
            assertEquals(
                    0,
                    still.server
                            .one("SELECT countIf(a = 77) AS n FROM " + still.name.sql())
                            .number("n"));
            still.migrate("resume");
            assertEquals(
                    1,
                    still.server
                            .one("SELECT countIf(a = 77) AS n FROM " + still.name.sql())
                            .number("n"));
        }
    }

    /// It is made on the live table too: told as a partition that was dropped, it had people drop rows that came
    /// since.
    @Test
    void aPartitionThatADeleteEmptiedIsNotSaid() {
        try (var still = Still.table(
                "(a UInt64, p UInt8) ENGINE = MergeTree PARTITION BY p ORDER BY a", "p", "cityHash64(a), a", "")) {
            still.execute("INSERT INTO %s SELECT number, number % 2 FROM numbers(10)");
            var backup = still.migration.rewrite().backup();
            var emptied = new AtomicBoolean();
            var session = still.listening(sql -> {
                if (sql.startsWith("EXCHANGE"))
                    still.execute("ALTER TABLE %s DELETE WHERE p = 1 SETTINGS mutations_sync = 0");
                if (!sql.startsWith("RENAME") || !sql.endsWith(backup.sql())) return;
                still.execute("INSERT INTO %s VALUES (77, 1)");
                var displaced = sql.split(" ")[2].replaceAll(".*\\.|`", "");
                Scene.await(
                        "the partition to be gone",
                        () -> still.session().catalog().parts(still.name.sibling(displaced)).stream()
                                .noneMatch(part -> part.partition().equals("1")));
                emptied.set(true);
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertTrue(emptied.get());
            assertEquals(6, rows(still, still.name));
        }
    }

    /// Dropped in the moment of the EXCHANGE, it was meant for the table that is live.
    @Test
    void aPartitionOfTheDisplacedTableThatIsGoneIsSaid() {
        try (var still = Still.table(
                "(a UInt64, p UInt8) ENGINE = MergeTree PARTITION BY p ORDER BY a", "p", "cityHash64(a), a", "")) {
            still.execute("INSERT INTO %s SELECT number, number % 2 FROM numbers(10)");
            var session = still.listening(sql -> {
                if (sql.startsWith("RENAME")
                        && sql.endsWith(still.migration.rewrite().backup().sql()))
                    still.server.execute("ALTER TABLE " + sql.split(" ")[2] + " DROP PARTITION 1");
            });
            var refused = assertThrows(
                    Trouble.Refused.class,
                    () -> new Runner(session, false, List.of()).run(still.migration, Optional.of("resume")));
            assertTrue(refused.getMessage().contains("dropped or replaced"), refused::getMessage);
            still.migrate("resume");
            assertEquals(10, rows(still, still.name));
        }
    }
}
