package rekey.migration;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Labs;
import rekey.Still;
import rekey.run.Runner;
import rekey.session.Session;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import static org.junit.jupiter.api.Assertions.assertEquals;

/// A table is made anew as it was made, whatever the profile of the user who migrates it says, and whatever its maker had
/// allowed at that time.
@Tag("migration")
class OtherSettingsTest {
    /// As a user whose profile has a setting.
    private static void migrate(Still still, String setting, String value) {
        try (var server = Labs.connect(Labs.shared(), "default", "", Map.of("clickhouse_setting_" + setting, value))) {
            assertEquals(value, server.one("SELECT value AS v FROM system.settings WHERE name = '" + setting + "'").string("v"), "vacuous");
            var s = still.session();
            new Runner(new Session(server, s.rewrite(), Map.of(), s.journal(), s.control(), s.progress()), false, List.of()).run(still.migration, Optional.of("resume"));
        }
    }

    private static long count(Still still, String where) {
        return still.server.one("SELECT count() AS n FROM " + still.name.sql() + " WHERE " + where).number("n");
    }

    /// A part whose rows were sorted or partitioned by the days of another time zone hides rows from queries, though every
    /// row is in it.
    @ParameterizedTest @ValueSource(strings = {"", "toYYYYMM(at)"})
    void anotherTimeZone(String partitionBy) {
        try (var still = Still.table("(id UInt64, at DateTime) ENGINE = MergeTree" + (partitionBy.isEmpty() ? "" : " PARTITION BY " + partitionBy)
                + " ORDER BY (toDate(at), id) SETTINGS index_granularity = 8", partitionBy, "toDate(at), cityHash64(id), id", "")) {
            still.execute("INSERT INTO %s SELECT number, toDateTime('2026-01-20 00:00:00', 'UTC') + number * 3600 FROM numbers(900)");
            migrate(still, "session_timezone", "America/New_York");
            for (int day = 20; day < 32; day++) assertEquals(24, count(still, "at >= '2026-01-" + day + " 00:00:00' AND at < toDateTime('2026-01-" + day + " 00:00:00') + 86400"), "of day " + day);
            assertEquals(900, count(still, "1"));
        }
    }

    @Test void columnsThatWouldBecomeNullable() {
        try (var still = Still.table("(id UInt64, name String) ENGINE = MergeTree ORDER BY id", "", "name, id", "")) {
            still.execute("INSERT INTO %s SELECT number, toString(number) FROM numbers(100)");
            migrate(still, "data_type_default_nullable", "1");
            assertEquals("String", still.session().source().columns().get(1).type());
            assertEquals(100, count(still, "1"));
        }
    }

    @Test void whatItsMakerHadAllowed() {
        try (var still = Still.table("(id UInt64, n Nested(x UInt8, y String), low LowCardinality(UInt8), f FixedString(300)) ENGINE = MergeTree ORDER BY id"
                + " SETTINGS flatten_nested = 0, allow_suspicious_low_cardinality_types = 1, allow_suspicious_fixed_string_types = 1", "", "low, id", "")) {
            still.execute("INSERT INTO %s SELECT number, [(1, 'a')], number, 'f' FROM numbers(100)");
            still.migrate("resume");
            assertEquals("Nested(x UInt8, y String)", still.session().source().columns().get(1).type());
            assertEquals(100, count(still, "low = id"));
        }
    }

    /// A constraint holds for rows that come; those that were there before it need not satisfy it.
    @Test void rowsFromBeforeAConstraint() {
        try (var still = Still.table("(id UInt64, size UInt64) ENGINE = MergeTree ORDER BY id", "", "size, id", "")) {
            still.execute("INSERT INTO %s SELECT number, number FROM numbers(200)");
            still.execute("ALTER TABLE %s ADD CONSTRAINT small CHECK size < 100");
            still.migrate("resume");
            assertEquals(200, count(still, "1"));
            assertEquals(1, still.server.query("SHOW CREATE TABLE " + still.name.sql()).stream().filter(r -> r.string("statement").contains("CONSTRAINT small CHECK size < 100")).count());
            still.rollback();
            assertEquals(200, count(still, "1"));
        }
    }
}
