package rekey.run;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import rekey.kafka.KafkaAdmin;
import rekey.model.Ingestion.KafkaTable;
import rekey.model.Trouble;
import rekey.session.Progress;
import rekey.session.Session;

/// Shows how far a run is: on a terminal one line that is drawn anew, in a pipe a line every few seconds. Looks for what
/// only the server and Kafka know: the rows a running copy has written, and the lag.
public final class ProgressWatch implements Runner.Watch, AutoCloseable {
    private static final Duration IN_A_PIPE = Duration.ofSeconds(5), LAG = Duration.ofSeconds(2), PATIENCE = Duration.ofSeconds(4);
    /// A terminal's usual width less one, so that a line never wraps.
    private static final int WIDTH = 79;

    private final PrintWriter out;
    private final boolean terminal;
    private final Consumer<String> draw;
    private final AtomicBoolean asking = new AtomicBoolean();
    private final Map<KafkaTable, KafkaAdmin> kafka = new ConcurrentHashMap<>();
    private volatile Instant nextLag = Instant.EPOCH, nextLine = Instant.now().plus(IN_A_PIPE);
    private volatile boolean closed;
    private boolean drawn;

    /// @param terminal whether a line can be drawn anew
    public ProgressWatch(PrintWriter out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
        this.draw = this::draw;
    }

    /// Shows the line by other means.
    public ProgressWatch(Consumer<String> draw) {
        this.out = null;
        this.terminal = true;
        this.draw = draw;
    }

    @Override public void look(Session session) {
        var now = session.progress().snapshot();
        if (now.held().isZero()) askForLag(session);
        boolean due = terminal || Instant.now().isAfter(nextLine);
        if (now.step().isEmpty() || !due) return;
        long running = now.rowsTotal() > 0 && now.held().isZero() ? Status.running(session) : 0;
        draw.accept(line(now, running, session.control().throttled()));
    }

    /// A line that stays, above the one that is drawn anew.
    public synchronized void say(String text) {
        clear();
        out.println(text);
        out.flush();
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

    static String line(Progress.Snapshot p, long running, String throttled) {
        var all = new Progress.Snapshot(p.step(), p.note(), p.round(), p.rowsDone() + running, p.rowsTotal(), p.bytesDone(), p.lag(), p.elapsed(), p.held());
        var out = new ArrayList<String>();
        out.add("%-9s".formatted(all.step()));
        if (all.percent() >= 0) {
            out.add("%3d%%".formatted(all.percent()));
            out.add(Amounts.rows(all.rowsDone()) + " rows");
            out.add(Amounts.rows(Math.round(all.rowsPerSecond())) + "/s");
            if (all.etaSeconds() >= 0) out.add(Amounts.time(Duration.ofSeconds(all.etaSeconds())) + " left");
        } else out.add(Amounts.time(all.elapsed()));
        if (all.round() > 1) out.add("round " + all.round());
        if (all.lag() >= 0) out.add("lag " + Amounts.rows(all.lag()));
        if (!all.held().isZero()) out.add("held " + Amounts.time(all.held()));
        if (throttled != null) out.add(throttled);
        else if (!all.note().isEmpty()) out.add(all.note());
        return String.join("  ", out);
    }

    private void askForLag(Session session) {
        if (Instant.now().isBefore(nextLag) || !asking.compareAndSet(false, true)) return;
        Thread.ofVirtual().start(() -> {
            try {
                session.progress().lag(lag(session));
            } catch (Trouble e) {
                session.progress().lag(-1);               // a lag that can't be told is no reason to stop
            } finally {
                nextLag = Instant.now().plus(LAG);
                asking.set(false);
            }
        });
    }

    /// Over all the Kafka tables, which stay connected; -1 where there is none.
    private long lag(Session session) {
        var tables = session.catalog().ingestion(session.rewrite().source()).kafkaTables();
        if (tables.isEmpty()) return -1;
        return tables.stream().mapToLong(t -> lag(kafka.computeIfAbsent(t, k -> KafkaAdmin.connect(k.brokers(), session.kafkaConfig())), t)).sum();
    }

    private static long lag(KafkaAdmin kafka, KafkaTable table) {
        return kafka.offsets(table.group(), table.topics()).stream().mapToLong(o -> o.lag()).sum();
    }

    /// Messages that Kafka has and a table has not, asked once; null where Kafka does not tell within a few seconds.
    public static Long lagOf(Session session) {
        var watch = new ProgressWatch(null, false);
        var asked = CompletableFuture.supplyAsync(() -> watch.lag(session), Thread::startVirtualThread);
        try {
            long lag = asked.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return lag < 0 ? null : lag;
        } catch (TimeoutException | ExecutionException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } finally {
            asked.whenComplete((lag, e) -> watch.kafka.values().forEach(KafkaAdmin::close));
        }
    }

    @Override public synchronized void close() {
        closed = true;
        clear();
        kafka.values().forEach(KafkaAdmin::close);
    }
}
