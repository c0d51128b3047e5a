package rekey.repl.context;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import rekey.cli.text.EventLine;
import rekey.clickhouse.Sql;
import rekey.migration.Migration;
import rekey.model.Amounts;
import rekey.model.Trouble;
import rekey.run.ProgressLine;
import rekey.run.RunLock;
import rekey.run.Status;
import rekey.session.Detail;
import rekey.session.Session;

/// Looks on while another process runs the migration: its lines of the journal as they come, and where it stands at
/// the bottom, until it ends.
final class RunFollower {
    private static final long EVERY = 500;

    private final Dialogue dialogue;
    private final SessionRuns runs;
    private final Session session;
    private final Migration migration;
    private final Thread thread;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean over;

    RunFollower(Dialogue dialogue, SessionRuns runs, Session session, Migration migration) {
        this.dialogue = dialogue;
        this.runs = runs;
        this.session = session;
        this.migration = migration;
        this.thread = Thread.ofPlatform().daemon().name("rekey-follow").unstarted(this::look);
    }

    void begin() {
        thread.start();
    }

    /// Not by an interrupt, which might come in the middle of a write to the terminal and leave that half drawn.
    synchronized void end() {
        over = true;
        ended.countDown();
        if (runs.own().isEmpty()) dialogue.run(List.of());
    }

    private synchronized void draw(List<String> bar) {
        if (!over) dialogue.run(bar);
    }

    private void look() {
        var journal = session.journal();
        try {
            String seen = session.server()
                    .one("SELECT toString(now64(6, 'UTC')) AS t")
                    .string("t");
            while (!over && RunLock.holder(session).isPresent()) {
                for (var e : journal.fresh("at > toDateTime64(" + Sql.text(seen) + ", 6, 'UTC')")) {
                    seen = e.at().toString().replace("T", " ").replace("Z", "");
                    if (!over && !EventLine.text(e).isEmpty())
                        dialogue.say("  " + e.runner() + " " + EventLine.text(e));
                }
                draw(bar(Status.withLag(session, migration), heldText(session)));
                if (ended.await(EVERY, TimeUnit.MILLISECONDS)) return;
            }
            if (!over) ended(Status.of(session, migration, null));
        } catch (Trouble e) {
            if (!over) dialogue.say(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (runs.own().isEmpty()) draw(List.of());
            if (!over) runs.changed();
        }
    }

    private void ended(Status now) {
        dialogue.say("The other run has ended: " + now.state() + (now.error() == null ? "." : ", " + now.error()));
    }

    /// Empty while ingestion goes on.
    private static String heldText(Session session) {
        return session.journal().fresh("event IN ('HELD', 'RESUMED')").stream()
                .reduce((a, b) -> b)
                .map(e -> e.detail() instanceof Detail.Held h
                        ? ProgressLine.heldText(
                                Duration.between(e.at(), Instant.now()), Duration.between(Instant.now(), h.deadline()))
                        : "")
                .orElse("");
    }

    private static List<String> bar(Status s, String held) {
        var out = new ArrayList<String>();
        out.add("%-9s".formatted(s.step()));
        if (s.percent() != null) out.add("%3d%%".formatted(s.percent()));
        if (s.rowsTotal() > 0) out.add(Amounts.rows(s.rowsDone()) + " rows");
        if (s.etaSeconds() != null) out.add(Amounts.time(Duration.ofSeconds(s.etaSeconds())) + " left");
        if (s.etaWhy() != null && s.etaWhy().matches("(throttled|slowed).*")) out.add(s.etaWhy());
        if (s.threads() != null) out.add(s.threads().replaceFirst(":.*", ""));
        if (s.lag() != null) out.add("lag " + Amounts.rows(s.lag()));
        if (!held.isEmpty()) out.add(held);
        out.add("by " + s.runner());
        return List.of(String.join("  ", out)); // always one line: a bar that grows moves what stands above it
    }
}
