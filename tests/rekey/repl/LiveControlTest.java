package rekey.repl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.ChildProcess;

/// A run that goes on, told what to do from its own prompt, from another's, and left without a word.
@Tag("repl")
class LiveControlTest {
    @Test
    void thePromptStaysUsable() {
        try (var bed = new Bed(36_000);
                var at = bed.typist("--chunk-rows", "300", "--threads", "1")) {
            at.enter("threads ?").await("threads 1");
            at.clear().enter("throttle").await("Nothing runs on");
            at.clear().enter("run --yes").await("rows");
            at.clear().enter("throttle").await("The copy waits").await("throttled by the operator");
            at.clear().enter("threads 3").await("for the run that goes on too");
            at.clear().enter("threads ?").await("threads 3");
            at.clear().enter("chunk 2_000").await("chunk 2,000 rows");
            at.clear().enter("chunk ?").await("chunk 2,000 rows");
            at.clear().enter("max-held 700ms").await("max-held 700 ms from now on");
            at.clear().enter("max-held ?").await("max-held 700 ms");
            at.clear().enter("threads none").await("'none' is no number");
            at.clear().enter("nice 0.2").await("for the run that goes on too");
            at.clear().enter("nice ?").await("nice 0.2");
            at.clear().enter("nice 1").await("leaves time to get on");
            at.clear().enter("nice 0").await("for the run that goes on too");
            at.clear().enter("max-held soon").await("is no time");
            at.clear()
                    .enter("status")
                    .await("state      running by")
                    .await("left       not told: throttled by the operator");
            at.clear().enter("next").await("goes on: wait for it, or stop it first");
            at.clear().enter("migration hits_rekey").await("Can't turn to another migration");
            at.clear().enter("postpone").await("No pause and no swap");
            at.clear().enter("no-throttle").await("The copy goes on.").await("the swap is postponed");
            assertEquals("site, at", bed.key());

            at.clear().type("\003").await("Stop run? [y/N]").enter("n").await("> ");
            assertTrue(bed.server
                            .one("SELECT count() AS n FROM system.processes WHERE query_id = 'rekey-lock:" + bed.name
                                    + "'")
                            .number("n")
                    > 0);
            at.clear()
                    .type("\003")
                    .await("Stop run? [y/N]")
                    .enter("y")
                    .await("Stopping run.")
                    .await("Stopped by the operator.");
            at.clear().enter("stop").await("Nothing runs on");
            at.clear()
                    .enter("run --yes --until verify")
                    .await("> ")
                    .enter("wait")
                    .await("run has ended well");
            at.clear().enter("exit");
            assertEquals(0, at.ended());
        }
    }

    @Test
    void aRunIsStoppedByWhoLeaves() {
        try (var bed = new Bed(24_000);
                var at = bed.typist("--chunk-rows", "300")) {
            at.enter("run --yes").await("rows");
            at.clear().type("\004").await("Stop it and leave? [y/N]").enter("n");
            at.clear().enter("exit").await("Stop it and leave? [y/N]").enter("y");
            assertEquals(0, at.ended());
            assertEquals(
                    0,
                    bed.server
                            .one("SELECT count() AS n FROM system.processes WHERE query_id = 'rekey-lock:" + bed.name
                                    + "'")
                            .number("n"));
        }
    }

    @Test
    void anothersRunIsFollowedToldAndTakenOver() throws Exception {
        try (var bed = new Bed(90_000);
                var other = ChildProcess.start(MigratingProcess.class, bed.lab.url(), bed.name.database(), Bed.KEY)) {
            other.await("begun");
            try (var at = bed.typist()) {
                at.await("runs hits_rekey").await("by ");
                at.clear().enter("throttle").await("The copy waits").await("throttled by the operator");
                at.clear().enter("threads ?").await("threads 1");
                at.clear().enter("threads 2").await("for the run that goes on too");
                at.clear().enter("run --yes").await("Another runner has this table");
                at.clear().enter("detach").awaitPrompt().enter("attach").await("runs hits_rekey");
                at.clear()
                        .enter("panic")
                        .await("at once, whatever it does? stop is the clean way. [y/N]")
                        .enter("y")
                        .await("The other run has ended: failed");
                at.clear().enter("attach").await("Nothing runs on");
                at.clear().enter("status").await("ended without a word");
                at.clear().enter("run --yes --take-over --until verify").await("run has ended well");
            }
        }
    }
}
