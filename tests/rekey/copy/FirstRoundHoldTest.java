package rekey.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Still;
import rekey.clickhouse.Ddl;
import rekey.model.Part;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.Entry.Event;

/// Of a table that is soon copied the target's merges wait for the end of the first round.
@Tag("copy")
class FirstRoundHoldTest {
    private static final long GIB = 1L << 30;

    private static Still table(String engine) {
        var still = Still.table(
                "(k UInt64, p UInt8) ENGINE = " + engine + " PARTITION BY p ORDER BY k", "p", "cityHash64(k), k", "");
        for (int p = 0; p < 4; p++)
            still.execute("INSERT INTO %s SELECT number, " + p + " FROM numbers(900)"); // a chunk each
        return still;
    }

    private static boolean held(Still still) {
        return MergeHold.held(still.session().catalog().table(still.target()));
    }

    /// Each attach once held them for itself: of two in a row the second found the first one's parts merged.
    @Test
    void theyAreHeldOnceAndGivenBack() {
        try (var still = table("ReplacingMergeTree")) {
            var sent = new CopyOnWriteArrayList<String>();
            var session = still.listening(sql -> {
                if (sql.startsWith("ALTER TABLE " + still.target().sql()))
                    sent.add(sql.contains("ATTACH") ? "attach" : sql);
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("backfill"));
            assertEquals(4, sent.stream().filter("attach"::equals).count(), sent::toString);
            assertEquals(MergeHold.sql(still.target()), sent.getFirst());
            assertEquals(List.of("attach", "attach", "attach", "attach"), sent.subList(1, 5), sent::toString);
            assertTrue(sent.get(5).contains("RESET SETTING " + Ddl.HOLD_MERGES), sent::toString);
            assertFalse(held(still));
            still.migrate("resume");
            assertEquals(
                    3600,
                    still.server
                            .one("SELECT count() AS n FROM " + still.name.sql())
                            .number("n"));
        }
    }

    @Test
    void whoStopsThereGivesThemBack() {
        try (var still = table("MergeTree")) {
            var session = still.session();
            session.journal().listen(e -> {
                if (e.detail() instanceof Detail.Attached) session.control().stop("enough");
            });
            assertThrows(
                    Trouble.Stopped.class,
                    () -> new Runner(session, false, List.of()).run(still.migration, Optional.of("backfill")));
            assertEquals(
                    1,
                    still.session()
                            .journal()
                            .entries(e -> e.event() == Event.ATTACHED)
                            .size());
            assertFalse(held(still));
        }
    }

    /// As long as nobody knows whether an attach has happened no merge may take its parts.
    @Test
    void whoDiesThereLeavesThemHeldAndTheNextOneGivesThemBack() {
        try (var still = table("MergeTree")) {
            var session = still.listening(sql -> {
                if (sql.contains(" ATTACH PARTITION ")) throw new Error("killed, say");
            });
            assertThrows(
                    Error.class,
                    () -> new Runner(session, false, List.of()).run(still.migration, Optional.of("backfill")));
            assertTrue(held(still));
            still.migrate("backfill");
            assertFalse(held(still));
            still.migrate("resume");
            assertEquals(
                    3600,
                    still.server
                            .one("SELECT count() AS n FROM " + still.name.sql())
                            .number("n"));
        }
    }

    /// Its parts would be too many, or the merges that are put off too long.
    @Test
    void aLargeTableIsMergedWhileItIsFilled() {
        try (var still = table("MergeTree")) {
            still.migrate("create");
            var direction = Direction.of(still.session(), Way.FORWARD, still.target());
            assertTrue(FirstRoundHold.suits(
                    still.session(), direction, List.of(part("1", GIB), part("2", GIB)), 1, false));
            assertFalse(FirstRoundHold.suits(
                    still.session(), direction, List.of(part("1", 3 * GIB), part("1", 3 * GIB)), 1, false));
            var many = java.util.stream.IntStream.range(0, 17)
                    .mapToObj(n -> part("" + n, GIB))
                    .toList();
            assertFalse(FirstRoundHold.suits(still.session(), direction, many, 1, false));
            var rows = new Part("1_1_1_0", "1", 1, 1, 0, 300_000_000, 1000, "", false);
            assertFalse(FirstRoundHold.suits(still.session(), direction, List.of(rows), 1, false), "too many blocks");
            assertFalse(
                    FirstRoundHold.suits(still.session(), direction, List.of(part("1", GIB)), 2, false),
                    "a later round");
            assertFalse(
                    FirstRoundHold.suits(still.session(), direction, List.of(part("1", GIB)), 1, true),
                    "held by the pause");
        }
    }

    private static Part part(String partition, long bytes) {
        return new Part(partition + "_1_1_0", partition, 1, 1, 0, 10, bytes, "", false);
    }
}
