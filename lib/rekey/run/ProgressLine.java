package rekey.run;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import rekey.clickhouse.HostsInParallel;
import rekey.model.Amounts;
import rekey.session.Detail;
import rekey.session.Progress;
import rekey.session.Session;

/// Shows how far a run is, over all shards: on a terminal one line that is drawn anew, in a pipe a line every few
/// seconds. Asks the servers for the rows that running copies have written.
public final class ProgressLine implements Runner.Observer, AutoCloseable {
    private static final Duration IN_A_PIPE = Duration.ofSeconds(5);
    /// A terminal's usual width less one, so that a line never wraps.
    private static final int WIDTH = 79;

    /// How the note of a server that is away begins.
    static final String AWAY = "the server is away";

    private final PrintWriter out;
    private final boolean terminal;
    private final Consumer<String> draw;
    /// Nobody waits for a terminal that was stopped with Ctrl-S, or for whoever reads the pipe: a run that did held
    /// ingestion until its deadline, and heard no order.
    private final DrawingThread pen = new DrawingThread();
    private final AtomicReference<String> next = new AtomicReference<>();
    private volatile Instant nextLine = Instant.now().plus(IN_A_PIPE);
    private volatile boolean closed, wasWaiting;
    private boolean drawn;
    private String step = "";
    private long most;

    /// @param terminal whether a line can be drawn anew
    public ProgressLine(PrintWriter out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
        this.draw = line -> {
            if (next.getAndSet(line) == null) pen.later(() -> draw(next.getAndSet(null)));
        };
    }

    /// Shows the line by other means.
    public ProgressLine(Consumer<String> draw) {
        this.out = null;
        this.terminal = true;
        this.draw = draw;
    }

    @Override
    public void look(Session session) {
        var now = whole(session);
        boolean waits = waiting(now, session.control().throttled()) != null;
        if (wasWaiting && !waits) {
            session.shards().forEach(s -> s.progress().paceAnew());
            now = whole(session);
        }
        wasWaiting = waits;
        boolean due = terminal || Instant.now().isAfter(nextLine);
        if (now.step().isEmpty() || !due) return;
        long running = now.rowsTotal() > 0 && now.held().isZero() ? running(session) : 0;
        // a chunk that is copied and not yet attached is counted by neither: 18 % was followed by 9 %
        if (!now.step().equals(step)) most = 0;
        step = now.step();
        most = Math.max(most, now.rowsDone() + running);
        draw.accept(line(
                now,
                most - now.rowsDone(),
                session.control().throttled(),
                session.lanes().fewer()));
    }

    /// The first shard's, and of the others what they have done of the same step.
    private static Progress.Snapshot whole(Session session) {
        var first = session.progress().snapshot();
        return session.others().stream()
                .map(s -> s.progress().snapshot())
                .filter(other -> other.step().equals(first.step()))
                .reduce(first, Progress.Snapshot::and);
    }

    private static long running(Session session) {
        return HostsInParallel.each(session.shards(), Status::running).stream()
                .mapToLong(n -> n)
                .sum();
    }

    /// A line that stays, above the one that is drawn anew.
    public void say(String text) {
        tell(() -> out.println(text));
    }

    /// The same of what is printed by other means.
    public void tell(Runnable printing) {
        pen.later(() -> {
            synchronized (this) {
                clear();
                printing.run();
                out.flush();
            }
        });
    }

    private synchronized void draw(String line) {
        if (closed) return;
        if (terminal) {
            out.print("\r" + (line.length() > WIDTH ? line.substring(0, WIDTH - 3) + "..." : line) + "\033[K");
            out.flush();
            drawn = true;
        } else {
            out.println(line);
            out.flush();
            nextLine = Instant.now().plus(IN_A_PIPE);
        }
    }

    private void clear() {
        if (drawn) out.print("\r\033[K");
        drawn = false;
    }

    /// What matters most comes first, for the end may be cut off.
    ///
    /// @param lanes where they are fewer than was said
    static String line(Progress.Snapshot p, long running, String throttled, Optional<Detail.Adapted> lanes) {
        var all = p.with(running);
        var waits = waiting(p, throttled);
        var out = new ArrayList<String>();
        out.add("%-9s".formatted(all.step()));
        if (all.percent() >= 0) {
            out.add("%3d%%".formatted(all.percent()));
            out.add(Amounts.rows(all.rowsDone()) + " rows");
            out.add(Amounts.rows(Math.round(all.rowsPerSecond())) + "/s");
            if (waits == null && all.percent() < Progress.Snapshot.TOLD_FROM)
                out.add("time told from " + Progress.Snapshot.TOLD_FROM + "% on");
            else if (waits == null && all.etaSeconds() > 0)
                out.add(Amounts.time(Duration.ofSeconds(all.etaSeconds())) + " left");
        } else {
            if (all.rowsDone() > 0) out.add(Amounts.rows(all.rowsDone()) + " rows");
            out.add(Amounts.time(all.elapsed()));
        }
        if (all.round() > 1) out.add("round " + all.round());
        if (!all.held().isZero()) out.add(heldText(all.held(), all.reopens()));
        if (waits != null) out.add(waits);
        else if (!all.note().isEmpty()) out.add(all.note());
        int needed = out.size();
        lanes.ifPresent(l -> out.add(l.text()));
        if (all.lag() >= 0) out.add("lag " + Amounts.rows(all.lag()));
        if (all.parts() >= 0 && all.held().isZero()) out.add("parts " + Amounts.rows(all.parts()));
        // what has no room is left out, and not cut in the middle of a number
        while (out.size() > needed && String.join("  ", out).length() > WIDTH) out.removeLast();
        return String.join("  ", out);
    }

    /// Why nothing is done at the moment; null where something is. A server that is away throttles more than an
    /// operator does.
    private static String waiting(Progress.Snapshot p, String throttled) {
        if (p.note().startsWith(AWAY)) return p.note();
        return throttled == null && p.note().startsWith("waiting") ? p.note() : throttled;
    }

    /// How long ingestion has stood still, and how long it will at most.
    ///
    /// @param reopens from now to the deadline
    public static String heldText(Duration held, Duration reopens) {
        return "held " + Amounts.time(held)
                + (reopens.isNegative() ? ", past its deadline" : ", reopens in " + reopens.toSeconds() + " s at most");
    }

    /// When all that was told is printed.
    @Override
    public void close() {
        closed = true;
        if (out != null) {
            tell(() -> {});
            pen.now(() -> {});
        }
        pen.close();
    }
}
