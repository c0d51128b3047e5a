package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.Still;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.Entry;

/// What others do to the source when it has been compared, and before it is exchanged: where merges drop rows by
/// themselves no count tells it.
@Tag("migration")
@Tag("slow")
class BehindTheComparisonTest {
    private static final String PARTITIONED =
            "(a UInt64, b String, d Date) ENGINE = %s PARTITION BY toYYYYMM(d) ORDER BY a";

    private static Still table(String engine) {
        var still = Still.table(PARTITIONED.formatted(engine), "toYYYYMM(d)", "b, a", "");
        fill(still, 0, 4000);
        return still;
    }

    private static void fill(Still still, int from, int count) {
        still.execute(
                "INSERT INTO %s (a, b, d) SELECT number, if(number % 2, 'odd', 'it''s even'), toDate('2026-01-01') +"
                        + " number % 90 FROM numbers("
                        + from + ", " + count + ")");
    }

    private static long count(Still still, String where) {
        var last = still.session().source().collapses() ? " FINAL" : "";
        return still.server
                .one("SELECT count() AS n FROM " + still.name.sql() + last + " WHERE " + where)
                .number("n");
    }

    private static String expected(Still still) {
        return still.content(still.name);
    }

    /// Its rows came back with the swap: a TTL of years was said to have taken them.
    @Test
    void aPartitionDroppedBehindTheComparisonHasNotExpired() {
        try (var still = Still.table(
                PARTITIONED.formatted("MergeTree") + " TTL d + INTERVAL 20 YEAR", "toYear(d)", "b, a", "")) {
            fill(still, 0, 2000);
            still.migrate("verify");
            still.execute("ALTER TABLE %s DROP PARTITION 202602");
            var refused = assertThrows(Trouble.Refused.class, () -> still.migrate("resume"));
            assertTrue(refused.getMessage().contains("partition 202602"), refused::getMessage);
            still.rollback();
            assertEquals(0, count(still, "toYYYYMM(d) = 202602"));
        }
    }

    /// The server forgets a part after minutes, and a round may take hours: for each part that had expired meanwhile
    /// all of both tables was compared.
    @Test
    void anExpiredPartIsToldByItsChunkWhenTheServerHasForgottenIt() {
        try (var still = Still.table(
                "(a UInt64, d Date, at DateTime) ENGINE = MergeTree PARTITION BY toYYYYMM(d) ORDER BY a TTL at +"
                        + " INTERVAL 1 DAY SETTINGS merge_with_ttl_timeout = 0, old_parts_lifetime = 1,"
                        + " cleanup_delay_period = 1, max_cleanup_delay_period = 1",
                "toYear(d)",
                "cityHash64(a), a",
                "")) {
            still.execute("SYSTEM STOP TTL MERGES %s");
            for (var values : List.of("'2026-01-05', '2020-01-01 00:00:00'", "'2026-02-05', now()"))
                still.execute("INSERT INTO %s SELECT number, " + values + " FROM numbers(100)");
            still.migrate("backfill");
            still.execute("SYSTEM START TTL MERGES %s");
            still.execute("OPTIMIZE TABLE %s PARTITION 202601 FINAL SETTINGS optimize_skip_merged_partitions = 0");
            Scene.await("the expired part to be forgotten", () -> {
                LockSupport.parkNanos(300_000_000);
                still.execute("ALTER TABLE %s DROP PARTITION 209912");
                return still.server
                                .one("SELECT count() AS n FROM system.parts WHERE partition_id = '202601' AND"
                                        + " database = '" + still.name.database() + "' AND table = 't'")
                                .number("n")
                        == 0;
            });
            still.migrate("resume");
            assertEquals(
                    List.of("expired"),
                    Entry.all(still.journal(), Detail.Dropped.class)
                            .map(Detail.Dropped::why)
                            .toList());
            assertEquals(100, count(still, "at > '2021-01-01 00:00:00'"));
        }
    }

    /// Of a chunk in which another part was carried in part, and so had not all of its rows read.
    @Test
    void aPartWithForeignNumbersBesideOneThatIsCarriedInPartStopsIt() {
        try (var still = Still.table(
                        "(a UInt64, v UInt64, d Date) ENGINE = ReplacingMergeTree(v) PARTITION BY toYYYYMM(d) ORDER BY"
                                + " a SETTINGS max_bytes_to_merge_at_max_space_in_pool = 1",
                        "toYYYYMM(d)",
                        "cityHash64(a), a",
                        "")
                .withLimits(Scene.LIMITS.withChunkRows(1_000_000))) {
            still.execute("INSERT INTO %s SELECT number, 1, toDate('2026-01-01') + number % 50 FROM numbers(1000)");
            var other = still.name.sibling("other");
            still.migrate("verify");
            still.server.execute("CREATE TABLE " + other.sql() + " AS " + still.name.sql());
            for (int n = 1; n < 4; n++)
                still.execute("INSERT INTO %s VALUES (" + (50_000 + n) + ", 1, '2026-01-03')", other);
            still.execute("OPTIMIZE TABLE %s FINAL", other);
            still.execute("INSERT INTO %s VALUES (70000, 1, '2026-02-03')");
            still.execute("OPTIMIZE TABLE %s PARTITION 202602 FINAL");
            still.execute("ALTER TABLE %s ATTACH PARTITION 202601 FROM " + other.sql());
            var wanted = expected(still);
            var refused = assertThrows(Trouble.Refused.class, () -> still.migrate("resume"));
            assertTrue(refused.getMessage().contains("foreign block numbers"), refused::getMessage);
            still.rollback();
            assertEquals(wanted, expected(still));
        }
    }

    /// Copied by day and swapped by night: all that came in between was left to the rounds behind the EXCHANGE, for
    /// under the last rounds' hold no DELETE is made, and nothing behind one is carried.
    @Test
    void aDeleteKeepsNothingBackThatCameBeforeTheHold() {
        try (var still = table("MergeTree")) {
            still.migrate("verify");
            still.execute("ALTER TABLE %s DELETE WHERE a = 5 SETTINGS mutations_sync = 2");
            fill(still, 4000, 1000);
            var there = new AtomicLong(-1);
            var session = still.listening(sql -> {
                if (sql.startsWith("RENAME")
                        && sql.endsWith(still.migration.rewrite().backup().sql())) there.set(count(still, "a >= 4000"));
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertEquals(1000, there.get(), "live in the moment of the exchange");
            assertEquals(4999, count(still, "1"));
        }
    }

    private static void forgotten(Still still) {
        Scene.await("the part to be forgotten", () -> {
            // the server looks after a table at rest ever more seldom; after each DROP PARTITION it does
            LockSupport.parkNanos(300_000_000);
            still.execute("ALTER TABLE %s DROP PARTITION 209912");
            return still.server
                            .one("SELECT count() AS n FROM system.parts WHERE partition_id = '202612' AND"
                                    + " database = '" + still.name.database() + "' AND table = 't'")
                            .number("n")
                    == 0;
        });
    }

    /// A table that is attached anew counts on from the highest block that it has: behind a DROP of that one its
    /// number is given again, and the server's start tells nothing of it.
    @Test
    void aBlockNumberThatIsGivenTwice() {
        try (var still = table("ReplacingMergeTree")) {
            still.migrate("backfill");
            still.execute("INSERT INTO %s VALUES (90000, 'x', '2026-12-03')");
            still.migrate("verify");
            still.execute("ALTER TABLE %s DROP PARTITION 202612");
            forgotten(still);
            still.execute("DETACH TABLE %s SYNC");
            still.execute("ATTACH TABLE %s");
            still.execute("INSERT INTO %s VALUES (90001, 'y', '2026-12-04')");
            var wanted = expected(still);
            var refused = assertThrows(Trouble.Refused.class, () -> still.migrate("resume"));
            assertTrue(refused.getMessage().contains("gave the block's number again"), refused::getMessage);
            still.rollback();
            assertEquals(wanted, expected(still));
        }
    }

    /// In the last moment before the exchange: there is no target any more to be copied anew, and what is said to be
    /// done brings the row.
    @Test
    void oneThatIsGivenTwiceInTheMomentOfTheExchange() {
        try (var still = table("MergeTree")) {
            still.execute("INSERT INTO %s VALUES (90000, 'x', '2026-12-03')");
            var backup = still.migration.rewrite().backup();
            var done = new AtomicBoolean();
            var session = still.listening(sql -> {
                if (!sql.startsWith("EXCHANGE TABLES") || !done.compareAndSet(false, true)) return;
                still.execute("ALTER TABLE %s DROP PARTITION 202612");
                forgotten(still);
                still.execute("DETACH TABLE %s SYNC");
                still.execute("ATTACH TABLE %s");
                still.execute("INSERT INTO %s VALUES (90001, 'y', '2026-12-04')");
            });
            var refused = assertThrows(
                    Trouble.Refused.class,
                    () -> new Runner(session, false, List.of()).run(still.migration, Optional.of("resume")));
            assertTrue(
                    refused.getMessage().contains("gave the block's number again")
                            && !refused.getMessage().contains("backfill --again"),
                    refused::getMessage);
            assertEquals(0, count(still, "a = 90001"), "vacuous: it came by itself");
            var advice = Pattern.compile("(INSERT INTO .*?); then drop that part: (ALTER .*?); then run again")
                    .matcher(refused.getMessage());
            assertTrue(advice.find(), refused::getMessage);
            still.execute(advice.group(1));
            still.execute(advice.group(2));
            // that a partition of the displaced table was dropped is said once
            assertThrows(Trouble.Refused.class, () -> still.migrate("resume"));
            still.migrate("resume");
            assertEquals(1, count(still, "a = 90001"));
            assertTrue(still.session().catalog().uuid(backup).isPresent(), "it was not swapped");
        }
    }
}
