package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Labs;
import rekey.Still;
import rekey.clickhouse.ClickHouse;
import rekey.run.Runner;
import rekey.session.Journal;
import rekey.session.Session;

/// A table is made anew as it was made, whatever the profile of the user who migrates it says, and whatever its
/// maker had allowed at that time.
@Tag("migration")
class OtherSettingsTest {
    /// As a user whose profile has a setting.
    private static void migrate(Still still, String setting, String value) {
        try (var server = Labs.connect(Labs.shared(), "default", "", Map.of("clickhouse_setting_" + setting, value))) {
            assertEquals(
                    value,
                    server.asGiven()
                            .one("SELECT value AS v FROM system.settings WHERE name = '" + setting + "'")
                            .string("v"),
                    "vacuous");
            migrate(still, server);
        }
    }

    private static void migrate(Still still, ClickHouse server) {
        var s = still.session();
        var journal = new Journal(server, s.rewrite().journal(), still.migration.name(), "colleague", Optional.empty());
        new Runner(new Session(server, s.rewrite(), Map.of(), journal, s.control(), s.progress()), false, List.of())
                .run(still.migration, Optional.of("resume"));
    }

    /// A colleague goes on whose profile cuts answers short: of the journal, and of the list of parts, all must be
    /// read all the same, or what was carried is carried again, and what is there counts as gone.
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"limit, 1", "offset, 1", "additional_table_filters, \"{'system.parts': 'rows > 100'}\""})
    void answersThatAreCutShort(String setting, String value) {
        try (var still = Still.table(
                "(id UInt64, day UInt8) ENGINE = ReplacingMergeTree PARTITION BY day ORDER BY id",
                "day",
                "cityHash64(id), id",
                "")) {
            for (int day = 0; day < 3; day++)
                still.execute("INSERT INTO %s SELECT number, " + day + " FROM numbers(1500)");
            still.migrate("backfill");
            still.execute("INSERT INTO %s SELECT 10000 + number, 1 FROM numbers(50)");
            try (var server =
                    Labs.connect(Labs.shared(), "default", "", Map.of("clickhouse_setting_" + setting, value))) {
                var parts = "SELECT name FROM system.parts WHERE active AND database = '" + still.name.database()
                        + "' ORDER BY table, name";
                assertNotEquals(still.server.query(parts), server.asGiven().query(parts), "vacuous");
                migrate(still, server);
            }
            assertEquals("cityHash64(id), id", still.session().source().keys().orderBy());
            assertEquals(4550, count(still, "1"));
            still.rollback();
            assertEquals(4550, count(still, "1"));
        }
    }

    /// A guard against a slip of the hand, 50 GB by default, is not meant for rekey's own tables.
    @Test
    void tablesLargerThanMayBeDropped() {
        try (var still = Still.table("(id UInt64) ENGINE = MergeTree ORDER BY id", "", "cityHash64(id), id", "")) {
            still.execute("INSERT INTO %s SELECT number FROM numbers(5000)");
            migrate(still, "max_table_size_to_drop", "1");
            assertEquals(5000, count(still, "1"));
            assertEquals(
                    List.of(),
                    still.session()
                            .catalog()
                            .tablesLike(
                                    still.name.database(),
                                    still.migration.rewrite().stagingPrefix()));
        }
    }

    private static long count(Still still, String where) {
        return still.server
                .one("SELECT count() AS n FROM " + still.name.sql() + " WHERE " + where)
                .number("n");
    }

    /// A part whose rows were sorted or partitioned by the days of another time zone hides rows from queries, though
    /// every row is in it.
    @ParameterizedTest
    @ValueSource(strings = {"", "toYYYYMM(at)"})
    void anotherTimeZone(String partitionBy) {
        try (var still = Still.table(
                "(id UInt64, at DateTime) ENGINE = MergeTree"
                        + (partitionBy.isEmpty() ? "" : " PARTITION BY " + partitionBy)
                        + " ORDER BY (toDate(at), id) SETTINGS index_granularity = 8",
                partitionBy,
                "toDate(at), cityHash64(id), id",
                "")) {
            still.execute("INSERT INTO %s SELECT number, toDateTime('2026-01-20 00:00:00', 'UTC') + number * 3600 FROM"
                    + " numbers(900)");
            migrate(still, "session_timezone", "America/New_York");
            for (int day = 20; day < 32; day++)
                assertEquals(
                        24,
                        count(
                                still,
                                "at >= '2026-01-" + day + " 00:00:00' AND at < toDateTime('2026-01-" + day
                                        + " 00:00:00') + 86400"),
                        "of day " + day);
            assertEquals(900, count(still, "1"));
        }
    }

    @Test
    void columnsThatWouldBecomeNullable() {
        try (var still = Still.table("(id UInt64, name String) ENGINE = MergeTree ORDER BY id", "", "name, id", "")) {
            still.execute("INSERT INTO %s SELECT number, toString(number) FROM numbers(100)");
            migrate(still, "data_type_default_nullable", "1");
            assertEquals("String", still.session().source().columns().get(1).type());
            assertEquals(100, count(still, "1"));
        }
    }

    @Test
    void whatItsMakerHadAllowed() {
        try (var still = Still.table(
                "(id UInt64, n Nested(x UInt8, y String), low LowCardinality(UInt8), f FixedString(300)) ENGINE ="
                    + " MergeTree ORDER BY id SETTINGS flatten_nested = 0, allow_suspicious_low_cardinality_types = 1,"
                    + " allow_suspicious_fixed_string_types = 1",
                "",
                "low, id",
                "")) {
            still.execute("INSERT INTO %s SELECT number, [(1, 'a')], number, 'f' FROM numbers(100)");
            still.migrate("resume");
            assertEquals(
                    "Nested(x UInt8, y String)",
                    still.session().source().columns().get(1).type());
            assertEquals(100, count(still, "low = id"));
        }
    }

    /// A constraint holds for rows that come; those that were there before it need not satisfy it.
    @Test
    void rowsFromBeforeAConstraint() {
        try (var still = Still.table("(id UInt64, size UInt64) ENGINE = MergeTree ORDER BY id", "", "size, id", "")) {
            still.execute("INSERT INTO %s SELECT number, number FROM numbers(200)");
            still.execute("ALTER TABLE %s ADD CONSTRAINT small CHECK size < 100");
            still.migrate("resume");
            assertEquals(200, count(still, "1"));
            assertEquals(
                    1,
                    still.server.query("SHOW CREATE TABLE " + still.name.sql()).stream()
                            .filter(r -> r.string("statement").contains("CONSTRAINT small CHECK size < 100"))
                            .count());
            still.rollback();
            assertEquals(200, count(still, "1"));
        }
    }
}
