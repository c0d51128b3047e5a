package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Scene;
import rekey.Still;
import rekey.compare.ComparedPartition;
import rekey.compare.ComparedShare;
import rekey.copy.Direction;
import rekey.copy.MergeHold;
import rekey.copy.UnmergedParts;
import rekey.copy.VoidedCopies;
import rekey.copy.Way;
import rekey.model.Part;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Entry.Event;
import rekey.step.Backfill;
import rekey.step.Create;
import rekey.step.Position;
import rekey.step.Verify;

/// Where merges fold rows, what was carried is told by parts whose merges are held: as long as they are, and when
/// they were not.
@Tag("engines")
@Order(Integer.MAX_VALUE - 3)
@Tag("slow")
class UnmergedPartsTest {
    private static boolean held(Folding.Bed bed, TableName table) {
        return MergeHold.held(bed.still().session().catalog().table(table));
    }

    /// In place of a kill -9 at an exact line of the journal.
    private static final class Dead extends RuntimeException {}

    /// Dies behind the first chunk that was attached.
    private static void die(Still still) {
        var session = still.session();
        session.journal().listen(e -> {
            if (e.event() == Event.ATTACHED) throw new Dead();
        });
        assertThrows(
                Dead.class, () -> new Runner(session, false, List.of()).run(still.migration, Optional.of("backfill")));
    }

    private static long voided(Still still) {
        return still.session()
                .journal()
                .entries(e -> e.detail() instanceof Detail.Dropped d && VoidedCopies.folded(d))
                .size();
    }

    /// The hold stands in the definition, so what was carried is still told when the next runner comes.
    @Test
    void killedInTheCopyItGoesOnWithWhatWasCarried() {
        try (var bed = Folding.SUMMING.bed()) {
            var still = bed.still().withLimits(Scene.LIMITS.withChunkRows(100));
            die(still);
            assertTrue(held(bed, still.name), "a runner that dies gives nothing back");
            // its guard gives merges back after some seconds, and a busy machine takes longer to begin the next run
            still.execute("SYSTEM STOP MERGES %s");
            still.execute("SYSTEM STOP MERGES %s", still.target());
            bed.write(still.server);
            still.migrate("resume");
            assertEquals(0, voided(still), "nothing was merged, so nothing is copied twice");
            bed.assertSame("there");
        }
    }

    /// Nobody comes: the guard of the one that died gives merges back, and what they fold is copied anew.
    @Test
    void killedForGoodItsGuardGivesMergesBack() {
        try (var bed = Folding.SUMMING.bed()) {
            var still = bed.still().withLimits(Scene.LIMITS.withChunkRows(100));
            die(still);
            Scene.await("merges to be given back", () -> !held(bed, still.name));
            still.execute("OPTIMIZE TABLE %s FINAL");
            bed.write(still.server);
            still.migrate("resume");
            assertTrue(voided(still) > 0);
            bed.assertSame("there");
        }
    }

    /// An attach that is open is told by the target's parts: it keeps the live table's merges from nobody.
    @Test
    void killedWithinAnAttachToo() {
        try (var bed = Folding.SUMMING.bed()) {
            var still = bed.still().withLimits(Scene.LIMITS.withChunkRows(100));
            var session = still.session();
            session.journal().listen(e -> {
                if (e.step().equals("attach") && e.event() == Event.INTENT) throw new Dead();
            });
            assertThrows(
                    Dead.class,
                    () -> new Runner(session, false, List.of()).run(still.migration, Optional.of("backfill")));
            assertTrue(held(bed, still.name), "vacuous: merges were not held");
            Scene.await("merges to be given back", () -> !held(bed, still.name));
            still.migrate("resume");
            bed.assertSame("there");
        }
    }

    /// Another runner has taken over, and holds merges for the attach that it has under way.
    @Test
    void whoWasTakenOverLeavesThemHeld() {
        try (var bed = Folding.SUMMING.bed()) {
            var still = bed.still().withLimits(Scene.LIMITS.withChunkRows(100));
            var session = still.session();
            session.journal().listen(e -> {
                if (e.event() != Event.ATTACHED) return;
                session.control().successor(() -> Optional.of("another"));
                throw new Trouble.Stopped("taken over, say");
            });
            assertThrows(
                    Trouble.Stopped.class,
                    () -> new Runner(session, false, List.of()).run(still.migration, Optional.of("backfill")));
            assertTrue(held(bed, still.name), "they are given back under the other one");
        }
    }

    /// Of a chunk that was copied beside a DELETE the journal has no parts.
    @Test
    void aPartInWhichCarriedBlocksAndOthersAreOneIsMerged() {
        try (var bed = Folding.SUMMING.bed()) {
            var still = bed.still();
            still.migrate("backfill");
            var session = still.session();
            var direction = Direction.of(session, Way.FORWARD, still.target());
            var journal = session.journal().entries().stream()
                    .map(e -> e.detail() instanceof Detail.Attaching a ? withoutParts(e, a) : e)
                    .toList();
            var parts = session.catalog().parts(still.name);
            assertEquals(Set.of(), UnmergedParts.merged(journal, direction, parts));
            var some = parts.getFirst();
            var merged = new Part("x", some.partition(), some.minBlock(), 1_000_000, some.level() + 1, 1, 1, "", false);
            assertEquals(Set.of(some.partition()), UnmergedParts.merged(journal, direction, List.of(merged)));
        }
    }

    private static Entry withoutParts(Entry e, Detail.Attaching a) {
        return new Entry(
                e.at(),
                e.runner(),
                e.number(),
                e.step(),
                new Detail.Attaching(a.chunk(), a.parts(), Optional.empty(), a.columns(), a.sums()));
    }

    /// The backfill was another run's, and so was its guard.
    @Test
    void killedBehindTheBackfillOfAnotherRun() {
        try (var bed = Folding.SUMMING.bed()) {
            var still = bed.still();
            still.migrate("backfill");
            Scene.await("merges to be given back", () -> !held(bed, still.name));
            var dead = new AtomicBoolean();
            var session = still.listening(sql -> {
                if (held(bed, still.name) && !dead.getAndSet(true)) throw new Dead();
            });
            assertThrows(
                    Dead.class,
                    () -> new Runner(session, false, List.of()).run(still.migration, Optional.of("verify")));
            assertTrue(held(bed, still.name), "vacuous: merges were not held again");
            Scene.await("merges to be given back", () -> !held(bed, still.name));
        }
    }

    /// All sessions of a month are cancelled on the live table, and a merge leaves nothing of its parts: back on the
    /// old table there is nothing of them either.
    @Test
    void mergedToNothingSinceTheSwapItIsNothingBackToo() {
        try (var bed = Folding.COLLAPSING.bed()) {
            var still = bed.still();
            still.migrate("resume");
            for (var table : List.of(still.name, bed.witness()))
                still.execute(
                        "INSERT INTO %s SELECT who, session, at, pages, toInt8(-1) FROM (SELECT who, session, at,"
                                + " pages, sum(sign) AS n FROM " + bed.witness().sql()
                                + " WHERE toYYYYMM(at) = 202602 GROUP BY ALL HAVING n > 0)",
                        table);
            still.execute("OPTIMIZE TABLE %s FINAL");
            assertEquals(
                    0,
                    still.session().catalog().parts(still.name).stream()
                            .filter(p -> p.partition().equals("202602"))
                            .mapToLong(p -> p.rows())
                            .sum(),
                    "vacuous: something is left of it");
            for (var table : List.of(still.name, bed.witness()))
                still.execute("INSERT INTO %s VALUES (9, 9000, '2026-02-03', 5, 1)", table);
            still.rollback();
            assertNothingLeft(bed);
            still.execute("OPTIMIZE TABLE %s FINAL");
            assertNothingLeft(bed);
            still.migrate("resume");
            assertNothingLeft(bed);
        }
    }

    /// Sessions that are cancelled stand in the witness with sums of zero.
    private static void assertNothingLeft(Folding.Bed bed) {
        for (var last : List.of("", " FINAL"))
            assertEquals(left(bed.says(bed.witness(), "")), left(bed.says(bed.still().name, last)));
    }

    private static String left(String said) {
        return said.replaceAll("\\(\\d+,\\d+,0,0\\),?", "").replace(",]", "]");
    }

    /// A part of several is gone, as where a merge of two left nothing: what was copied of its partition is void.
    @Test
    void aPartOfSeveralThatIsGoneSinceTheSwap() {
        try (var bed = Folding.COLLAPSING.bed()) {
            var still = bed.still().withLimits(Scene.LIMITS.withChunkRows(100));
            var session = still.listening(sql -> {
                if (sql.startsWith("EXCHANGE")) still.execute("SYSTEM STOP MERGES %s", still.target());
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            var live = still.session().catalog().parts(still.name).stream()
                    .filter(p -> p.partition().equals("202602"))
                    .toList();
            assertTrue(live.size() > 1, "vacuous: its partition is one part");
            still.execute("ALTER TABLE %s DROP PART '" + live.getLast().name() + "'");
            still.execute("SYSTEM START MERGES %s");
            var left = bed.says(still.name, "");
            still.rollback();
            assertEquals(left, bed.says(still.name, ""));
            assertTrue(voided(still) > 0);
        }
    }

    /// A row that somebody wrote to the backup by its name is in no other table: it is not dropped with what is
    /// void.
    @Test
    void whatSomebodyWroteIsNotDropped() {
        try (var bed = Folding.SUMMING.bed()) {
            var still = bed.still();
            still.migrate("resume");
            bed.write(still.server);
            still.execute("OPTIMIZE TABLE %s FINAL");
            var backup = still.migration.rewrite().backup();
            var session = still.session();
            session.journal().listen(e -> {
                if (VoidedCopies.is(e))
                    still.execute(
                            "INSERT INTO %s SELECT * FROM " + bed.witness().sql() + " LIMIT 1", backup);
            });
            var refused = assertThrows(
                    Trouble.Refused.class, () -> new Runner(session, false, List.of()).rollback(still.migration));
            assertTrue(refused.getMessage().contains("was not brought by rekey"), refused.getMessage());
            bed.assertSame("there");
        }
    }

    /// An OPTIMIZE merges in spite of the hold: rows that were carried are one row with rows that were not.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatWasMergedMeanwhileIsCopiedAnew(boolean ofTheSource) {
        try (var bed = Folding.SUMMING.bed()) {
            var still = bed.still().withLimits(Scene.LIMITS.withChunkRows(100));
            die(still);
            bed.write(still.server);
            var merged = ofTheSource ? still.name : still.target();
            still.execute("OPTIMIZE TABLE %s FINAL", merged);
            still.migrate("resume");
            assertTrue(voided(still) > 0);
            bed.assertSame("there");
            still.rollback();
            bed.assertSame("back");
        }
    }

    /// What runs out of control is refused at last.
    @Test
    void oneWhoMergesAgainAndAgainIsNamed() {
        try (var bed = Folding.SUMMING.bed()) {
            var still = bed.still();
            var session = still.session();
            session.journal().listen(e -> {
                if (e.event() != Event.ATTACHED) return;
                bed.write(still.server); // a part that stands alone is not merged again
                still.execute("OPTIMIZE TABLE %s FINAL");
            });
            var refused = assertThrows(
                    Trouble.Refused.class,
                    () -> new Runner(session, false, List.of()).run(still.migration, Optional.of("resume")));
            assertTrue(refused.getMessage().contains("though merges are held"), refused.getMessage());
            assertInstanceOf(Position.Created.class, Position.of(still.session()));
            assertFalse(held(bed, still.name), "a run that ends gives merges back");
            still.rollback();
            bed.assertSame("back");
        }
    }

    /// Stopped, merges go on: what they fold is copied anew.
    @Test
    void stoppedItGivesMergesBack() {
        try (var bed = Folding.COLLAPSING.bed()) {
            var still = bed.still().withLimits(Scene.LIMITS.withChunkRows(20));
            var session = still.session();
            session.journal().listen(e -> {
                if (e.event() == Event.ATTACHED) session.control().stop("enough");
            });
            assertThrows(
                    Trouble.Stopped.class,
                    () -> new Runner(session, false, List.of()).run(still.migration, Optional.of("backfill")));
            assertFalse(held(bed, still.name));
            bed.write(still.server);
            still.execute("OPTIMIZE TABLE %s FINAL");
            still.migrate("resume");
            assertTrue(voided(still) > 0);
            bed.assertSame("there");
        }
    }

    /// Parts pile up under a hold.
    @Test
    void mergesAreGivenBackBeforeInsertsAreDelayed() {
        try (var bed = Folding.SUMMING.bed()) {
            var still = bed.still();
            still.execute("OPTIMIZE TABLE %s FINAL");
            still.execute("ALTER TABLE %s MODIFY SETTING parts_to_delay_insert = 40, parts_to_throw_insert = 50");
            var session = still.session();
            session.journal().listen(e -> {
                if (e.is(Event.ROUND)
                        && session.journal().last(x -> x.step().equals("full")).isEmpty())
                    for (int i = 0; i < 22; i++) bed.write(still.server);
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertTrue(session.journal().last(x -> x.step().equals("full")).isPresent(), "vacuous");
            bed.assertSame("there");
        }
    }

    /// Held on both sides all rows are compared, so what cancels out in sums is found, too.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ALTER TABLE %s DELETE WHERE site = 3 AND path = '3'
        INSERT INTO %s SELECT * FROM %s WHERE site = 3 AND path = '3'
        ALTER TABLE %s UPDATE bytes = bytes + 1 WHERE site = 3 AND path = '3'
        ALTER TABLE %s UPDATE bytes = bytes + if(site = 3, 1, -1) WHERE site IN (3, 4)
        ALTER TABLE %s UPDATE hits = 0, bytes = 0 WHERE site = 3 AND path = '3'
        """)
    void aDifferenceIsFound(String error) {
        try (var bed = Folding.SUMMING.bed()) {
            var still = bed.still();
            still.run(new Create());
            still.run(new Backfill());
            var sql = error.replace("%s", still.target().sql());
            still.server.execute(sql + (sql.startsWith("ALTER") ? " SETTINGS mutations_sync = 2" : ""));
            var found = Verify.look(still.session(), ComparedShare.ALL, false);
            assertEquals("differs", found.verdict());
            assertThrows(Trouble.Refused.class, () -> still.migrate("swap"));
        }
    }

    /// Nothing was altered, so nothing is found.
    @Test
    void whatIsEqualIsKnownByItsParts() {
        try (var bed = Folding.SUMMING.bed()) {
            bed.still().run(new Create());
            bed.still().run(new Backfill());
            var found = Verify.look(bed.still().session(), ComparedShare.ALL, false);
            assertEquals("same", found.verdict());
            assertTrue(
                    found.partitions().stream().allMatch(c -> c.by() == ComparedPartition.Proof.PARTS),
                    found::toString);
            bed.still().migrate("resume");
            assertEquals(
                    "same",
                    Verify.look(bed.still().session(), ComparedShare.ALL, true).verdict());
            bed.write(bed.still().server);
            bed.still().execute("OPTIMIZE TABLE %s FINAL");
            var later = Verify.look(bed.still().session(), ComparedShare.ALL, false);
            assertEquals("same", later.verdict());
            assertTrue(later.notes().toString().contains("can't be compared any more"), later::toString);
        }
    }
}
