package rekey.repl.context;

import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import rekey.clickhouse.Peer;
import rekey.migration.Migration;
import rekey.model.Trouble;
import rekey.run.Orders;
import rekey.run.RunLock;
import rekey.session.Session;

/// The run that this session does, in a thread of its own so that the prompt stays usable, and another process' that
/// it looks on at.
public final class SessionRuns {
    private final Dialogue dialogue;
    private volatile Own own;
    private volatile RunFollower following;
    private volatile Runnable changed = () -> {};

    public SessionRuns(Dialogue dialogue) {
        this.dialogue = dialogue;
    }

    /// @param changed is done when a run has ended
    public void whenChanged(Runnable changed) {
        this.changed = changed;
    }

    void changed() {
        changed.run();
    }

    /// A run of this session.
    public static final class Own {
        private final String what;
        private final Session session;
        private final Thread thread;
        private volatile int exitCode = 1;
        private volatile boolean over;

        private Own(String what, Session session, IntSupplier work, Runnable after) {
            this.what = what;
            this.session = session;
            this.thread = Thread.ofPlatform().name("rekey-run").unstarted(() -> {
                try {
                    exitCode = work.getAsInt();
                } finally {
                    over = true;
                    session.shards().forEach(s -> s.peers().forEach(Peer::close));
                    after.run();
                }
            });
        }

        /// In a word: `run`, `backfill`, `rollback`.
        public String what() {
            return what;
        }

        public Session session() {
            return session;
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

    /// The one of this session that goes on now.
    public Optional<Own> own() {
        return Optional.ofNullable(own).filter(run -> !run.over);
    }

    /// @param work tells itself how it ends; its answer is an exit code
    Own begin(String what, Session session, IntSupplier work) {
        own = new Own(what, session, work, this::changed);
        own.thread.start();
        return own;
    }

    /// @param what that can't be done meanwhile
    /// @throws Trouble.Refused while a run of this session goes on
    public void mustBeOver(String what) {
        own().ifPresent(run -> {
            throw new Trouble.Refused("Can't " + what + " while " + run.what + " goes on: wait for it, or stop it.");
        });
    }

    /// @throws Trouble.Refused while a run of this session goes on
    public void mustBeFree() {
        own().ifPresent(run -> {
            throw new Trouble.Refused(run.what + " goes on: wait for it, or stop it first.");
        });
    }

    /// Shows what another process' runner does from now on, and says whom it follows, or why nobody.
    ///
    /// @return whether there is one
    public boolean follow(Session session, Migration migration) {
        unfollow();
        var source = session.rewrite().source();
        var holder = RunLock.holder(session);
        if (own().isPresent() || holder.isEmpty()) {
            dialogue.say(
                    own().map(run -> run.what + " is this session's own.").orElse("Nothing runs on " + source + "."));
            return false;
        }
        dialogue.say(holder.get() + " runs " + migration.name()
                + "; it is shown until it ends, and told by throttle, threads, stop, ...");
        following = new RunFollower(dialogue, this, session, migration);
        following.begin();
        return true;
    }

    public void unfollow() {
        if (following != null) following.end();
        following = null;
    }

    /// Stops the run that goes on, if that is what is wanted.
    ///
    /// @param looking whose journal takes the order
    /// @return whether the session may end
    public boolean leave(Supplier<Session> looking) {
        var run = own();
        if (run.isEmpty()) return true;
        if (dialogue.interactive() && !dialogue.screen().ask(run.get().what + " goes on. Stop it and leave?"))
            return false;
        Orders.stop(looking.get());
        run.get().await();
        return true;
    }
}
