package rekey.run;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/// Draws in a thread of its own, one thing after the other: a run that has something to tell must not wait for a
/// terminal that was stopped with Ctrl-S, or for a reader that asks a slow server what to complete, least of all
/// while ingestion is held.
public final class DrawingThread implements AutoCloseable {
    private static final Duration LAST_LINES = Duration.ofSeconds(1);

    private final ExecutorService one = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("rekey-pen").factory());

    /// When it is its turn. What comes after the end is not drawn; and of a drawing that fails, as on a terminal
    /// that has been closed, nobody can be told.
    public void later(Runnable drawing) {
        try {
            one.submit(drawing);
        } catch (RejectedExecutionException e) {
            return;
        }
    }

    /// When all before it was drawn, and until then the caller waits.
    public void now(Runnable drawing) {
        try {
            one.submit(drawing).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException("The terminal can't be written to.", e.getCause());
        }
    }

    /// Draws nothing until this is closed: the screen is another's.
    public Pause pause() {
        var over = new CountDownLatch(1);
        later(() -> {
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return over::countDown;
    }

    public interface Pause extends AutoCloseable {
        @Override
        void close();
    }

    /// What is still to be drawn is, if the terminal takes it soon.
    @Override
    public void close() {
        one.shutdown();
        try {
            if (!one.awaitTermination(LAST_LINES.toMillis(), TimeUnit.MILLISECONDS)) one.shutdownNow();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
