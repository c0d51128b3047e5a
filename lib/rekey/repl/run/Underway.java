package rekey.repl.run;

import rekey.model.Trouble;
import rekey.session.Session;

/// A run in a thread of its own, so that the prompt stays usable.
public final class Underway {
    private final String what;
    private final Session session;
    private final Thread thread;
    private volatile int exitCode = 1;
    private volatile boolean over;

    /// How a run ends is told by whoever started it.
    interface Work {
        /// @return an exit code
        int run();
    }

    /// @param after is done when it is over, however it ended
    Underway(String what, Session session, Work work, Runnable after) {
        this.what = what;
        this.session = session;
        this.thread = Thread.ofPlatform().name("rekey-run").unstarted(() -> {
            try {
                exitCode = work.run();
            } finally {
                over = true;
                after.run();
            }
        });
    }

    void start() {
        thread.start();
    }

    /// In a word: `run`, `backfill`, `rollback`.
    public String what() {
        return what;
    }

    public Session session() {
        return session;
    }

    public boolean alive() {
        return !over;
    }

    /// Waits until it has ended.
    ///
    /// @return its exit code
    public int await() {
        try {
            thread.join();
            return exitCode;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("Interrupted while waiting for " + what + ".");
        }
    }
}
