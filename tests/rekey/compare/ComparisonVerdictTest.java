package rekey.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Still;
import rekey.copy.Checksum;
import rekey.copy.Direction;
import rekey.copy.Way;
import rekey.ingestion.HeldTime;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.SomeLines;
import rekey.step.Create;
import rekey.step.Verify;

@Tag("compare")
class ComparisonVerdictTest {
    /// Of a key's two rows the one table may have both and the other the last: the same DELETE leaves the older row
    /// here, and none there.
    @Test
    void aDeleteByMoreThanTheKeyMakesAComparisonOld() {
        try (var still = Still.table(
                "(a UInt64, b UInt64, s String) ENGINE = ReplacingMergeTree(b) ORDER BY a", "", "a, s", "")) {
            still.execute("INSERT INTO %s SELECT number, 1, 'old' FROM numbers(100)");
            still.migrate("verify");
            var session = still.session();
            var target = session.rewrite().target();
            var uuid = session.catalog().uuid(target).orElseThrow();
            assertEquals(
                    Optional.empty(), ComparisonVerdict.missing(session, target, uuid, ComparisonVerdict.AT_THE_SWAP));
            still.execute("ALTER TABLE %s DELETE WHERE a = 5 SETTINGS mutations_sync = 2");
            assertEquals(
                    Optional.empty(),
                    ComparisonVerdict.missing(still.session(), target, uuid, ComparisonVerdict.AT_THE_SWAP));
            still.execute("ALTER TABLE %s DELETE WHERE b = 7 SETTINGS mutations_sync = 2");
            assertTrue(ComparisonVerdict.missing(still.session(), target, uuid, ComparisonVerdict.AT_THE_SWAP)
                    .orElseThrow()
                    .contains("A mutation was made"));
        }
    }

    /// Where merges drop rows by themselves, what others dropped is known for some minutes.
    @Test
    void itLastsForMinutesWhereMergesDropRows() {
        for (var engine : List.of(
                "ReplacingMergeTree ORDER BY a",
                "MergeTree ORDER BY a TTL d + INTERVAL 9 YEAR",
                "MergeTree ORDER BY a"))
            try (var still =
                    Still.table("(a UInt64, d Date DEFAULT today()) ENGINE = " + engine, "", "cityHash64(a), a", "")) {
                still.execute("INSERT INTO %s (a) SELECT number FROM numbers(10)");
                still.migrate("verify");
                still.awaitNextSecond();
                var uuid = still.session().catalog().uuid(still.target()).orElseThrow();
                var missing = ComparisonVerdict.missing(still.session(), still.target(), uuid, Duration.ZERO);
                assertEquals(
                        !engine.equals("MergeTree ORDER BY a"),
                        missing.orElse("").contains("drop rows by themselves"),
                        engine);
            }
    }

    /// Step by step `swap` is a run of its own, and goes by what `pause` compared right before it closed the gate:
    /// of a large partition that took longer than a comparison counts, and no swap ever came.
    @Test
    void whoPausedHasComparedForTheSwap() {
        try (var still = Still.table("(a UInt64) ENGINE = ReplacingMergeTree ORDER BY a", "", "cityHash64(a), a", "")) {
            still.execute("INSERT INTO %s SELECT number FROM numbers(10)");
            var paused = still.session();
            new Runner(paused, false, List.of()).run(still.migration, Optional.of("verify"));
            still.awaitNextSecond();
            var uuid = still.session().catalog().uuid(still.target()).orElseThrow();
            assertTrue(ComparisonVerdict.missing(still.session(), still.target(), uuid, Duration.ZERO)
                    .isPresent());
            long now = HeldTime.now(still.server);
            paused.journal().append("pause", SomeLines.held("first", now, now + 30_000_000));
            assertEquals(
                    Optional.empty(), ComparisonVerdict.missing(still.session(), still.target(), uuid, Duration.ZERO));
        }
    }

    /// A row that differs is left out for a DELETE that is under way, and then that DELETE is killed: nobody has
    /// compared the row, and it stays.
    @Test
    void aDeleteThatWasLeftOutAndKilledMakesAComparisonOld() {
        try (var still =
                Still.table("(a UInt64, s String) ENGINE = MergeTree ORDER BY a", "", "cityHash64(a), a", "")) {
            still.execute("INSERT INTO %s SELECT number, 'old' FROM numbers(100)");
            still.migrate("verify");
            var target = still.target();
            var uuid = still.session().catalog().uuid(target).orElseThrow();
            still.execute("ALTER TABLE %s UPDATE s = 'altered' WHERE a = 5 SETTINGS mutations_sync = 2", target);
            still.execute("SYSTEM STOP MERGES %s");
            still.execute("ALTER TABLE %s DELETE WHERE a IN (5, 6) SETTINGS mutations_sync = 0");
            still.awaitNextSecond();
            var session = still.session();
            session.journal().append("verify", new Detail.Poisoned("partition all", Optional.empty()));
            var comparison = new JournaledComparison(
                    session, Direction.of(session, Way.FORWARD, target), ComparedShare.ALL, true);
            var result = comparison.end(comparison.all(d -> true));
            assertTrue(result.differing().isEmpty());
            assertTrue(result.notes().toString().contains("left out on both sides"), result::toString);
            assertTrue(ComparisonVerdict.poison(session).isPresent(), "what left rows out cleared a difference");
            still.execute("KILL MUTATION WHERE database = '" + still.name.database() + "' AND table = 't'");
            assertTrue(ComparisonVerdict.missing(still.session(), target, uuid, ComparisonVerdict.AT_THE_SWAP)
                    .orElse("")
                    .contains("was killed"));
        }
    }

    /// A partition of a folding table differed, and merges folded its rows before the second look.
    @Test
    void whatDifferedAndCantBeToldAnyMoreClearsNothing() {
        try (var still = Still.table("(a UInt64) ENGINE = MergeTree ORDER BY a", "", "a", "")) {
            still.migrate("verify");
            var session = still.session();
            session.journal().append("verify", new Detail.Poisoned("partition all", Optional.empty()));
            var comparison = new JournaledComparison(
                    session, Direction.of(session, Way.FORWARD, still.target()), ComparedShare.ALL, true);
            var differs = new ComparedPartition(
                    "all",
                    ComparedPartition.Verdict.DIFFERS,
                    ComparedPartition.Proof.ROWS,
                    Checksum.NONE,
                    Checksum.NONE,
                    "",
                    List.of());
            var same = new ComparedPartition(
                    "all",
                    ComparedPartition.Verdict.SAME,
                    ComparedPartition.Proof.MEANING,
                    Checksum.NONE,
                    Checksum.NONE,
                    "",
                    List.of());
            for (var second : List.of(Optional.<ComparedPartition>empty(), Optional.of(same))) {
                var looked = Verify.Looked.at(List.of(differs), c -> second);
                var told = comparison.end(looked.partitions(), looked.doubts());
                assertTrue(told.differing().isEmpty());
                assertTrue(told.notes().getFirst().contains("differed at the first look"), told.notes()::toString);
                assertTrue(ComparisonVerdict.poison(session).isPresent());
            }
        }
    }

    /// It may have compared the rows before they differed: finalize would drop the only other copy.
    @Test
    void aComparisonThatBeganBeforeADifferenceWasFoundDoesNotClearIt() {
        try (var still = Still.table("(a UInt64) ENGINE = MergeTree ORDER BY a", "", "a", "")) {
            still.run(new Create());
            var session = still.session();
            long before = HeldTime.now(still.server);
            session.journal().append("verify", new Detail.Poisoned("partition 1", Optional.empty()));
            session.journal().append("verify", SomeLines.verified(before));
            assertEquals(
                    "partition 1",
                    ComparisonVerdict.poison(session).orElseThrow().difference());
            session.journal().append("verify", SomeLines.verified(HeldTime.now(still.server)));
            assertEquals(Optional.empty(), ComparisonVerdict.poison(session));
        }
    }
}
