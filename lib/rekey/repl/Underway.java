package rekey.repl;

import rekey.model.Trouble;
import rekey.session.Session;

/// A run in a thread of its own, so that the prompt stays usable.
public final class Underway {
    private final String what;
    private final Session session;
    private final Thread thread;
    private volatile int exitCode = -1;

    /// How a run ends is told by whoever started it.
    interface Work {
        /// @return an exit code
        int run();
    }

    Underway(String what, Session session, Work work) {
        this.what = what;
        this.session = session;
        this.thread = Thread.ofPlatform().name("rekey-run").unstarted(() -> exitCode = work.run());
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
        return thread.isAlive();
    }

    /// Waits until it has ended.
    ///
    /// @return its exit code
    public int await() {
        try {
            thread.join();
            return exitCode < 0 ? 1 : exitCode;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("Interrupted while waiting for " + what + ".");
        }
    }
}
