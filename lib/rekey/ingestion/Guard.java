package rekey.ingestion;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Endpoint;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.ServerGone;
import rekey.clickhouse.Sql;
import rekey.model.Rewrite;
import rekey.model.Trouble;
import rekey.session.Entry;
import rekey.session.Journal;
import rekey.session.Original;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// A process of its own that reopens ingestion at the deadline, even if the one that paused it is dead, and gives the
/// source its merges back if that one died. Also in the moment of the swap: before the EXCHANGE and after it the views
/// write to the table under the source's name, and what lands in the wrong one is carried by the trailing round. If this
/// machine dies too, ingestion stays closed until a person reopens it.
public final class Guard {
    /// How long it asks after a server that is away or refuses: as long as a week where ingestion may be closed, for the gate comes back
    /// with the server, and nobody else may look. Shorter where it has seen that this pause has ended.
    private static final Duration PATIENCE = Duration.ofMinutes(15), CLOSED = Duration.ofDays(7);
    /// How often it asks whether ingestion is open again, and after a server that is away. While ingestion is held the server has better to do.
    private static final Duration OFTEN = Duration.ofSeconds(1), AWAY = Duration.ofSeconds(2), LONG_AWAY = Duration.ofSeconds(30);

    /// So often in a row nobody must have the lock for the run to be over: a server that was restarted has forgotten it for a moment.
    private static final int NOBODY = 10;

    private final ClickHouse server;
    private final Rewrite rewrite;
    private final Map<String, String> orders;
    private final Journal journal;
    private int nobody;
    /// The line of this pause, once it was seen: whoever drops the journal drops no deadline.
    private Optional<Entry> held = Optional.empty();
    private boolean ended;

    private Guard(ClickHouse server, Rewrite rewrite, Map<String, String> orders) {
        this.server = server;
        this.rewrite = rewrite;
        this.orders = orders;
        journal = new Journal(server, rewrite.journal(), rewrite.migration(), orders.get("runner") + "-guard", Optional.empty());
    }

    /// Starts it and returns when it stands ready. Its time runs from the journal's line for this pause; if none comes, it
    /// ends with the run that started it.
    ///
    /// @param hold the journal's name for this pause, so that a later one's guard and this one don't meddle
    /// @return for whoever pauses nothing in the end
    public static Process start(Endpoint endpoint, Rewrite rewrite, String runner, String hold) {
        try {
            var process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m", "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), Guard.class.getName())
                    .redirectError(ProcessBuilder.Redirect.DISCARD).start();
            var orders = new TreeMap<>(Map.of("url", endpoint.url(), "user", endpoint.user(), "password", endpoint.password(),
                    "properties", JsonMapper.shared().writeValueAsString(endpoint.properties()), "runner", runner, "hold", hold,
                    "process", "" + ProcessHandle.current().pid(), "rewrite", JsonMapper.shared().writeValueAsString(rewrite)));
            try (var in = process.getOutputStream()) {
                in.write(JsonMapper.shared().writeValueAsBytes(orders));
            }
            if (process.inputReader().readLine() == null) throw new Trouble.Failed("The guard that reopens ingestion at the deadline could not start "
                    + "(exit code " + process.waitFor() + "): nothing was paused. Check that this machine can start another Java process.");
            return process;
        } catch (IOException e) {
            throw new Trouble.Failed("The guard that reopens ingestion at the deadline could not start (" + e.getMessage() + "): nothing was paused.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("Interrupted before the pause.");
        }
    }

    static void main() throws Exception {
        var orders = JsonMapper.shared().readValue(new String(System.in.readAllBytes(), StandardCharsets.UTF_8), new TypeReference<Map<String, String>>() { });
        var endpoint = new Endpoint(orders.get("url"), orders.get("user"), orders.get("password"), "default",
                JsonMapper.shared().readValue(orders.get("properties"), new TypeReference<Map<String, String>>() { }));
        var rewrite = JsonMapper.shared().readValue(orders.get("rewrite"), Rewrite.class);
        try (var server = ClickHouse.connect(impatient(endpoint))) {    // one for all looks: to connect takes both sides more than to look
            outliveTheTerminal();
            IO.println("ready");
            new Guard(server, rewrite, orders).watch();
        }
    }

    /// Its patience is by a clock that stands still with its machine: of a laptop that slept for an hour it does not take leave, it looks.
    private void watch() throws InterruptedException {
        for (long answered = System.nanoTime(); ; ) {
            var again = look();
            if (again.filter(Duration::isZero).isPresent()) return;
            if (again.isPresent()) answered = System.nanoTime();
            var away = Duration.ofNanos(System.nanoTime() - answered);
            if (away.compareTo(ended ? PATIENCE : CLOSED) > 0) return;
            Thread.sleep(again.orElse(away.compareTo(PATIENCE) > 0 ? LONG_AWAY : away.toSeconds() >= 5 ? AWAY : OFTEN));
        }
    }

    /// A host that vanishes without a word would let it wait for its answer for ever, with ingestion closed; what it asks is answered
    /// at once, and what it does may be done twice.
    private static Endpoint impatient(Endpoint endpoint) {
        var properties = new TreeMap<>(Map.of("socket_timeout", "15000", "connection_timeout", "5000"));
        properties.putAll(endpoint.properties());
        return new Endpoint(endpoint.url(), endpoint.user(), endpoint.password(), endpoint.database(), properties);
    }

    /// Ctrl-C and a closed terminal reach every process that was started there, this one too: it must not die of them with
    /// the one that it stands in for. By reflection, for to name the class is a warning at each compilation.
    private static void outliveTheTerminal() throws ReflectiveOperationException {
        var signal = Class.forName("sun.misc.Signal");
        var handler = Class.forName("sun.misc.SignalHandler");
        var ignore = handler.getField("SIG_IGN").get(null);
        for (var name : java.util.List.of("INT", "HUP"))
            signal.getMethod("handle", signal, handler).invoke(null, signal.getConstructor(String.class).newInstance(name), ignore);
    }

    /// When to look again, at the deadline at the latest: zero when there is nothing more to do; empty when the server is away, or refuses.
    private Optional<Duration> look() {
        try {
            var lines = journal.fresh("event IN ('HELD', 'RESUMED')");
            boolean seen = lines.stream().anyMatch(this::mine);
            boolean last = lines.stream().filter(e -> e.event() == Entry.Event.HELD).reduce((a, b) -> b).filter(this::mine).isPresent();
            if (seen && !last) return Optional.of(Duration.ZERO);    // the later pause has a guard of its own, and merges are that one's
            if (!lines.isEmpty()) held = Entry.held(lines).filter(this::mine);
            ended = seen && held.isEmpty();
            if (held.isPresent()) {
                long left = Long.parseLong(held.get().get("deadlineUs")) - HeldTime.now(server);
                if (left > 0) return Optional.of(Duration.ofNanos(Math.min(left * 1000, OFTEN.toNanos())));
                reopen(held.get());
            }
            boolean over = over();
            if (!seen && !over) return Optional.of(OFTEN);
            return Optional.of(merging(over) ? Duration.ZERO : OFTEN);
        } catch (ServerGone | ServerError e) {
            return Optional.empty();    // an error, too, may be over when it is asked again: no memory, no disk
        }
    }

    private boolean mine(Entry e) {
        return e.event() == Entry.Event.HELD && e.get("hold").equals(orders.get("hold"));
    }

    private void reopen(Entry hold) {
        new Gate(server, rewrite).open();
        held = Optional.empty();
        journal.append("pause", Entry.Event.RESUMED, Map.of("by", "guard", "hold", hold.get("hold"), "why", "the deadline passed",
                "pauseMs", "" + (HeldTime.now(server) - Long.parseLong(hold.get("askedUs"))) / 1000));
    }

    /// Whether the run has ended: by the death of its process, or by itself, which a REPL and a notebook outlive.
    private boolean over() {
        if (ProcessHandle.of(Long.parseLong(orders.get("process"))).filter(ProcessHandle::isAlive).isEmpty()) return true;
        nobody = running() ? 0 : nobody + 1;
        return nobody >= NOBODY;
    }

    /// Merges held for the last rounds are given back by the run itself; by the guard where that ended without, for parts would pile
    /// up toward the insert limit. Not where an attach is open: after a merge nobody could tell any more whether it has happened.
    ///
    /// @return whether nothing is left to be waited for
    private boolean merging(boolean over) {
        var source = new Catalog(server).find(rewrite.source());
        if (source.isEmpty() || !"1".equals(source.get().settings().get(Ddl.HOLD_MERGES))) return true;
        if (!over || running()) return false;    // a dead one's lock ends a moment after it; another runner gives them back itself
        var lines = journal.entries();
        var original = Original.find(lines);
        if (original.isEmpty() || !Entry.unsettled(lines).isEmpty()) return true;
        original.get().restore(rewrite.source(), Ddl.HOLD_MERGES, Ddl.FORCED_MERGES).forEach(server::execute);
        return true;
    }

    private boolean running() {
        return server.one("SELECT count() AS n FROM system.processes WHERE query_id = " + Sql.text("rekey-lock:" + rewrite.source())).number("n") > 0;
    }
}
