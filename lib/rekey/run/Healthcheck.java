package rekey.run;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import rekey.check.Check.Level;
import rekey.check.Check.Verdict;
import rekey.session.Detail;
import rekey.session.Session;

/// The guide's healthcheck, all along a run: "prevent ClickHouse from blowing up for lack of disk space". Where
/// something becomes scarce that the copy uses up, or others' queries take longer, fewer chunks are copied side by
/// side; where it is one already, or what runs is no copy of many, and something is scarce, it waits every other
/// while, so that it slows down and yet gets on. Where all is well again there come more, up to `threads`: see
/// [rekey.session.Lanes]. The load is no reason: the copy itself makes it. Where a check refuses, the run is stopped
/// and says why. What was found is noted in the journal when it changes.
///
/// A way back is slowed down at most: to stop it would leave the table that somebody wants to be rid of, and what a
/// check refuses may be the very reason for going back.
///
/// It looks in a thread of its own, for a check may wait for Kafka; and not while ingestion is held, where the
/// seconds are the swap's.
public final class Healthcheck implements Runner.Observer {
    private static final Duration EVERY = Duration.ofSeconds(5);
    /// What the copy itself uses up, so that waiting helps.
    private static final Pattern SCARCE = Pattern.compile("memory|parts");

    private final Duration every;
    private final DashboardTimes dashboards = new DashboardTimes();
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile Instant next = Instant.EPOCH;
    private String said = "";
    private String throttled;

    public Healthcheck() {
        this(EVERY);
    }

    Healthcheck(Duration every) {
        this.every = every;
    }

    @Override
    public void look(Session session) {
        if (Instant.now().isBefore(next)
                || !session.progress().snapshot().held().isZero()
                || !looking.compareAndSet(false, true)) return;
        Thread.ofVirtual().start(() -> {
            try {
                obey(session, CheckResults.during(session.alone()));
            } catch (RuntimeException e) {
                session.progress().note("the healthcheck can't look: " + e.getMessage());
            } finally {
                next = Instant.now().plus(every);
                looking.set(false);
            }
        });
    }

    private void obey(Session session, CheckResults checking) {
        var bad = checking.verdicts().stream()
                .filter(v -> v.verdict() != Level.OK)
                .toList();
        var refusals = bad.stream()
                .filter(v -> v.verdict() == Level.REFUSAL)
                .map(CheckResults::sentence)
                .toList();
        note(session, bad);
        if (!refusals.isEmpty() && !session.journal().goingBack())
            session.control()
                    .stop("Stopped by the healthcheck: " + String.join(" ", refusals)
                            + " Then go on with migrate, or go back with rollback.");
        var scarce = bad.stream()
                .filter(v -> SCARCE.matcher(v.name()).find() && !v.saw().contains("can't look") && !elsewhere(v))
                .map(CheckResults::sentence)
                .toList();
        slowDown(session, scarce);
        adapt(session, scarce);
    }

    /// What fills the memory of a host that only fetches is not the copy.
    private static boolean elsewhere(Verdict v) {
        return v.name().contains("memory") && v.saw().startsWith("on host ");
    }

    private void slowDown(Session session, List<String> scarce) {
        var now = session.progress().snapshot();
        boolean sideBySide = now.step().equals("backfill")
                && now.round() <= 1
                && session.lanes().now() > 1;
        if (!scarce.isEmpty() && !sideBySide && session.control().throttled() == null)
            session.control().throttle(throttled = "slowed down, " + scarce.getFirst());
        else if (throttled != null) {
            if (throttled.equals(session.control().throttled()))
                session.control().throttle(null);
            throttled = null;
        }
    }

    /// The operator's word is the most, and counts at once: see [Orders].
    private void adapt(Session session, List<String> scarce) {
        var lanes = session.lanes();
        var slower = dashboards.slower(session, lanes.now() == 1);
        var changed = scarce.isEmpty() && slower.isEmpty()
                ? lanes.well()
                : lanes.scarce(scarce.stream().findFirst().or(() -> slower).orElseThrow());
        changed.ifPresent(now -> session.journal().append("healthcheck", now));
    }

    /// Which checks are not well, once for each change; their figures change all the time.
    private void note(Session session, List<Verdict> bad) {
        var now = String.join(
                ", ", bad.stream().map(v -> v.name() + " " + v.verdict()).toList());
        if (now.equals(said)) return;
        said = now;
        session.journal()
                .append(
                        "healthcheck",
                        new Detail.Health(
                                bad.isEmpty()
                                        ? "all is well again"
                                        : String.join(
                                                " ",
                                                bad.stream()
                                                        .map(CheckResults::sentence)
                                                        .toList())));
    }
}
