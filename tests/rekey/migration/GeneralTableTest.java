package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Still;
import rekey.compare.ComparedShare;
import rekey.step.Backfill;
import rekey.step.Position;
import rekey.step.Verify;

/// A table that is not the guide's, with all that a definition can have, and without Kafka.
@Tag("migration")
class GeneralTableTest {
    private static final String DEFINITION = """
        (
            id UInt64 CODEC(Delta(8), ZSTD(1)),
            at DateTime('UTC') COMMENT 'it''s when, (maybe) ORDER BY nothing',
            `a name, with (all)` LowCardinality(Nullable(String)) DEFAULT if(id % 2 = 0, NULL, 'x, )'),
            size UInt32 DEFAULT id * 2,
            day Date MATERIALIZED toDate(at),
            stale String MATERIALIZED concat('v', toString(id)) CODEC(LZ4),
            shout String ALIAS upper(`a name, with (all)`),
            secret String TTL at + INTERVAL 20 YEAR,
            tags Array(String),
            m Map(String, UInt64),
            INDEX by_name `a name, with (all)` TYPE bloom_filter(0.02) GRANULARITY 2,
            INDEX by_size size TYPE minmax GRANULARITY 1,
            CONSTRAINT positive CHECK size < 1000000000,
            PROJECTION per_day (SELECT toDate(at), count(), sum(size) GROUP BY toDate(at))
        )
        ENGINE = MergeTree PARTITION BY toYYYYMM(at) ORDER BY (at, id) TTL at + INTERVAL 30 YEAR
        SETTINGS index_granularity = 1024, min_bytes_for_wide_part = 0, merge_with_ttl_timeout = 7200
        COMMENT 'a table, ''quoted'''\
        """;

    private static Still table() {
        var still = Still.table(DEFINITION, "toYYYYMMDD(at)", "cityHash64(id), at, id", "cityHash64(id)");
        for (int n = 0; n < 3; n++)
            still.execute("INSERT INTO %s (id, at, secret, tags, m) SELECT number + " + n * 1000
                    + ", toDateTime('2026-01-29 00:00:00', 'UTC') + number * 600, "
                    + "'s' || toString(number), [toString(number), 'b'], map('k', number) FROM numbers(1000)");
        // what is stored need no longer be what the expression would give now: it must be copied and not computed
        still.execute("ALTER TABLE %s MODIFY COLUMN stale String MATERIALIZED 'now another' CODEC(LZ4)");
        still.execute("ALTER TABLE %s MODIFY COLUMN size UInt32 DEFAULT id * 3");
        return still;
    }

    private static String definition(Still still) {
        return still.server.one("SHOW CREATE TABLE " + still.name.sql()).string("statement");
    }

    @Test
    void allButItsKeysStays() {
        try (var still = table()) {
            var before = definition(still);
            var rows = still.content(still.name);
            still.migrate("resume");
            assertEquals(rows, still.content(still.name));
            var wanted = before.replace("PARTITION BY toYYYYMM(at)", "PARTITION BY toYYYYMMDD(at)")
                    .replace("ORDER BY (at, id)", "ORDER BY (cityHash64(id), at, id)\nSAMPLE BY cityHash64(id)");
            assertEquals(
                    sorted(wanted),
                    sorted(definition(still).replaceAll(", " + OURS, "").replaceAll(OURS + ", ", "")));
            assertEquals(
                    0,
                    still.server
                            .one("SELECT count() AS n FROM " + still.name.sql()
                                    + " WHERE stale = 'now another' OR size != id * 2")
                            .number("n"));
            still.execute("INSERT INTO %s (id, at) VALUES (5000, '2026-02-03 00:00:00')");
            assertEquals(
                    "now another 15000",
                    still.server
                            .one("SELECT stale || ' ' || toString(size) AS v FROM " + still.name.sql()
                                    + " WHERE id = 5000")
                            .string("v"));
            var after = still.content(still.name);
            still.rollback();
            assertEquals(before, definition(still));
            assertEquals(after, still.content(still.name));
            assertInstanceOf(Position.NotBegun.class, Position.of(still.session()));
        }
    }

    /// A table's SETTINGS stand in no order.
    private static String sorted(String definition) {
        int at = definition.indexOf("SETTINGS "), end = definition.indexOf("\nCOMMENT");
        var settings = definition.substring(at + 9, end).split(", ");
        java.util.Arrays.sort(settings);
        return definition.substring(0, at + 9) + String.join(", ", settings) + definition.substring(end);
    }

    @Test
    void anEmptyTable() {
        try (var still = Still.table("(a UInt64, b String) ENGINE = MergeTree ORDER BY a", "", "b, a", "")) {
            still.migrate("optimize");
            assertEquals("b, a", still.session().source().keys().orderBy());
            still.execute("INSERT INTO %s VALUES (1, 'x')");
            still.rollback();
            assertEquals("a", still.session().source().keys().orderBy());
            assertEquals(
                    1,
                    still.server
                            .one("SELECT count() AS n FROM " + still.name.sql())
                            .number("n"));
        }
    }

    private static final String OURS =
            "(enable_block_number_column = 1|finished_mutations_to_keep = 0|materialize_ttl_recalculate_only = 1)";

    /// The owner had set what rekey changes for a time.
    @Test
    void theOwnersSettingsComeBack() {
        try (var still = Still.table(
                "(a UInt64, b String) ENGINE = MergeTree ORDER BY a SETTINGS max_bytes_to_merge_at_max_space_in_pool ="
                        + " 12345678, finished_mutations_to_keep = 7, min_age_to_force_merge_seconds = 86400,"
                        + " enable_block_number_column = 0",
                "",
                "b, a",
                "")) {
            still.execute("INSERT INTO %s SELECT number, 'x' FROM numbers(100)");
            var before = definition(still);
            still.migrate("swap");
            still.rollback();
            assertEquals(sortedSettings(before), sortedSettings(definition(still)));
            still.migrate("resume");
            assertEquals(
                    "12345678", still.session().source().settings().get("max_bytes_to_merge_at_max_space_in_pool"));
            assertEquals("86400", still.session().source().settings().get("min_age_to_force_merge_seconds"));
        }
    }

    private static String sortedSettings(String definition) {
        return sorted(definition + "\nCOMMENT");
    }

    /// Columns that are called as a query might call what it computes, or as SQL's own words: an alias wins over a
    /// column.
    @ParameterizedTest
    @ValueSource(strings = {"MergeTree", "ReplacingMergeTree(n)"})
    void columnsNamedAsAnybodysAliases(String engine) {
        var names = List.of(
                "h",
                "k",
                "m",
                "n",
                "s",
                "x",
                "a",
                "b",
                "hs",
                "key",
                "kind",
                "side",
                "rows",
                "sum",
                "bits",
                "count",
                "partition",
                "part",
                "from",
                "to",
                "select",
                "where",
                "now",
                "v",
                "r");
        var columns = names.stream().map(name -> "`" + name + "` UInt64").collect(Collectors.joining(", "));
        try (var still = Still.table(
                "(" + columns + ") ENGINE = " + engine + " PARTITION BY `partition` % 3 ORDER BY (k, `from`)",
                "part % 2",
                "cityHash64(rows), k, `from`, sum",
                "cityHash64(rows)")) {
            var values = IntStream.range(0, names.size())
                    .mapToObj(i -> "number * " + (i + 1))
                    .collect(Collectors.joining(", "));
            still.execute("INSERT INTO %s SELECT " + values + " FROM numbers(2000)");
            var rows = still.content(still.name);
            still.migrate("backfill");
            still.execute("ALTER TABLE %s UPDATE bits = 1 WHERE k = 84 SETTINGS mutations_sync = 2", still.target());
            assertEquals(
                    "different (84,798)",
                    Verify.look(still.session(), ComparedShare.ALL, false)
                            .differing()
                            .getFirst()
                            .keys()
                            .getFirst()
                            .toString());
            still.undo(new Backfill());
            still.migrate("resume");
            assertEquals(rows, still.content(still.name));
            still.rollback();
            assertEquals(rows, still.content(still.name));
        }
    }
}
