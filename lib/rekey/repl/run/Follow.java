package rekey.repl.run;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import rekey.cli.text.EventLine;
import rekey.clickhouse.Sql;
import rekey.model.Trouble;
import rekey.repl.Shell;
import rekey.run.Amounts;
import rekey.run.Lag;
import rekey.run.ProgressWatch;
import rekey.run.RunLock;
import rekey.run.Status;
import rekey.session.Entry;
import rekey.session.Session;

/// Looks on while another process runs the migration: its lines of the journal as they come, and where it stands at the
/// bottom, until it ends.
public final class Follow {
    private static final long EVERY = 500;

    private final Shell shell;
    private final Thread thread;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean over;

    Follow(Shell shell) {
        this.shell = shell;
        this.thread = Thread.ofPlatform().daemon().name("rekey-follow").unstarted(this::look);
    }

    /// Says whom it follows, or why nobody.
    ///
    /// @return null where nobody else runs the migration
    public static Follow begun(Shell shell) {
        var source = shell.session().rewrite().source();
        var holder = RunLock.holder(shell.session().server(), source);
        if (shell.underway().isPresent() || holder.isEmpty()) {
            shell.say(shell.underway().map(u -> u.what() + " is this session's own.").orElse("Nothing runs on " + source + "."));
            return null;
        }
        shell.say(holder.get() + " runs " + shell.chosen().name() + "; it is shown until it ends, and told by throttle, threads, stop, ...");
        var follow = new Follow(shell);
        follow.thread.start();
        return follow;
    }

    boolean alive() {
        return thread.isAlive();
    }

    /// Not by an interrupt, which might come in the middle of a write to the terminal and leave that half drawn.
    public synchronized void end() {
        over = true;
        ended.countDown();
        if (shell.underway().isEmpty()) shell.screen().status(List.of());
    }

    private synchronized void draw(List<String> bar) {
        if (!over) shell.screen().status(bar);
    }

    private void look() {
        var session = shell.session();
        var journal = session.journal();
        try {
            String seen = session.server().one("SELECT toString(now64(6, 'UTC')) AS t").string("t");
            while (!over && RunLock.holder(session.server(), session.rewrite().source()).isPresent()) {
                for (var e : journal.fresh("at > toDateTime64(" + Sql.text(seen) + ", 6, 'UTC')")) {
                    seen = e.at().toString().replace("T", " ").replace("Z", "");
                    if (!over && !EventLine.text(e).isEmpty()) shell.say("  " + e.runner() + " " + EventLine.text(e));
                }
                draw(bar(Status.of(session, shell.chosen(), Lag.of(session)), held(session)));
                if (ended.await(EVERY, TimeUnit.MILLISECONDS)) return;
            }
            if (!over) ended(Status.of(session, shell.chosen(), null));
        } catch (Trouble e) {
            if (!over) shell.say(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (shell.underway().isEmpty()) draw(List.of());
            if (!over) shell.prompt().refresh();
        }
    }

    private void ended(Status now) {
        shell.say("The other run has ended: " + now.state() + (now.error() == null ? "." : ", " + now.error()));
    }

    /// Empty while ingestion goes on.
    private static String held(Session session) {
        return session.journal().fresh("event IN ('HELD', 'RESUMED')").stream().reduce((a, b) -> b).filter(e -> e.event() == Entry.Event.HELD)
                .map(e -> ProgressWatch.held(Duration.between(e.at(), Instant.now()), Duration.between(Instant.now(), Instant.ofEpochMilli(Long.parseLong(e.get("deadlineUs")) / 1000)))).orElse("");
    }

    private static List<String> bar(Status s, String held) {
        var out = new ArrayList<String>();
        out.add("%-9s".formatted(s.step()));
        if (s.rowsTotal() > 0) out.add("%3d%%  %s rows".formatted(Math.min(100, s.rowsDone() * 100 / s.rowsTotal()), Amounts.rows(s.rowsDone())));
        if (s.etaSeconds() != null) out.add(Amounts.time(Duration.ofSeconds(s.etaSeconds())) + " left");
        if (s.lag() != null) out.add("lag " + Amounts.rows(s.lag()));
        if (!held.isEmpty()) out.add(held);
        return List.of(String.join("  ", out), "by " + s.runner());
    }
}
