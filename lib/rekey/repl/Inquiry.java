package rekey.repl;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import rekey.model.Trouble;
import rekey.run.Amounts;

/// A question that only looks, and that a slow server or a Kafka that is away may answer late: the line at the bottom says
/// so, unless a run has it for itself, and Ctrl-C leaves it.
final class Inquiry {
    private static final long FIRST = 700, EVERY = 400;

    private Inquiry() { }

    /// In a pipe nobody can leave.
    static <T> T answered(Shell shell, Supplier<T> question) {
        if (!shell.screen().interactive()) return question.get();
        var begun = Instant.now();
        var answer = new FutureTask<T>(question::get);
        // a virtual thread, for its reading from a socket ends when it is interrupted
        var thread = Thread.ofVirtual().name("rekey-inquiry").unstarted(answer);
        try (var _ = shell.onInterrupt(() -> answer.cancel(true))) {
            thread.start();
            return awaited(shell, answer, begun);
        } catch (CancellationException e) {
            throw new Trouble.Stopped("Left after " + Amounts.time(Duration.between(begun, Instant.now())) + ", without an answer; nothing was changed.");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) throw error;
            throw e.getCause() instanceof RuntimeException told ? told : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("Interrupted while an answer was awaited.");
        }
    }

    private static <T> T awaited(Shell shell, FutureTask<T> answer, Instant begun) throws InterruptedException, ExecutionException {
        boolean drawn = false;
        try {
            for (long patience = FIRST; ; patience = EVERY)
                try {
                    return answer.get(patience, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    if (shell.underway().isPresent()) continue;
                    shell.screen().status(List.of("asked " + Amounts.time(Duration.between(begun, Instant.now())) + " ago  Ctrl-C leaves it"));
                    drawn = true;
                }
        } finally {
            if (drawn) shell.screen().status(List.of());
        }
    }
}
