package rekey.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.Still;
import rekey.model.Trouble;

/// A mutation is waited for as long as it gets on.
@Tag("copy")
class AwaitedMutationsTest {
    private static Still table() {
        var still = Still.table("(k UInt64) ENGINE = MergeTree ORDER BY k", "", "k", "");
        still.execute("INSERT INTO %s SELECT number FROM numbers(100)");
        return still;
    }

    private static void delete(Still still, String condition) {
        still.execute("ALTER TABLE %s DELETE WHERE " + condition + " SETTINGS mutations_sync = 0");
    }

    /// It is not the first failure that ends the wait, and not the time alone.
    @Test
    void oneThatFailsAgainAndAgainIsNamedWithWhatToDo() {
        try (var still = table()) {
            delete(still, "throwIf(k = 7, 'never') = 1");
            var put = assertThrows(
                    Trouble.PutOff.class,
                    () -> new AwaitedMutations(still.session(), Duration.ofSeconds(3)).await(still.name, _ -> true));
            assertTrue(put.isBusy(), "it is not tried again");
            for (var word : new String[] {"fails again and again", "throwIf", "never", "KILL MUTATION WHERE database"})
                assertTrue(put.getMessage().contains(word), put::getMessage);
            var kill = put.getMessage().replaceFirst("(?s).*(KILL MUTATION .* NOT is_done)\\.$", "$1");
            still.server.execute(kill);
            new AwaitedMutations(still.session(), Duration.ofSeconds(3)).await(still.name, _ -> true);
            assertEquals(100, count(still));
        }
    }

    /// Nobody says that it fails, so it is waited for beyond that time.
    @Test
    void oneThatOnlyTakesLongIsWaitedFor() throws Exception {
        try (var still = table()) {
            still.execute("SYSTEM STOP MERGES %s");
            delete(still, "k = 7");
            var session = still.session();
            var waiting = CompletableFuture.runAsync(
                    () -> new AwaitedMutations(session, Duration.ofMillis(300)).await(still.name, _ -> true));
            Scene.await(
                    "it to be waited for",
                    () -> session.progress().snapshot().note().contains("waiting for the mutation"));
            Thread.sleep(1500);
            assertFalse(waiting.isDone(), "it was not waited for");
            still.execute("SYSTEM START MERGES %s");
            waiting.get();
            assertEquals(99, count(still));
        }
    }

    private static long count(Still still) {
        return still.server.one("SELECT count() AS n FROM " + still.name.sql()).number("n");
    }
}
