package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import rekey.Scene;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.ServerError;
import rekey.compare.ComparedPartition;
import rekey.compare.ComparedShare;
import rekey.compare.ComparisonResult;
import rekey.copy.MergeHold;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Entry.Event;
import rekey.session.Session;
import rekey.step.Finalize;
import rekey.step.Verify;

/// Replicated tables whose merges fold rows, beside a writer that never pauses and sends to either host: what each
/// key says is the same on both, all the way there, back, and there again.
@Tag("slow")
@Tag("heavy")
class FoldingReplicasTest {
    private static Session session(Folding.Bed bed) {
        return bed.still().session().with(List.of(ReplicatedLab.peer(1)));
    }

    private static void migrate(Folding.Bed bed) {
        new Runner(session(bed), false, List.of()).checked().run(bed.still().migration, Optional.of("resume"));
    }

    private static void assertMergesAreFree(Folding.Bed bed) {
        for (var host : List.of(bed.still().server, bed.replicas().getFirst()))
            assertFalse(
                    MergeHold.held(new Catalog(host).table(bed.still().name)), "merges of the live table are its own");
    }

    private static void merged(Folding.Bed bed, String when) {
        bed.still().execute("OPTIMIZE TABLE %s FINAL SETTINGS alter_sync = 2");
        bed.assertSame(when + ", merged");
    }

    @ParameterizedTest
    @EnumSource(names = {"SUMMING", "AGGREGATING", "VERSIONED"})
    void thereAndBackAndThereAgainWhileRowsCome(Folding engine) throws InterruptedException {
        try (var bed = engine.replicatedBed()) {
            var still = bed.still();
            var before = still.session().source();
            bed.whileRowsCome(() -> migrate(bed));
            bed.assertSame("there");
            assertEquals(
                    "(" + engine.orderBy + ")",
                    "(" + still.session().source().keys().orderBy() + ")");
            assertMergesAreFree(bed);
            merged(bed, "there");

            bed.whileRowsCome(() -> new Runner(session(bed), false, List.of()).rollback(still.migration));
            bed.assertSame("back");
            assertEquals(before.definition(), still.session().source().definition());
            assertMergesAreFree(bed);
            merged(bed, "back");

            bed.whileRowsCome(() -> migrate(bed));
            bed.assertSame("there again");
            assertMergesAreFree(bed);
            new Runner(session(bed), false, List.of()).run(new Finalize());
            merged(bed, "final");
        }
    }

    /// A lower block may become visible behind a higher one, and these go by the order.
    @ParameterizedTest
    @EnumSource(names = {"COLLAPSING", "COALESCING"})
    void refusedWhereTheOrderDecides(Folding engine) {
        try (var bed = engine.replicatedBed()) {
            var said = assertThrows(Trouble.Refused.class, () -> migrate(bed)).getMessage();
            assertTrue(said.contains("the order of INSERTs decides"), said);
            assertTrue(said.contains("and rekey rewrites that"), said);
            assertEquals(
                    List.of(),
                    bed.still().session().catalog().tablesLike(bed.still().name.database(), "t_"));
        }
    }

    /// As the refusal says it, with the statement that stands there.
    @ParameterizedTest
    @EnumSource(names = {"COLLAPSING", "COALESCING"})
    void byHandWhileWritersRestItIsRewritten(Folding engine) {
        try (var bed = engine.replicatedBed()) {
            var said = assertThrows(Trouble.Refused.class, () -> migrate(bed)).getMessage();
            var insert = Pattern.compile("INSERT INTO [^;]*").matcher(said);
            assertTrue(insert.find(), said);
            var live = bed.still().name.sql();
            var other = bed.still().name.sibling("t_new").sql();
            var hosts = List.of(bed.still().server, bed.replicas().getFirst());
            for (var host : hosts) {
                host.execute("SYSTEM SYNC REPLICA " + live);
                host.execute("CREATE TABLE " + other + " " + engine.replicatedInNewOrder());
            }
            hosts.getFirst().execute(insert.group());
            for (var host : hosts) {
                host.execute("SYSTEM SYNC REPLICA " + other);
                host.execute("EXCHANGE TABLES " + live + " AND " + other);
            }
            bed.assertSame("there");
            merged(bed, "there");
            for (int n = 0; n < 20; n++) bed.write(bed.still().server);
            bed.assertSame("written to again");
            merged(bed, "written to again");
        }
    }

    private static Dying.Sessions copying(Folding.Bed bed, int host) {
        return (statements, lines) -> ReplicatedLab.copying(bed.still(), host, statements, lines);
    }

    private static void goesOn(Folding.Bed bed, int host, Consumer<Runner> work) {
        try (var session = copying(bed, host).open(sql -> {}, line -> {})) {
            work.accept(new Runner(session, false, List.of()));
        }
    }

    /// The runner dies, and the next one copies from the other host: each moment there, and each back.
    @ParameterizedTest
    @EnumSource(names = {"SUMMING", "VERSIONED"})
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void diesAndTheOtherHostCopiesOn(Folding engine) throws InterruptedException {
        try (var bed = engine.replicatedBed()) {
            var host = new AtomicInteger();
            var migration = bed.still().migration;
            bed.whileRowsCome(() -> {
                for (var moment : FoldingKilledTest.FORTH)
                    moment.dies(copying(bed, host.getAndIncrement() % 2), r -> r.run(migration, Optional.of("resume")));
                goesOn(bed, host.getAndIncrement() % 2, r -> r.run(migration, Optional.of("resume")));
            });
            bed.assertSame("there");
            assertMergesAreFree(bed);
            merged(bed, "there");
            bed.whileRowsCome(() -> {
                for (var moment : FoldingKilledTest.BACK)
                    moment.dies(copying(bed, host.getAndIncrement() % 2), r -> r.rollback(migration));
                goesOn(bed, host.getAndIncrement() % 2, r -> r.rollback(migration));
            });
            bed.assertSame("back");
            assertMergesAreFree(bed);
            merged(bed, "back");
        }
    }

    /// Somebody merges on the host that does not copy, and takes the hold away there: what was folded is copied
    /// anew, and merges are held again.
    @ParameterizedTest
    @EnumSource(names = {"SUMMING", "VERSIONED"})
    void mergedOnTheOtherHostMeanwhile(Folding engine) throws InterruptedException {
        try (var bed = engine.replicatedBed()) {
            var still = bed.still();
            var other = bed.replicas().getFirst();
            var once = new AtomicBoolean();
            Dying.Sessions sessions = copying(bed, 0);
            bed.whileRowsCome(() -> {
                try (var session = sessions.open(sql -> {}, line -> {
                    if (!line.is("attach", Event.ATTACHED) || once.getAndSet(true)) return;
                    other.execute("ALTER TABLE " + still.name.sql() + " RESET SETTING " + Ddl.HOLD_MERGES + ", "
                            + Ddl.FORCED_MERGES);
                    // without a word it does nothing to a partition of which a part is not fetched yet
                    Scene.await("a merge on the other host", () -> merges(other, still.name));
                })) {
                    new Runner(session, false, List.of()).run(still.migration, Optional.of("verify"));
                    assertTrue(MergeHold.held(new Catalog(other).table(still.name)), "held again on the other host");
                    new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
                }
            });
            assertTrue(once.get());
            assertTrue(
                    Entry.all(still.journal(), Detail.Dropped.class).findAny().isPresent(),
                    "what was folded was dropped");
            bed.assertSame("there");
            assertMergesAreFree(bed);
            merged(bed, "there");
        }
    }

    private static boolean merges(ClickHouse host, TableName table) {
        try {
            host.execute("OPTIMIZE TABLE " + table.sql() + " FINAL SETTINGS optimize_throw_if_noop = 1");
            return true;
        } catch (ServerError e) {
            return false;
        }
    }

    /// By the engine itself, and not by its clause: each of the two has a path of its own in Keeper.
    @ParameterizedTest
    @EnumSource(names = {"SUMMING", "AGGREGATING", "VERSIONED"})
    void whatWasMergedSinceTheSwapIsComparedByWhatItMeans(Folding engine) {
        try (var bed = engine.replicatedBed()) {
            migrate(bed);
            merged(bed, "there");
            assertEquals("same", meant(bed).verdict());
            var changed =
                    switch (engine) {
                        case SUMMING -> "bytes = bytes + 1 WHERE site = 3";
                        case AGGREGATING -> "hits = hits + 1 WHERE site = 3";
                        default -> "pages = pages + 1 WHERE who = 1";
                    };
            bed.still().execute("ALTER TABLE %s UPDATE " + changed + " SETTINGS mutations_sync = 2");
            assertEquals("differs", meant(bed).verdict());
        }
    }

    private static ComparisonResult meant(Folding.Bed bed) {
        var found = Verify.look(session(bed), ComparedShare.ALL, true);
        assertTrue(
                found.partitions().stream().anyMatch(c -> c.by() == ComparedPartition.Proof.MEANING), found::toString);
        return found;
    }

    /// Nobody comes: an attach into the target keeps no live table from its merges.
    @Test
    void killedWithinAnAttachItsGuardGivesMergesBack() {
        try (var bed = Folding.SUMMING.replicatedBed()) {
            var still = bed.still();
            Dying.at("attach", Event.INTENT)
                    .dies(copying(bed, 0), r -> r.run(still.migration, Optional.of("backfill")));
            Scene.await(
                    "merges to be given back",
                    () -> !MergeHold.held(new Catalog(still.server).table(still.name))
                            && !MergeHold.held(new Catalog(bed.replicas().getFirst()).table(still.name)));
            migrate(bed);
            bed.assertSame("there");
        }
    }

    /// By their parts' blocks, which a replicated table numbers in each partition by itself.
    @Test
    void aDeleteIsMadeOnWhatWasCarried() {
        try (var bed = Folding.VERSIONED.replicatedBed()) {
            var still = bed.still();
            new Runner(session(bed), false, List.of()).checked().run(still.migration, Optional.of("verify"));
            for (var table : List.of(still.name, bed.witness()))
                still.execute("ALTER TABLE %s DELETE WHERE session = 37 SETTINGS mutations_sync = 2", table);
            for (int n = 0; n < 30; n++) bed.write(still.server);
            migrate(bed);
            bed.assertSame("there");
        }
    }
}
