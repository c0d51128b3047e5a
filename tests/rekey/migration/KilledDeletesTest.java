package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.Still;
import rekey.model.Mutation;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.step.Backfill;

/// A DELETE that somebody kills, on the source or on the target.
@Tag("migration")
@Tag("slow")
class KilledDeletesTest {
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

    /// It was slow, and wrong, and its owner killed it: what it did not take there it must not take here.
    @Test
    void aDeleteThatIsKilledIsNotMade() {
        try (var still = table("ReplacingMergeTree")) {
            still.migrate("verify");
            still.execute("SYSTEM STOP MERGES %s");
            still.execute("ALTER TABLE %s DELETE WHERE a = 5 SETTINGS mutations_sync = 0");
            var session = still.session();
            var runner = CompletableFuture.runAsync(() -> new Runner(session, false, List.of()).run(new Backfill()));
            Scene.await(
                    "it to wait for the mutation",
                    () -> session.progress().snapshot().note().startsWith("waiting for the mutation"));
            still.execute("KILL MUTATION WHERE database = '" + still.name.database() + "' AND table = 't'");
            runner.join();
            still.execute("SYSTEM START MERGES %s");
            still.migrate("resume");
            assertEquals(1, count(still, "a = 5"));
        }
    }

    /// The same of rekey's own, on the target.
    @Test
    void aDeleteOfRekeyThatIsKilledIsMadeAgain() {
        try (var still = table("ReplacingMergeTree")) {
            still.migrate("verify");
            still.execute("ALTER TABLE %s DELETE WHERE a = 5 SETTINGS mutations_sync = 2");
            still.execute("SYSTEM STOP MERGES %s", still.target());
            var session = still.session();
            var run = CompletableFuture.runAsync(() -> new Runner(session, false, List.of()).run(new Backfill()));
            Scene.await(
                    "rekey's own DELETE",
                    () -> session.catalog().mutations(still.target()).stream().anyMatch(Mutation::isOurs));
            still.execute("KILL MUTATION WHERE database = '" + still.name.database() + "' AND table = '"
                    + still.target().table() + "'");
            still.execute("SYSTEM START MERGES %s", still.target());
            var putOff = assertThrows(CompletionException.class, run::join);
            assertInstanceOf(Trouble.PutOff.class, putOff.getCause());
            still.migrate("resume");
            assertEquals(0, count(still, "a = 5"));
        }
    }
}
