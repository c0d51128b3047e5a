package rekey.ingestion;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Endpoint;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.Peer;
import rekey.clickhouse.ReplicatedEngine;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.ServerGone;
import rekey.clickhouse.Sql;
import rekey.model.Rewrite;
import rekey.model.Table;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Journal;
import rekey.session.Micros;
import rekey.session.Original;
import rekey.session.Session;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// A process of its own that reopens ingestion at the deadline, even if the one that paused it is dead, and gives
/// the source its merges back if that one died. Also in the moment of the swap: before the EXCHANGE and after it the
/// views write to the table under the source's name, and what lands in the wrong one is carried by the trailing
/// round. If this machine dies too, ingestion stays closed until a person reopens it.
public final class Guard {
    /// How long it asks after a server that is away or refuses: as long as a week where ingestion may be closed, for
    /// the gate comes back with the server, and nobody else may look. Shorter where it has seen that
    /// this pause has ended.
    private static final Duration PATIENCE = Duration.ofMinutes(15), CLOSED = Duration.ofDays(7);
    /// How often it asks whether ingestion is open again, and after a server that is away. While ingestion is held
    /// the server has better to do.
    private static final Duration OFTEN = Duration.ofSeconds(1),
            AWAY = Duration.ofSeconds(2),
            LONG_AWAY = Duration.ofSeconds(30);

    /// So often in a row nobody must have the lock for the run to be over: a server that was restarted has forgotten
    /// it for a moment.
    private static final int NOBODY = 10;

    private final List<Peer> hosts;
    private final Rewrite rewrite;
    private final Map<String, String> orders;
    private final Map<Peer, Journal> journals = new LinkedHashMap<>();
    private final int shards;
    private int nobody;
    /// The line of this pause, once it was seen: whoever drops the journal drops no deadline.
    private Optional<Detail.Held> held = Optional.empty();
    private boolean ended;
    private long opens;
    private Optional<Peer> answers = Optional.empty();

    /// @param shards so many of the hosts, the first ones, have the journal of a shard
    private Guard(List<Peer> hosts, int shards, Rewrite rewrite, Map<String, String> orders) {
        this.hosts = hosts;
        this.shards = shards;
        this.rewrite = rewrite;
        this.orders = orders;
    }

    /// Connected when it is first asked.
    private Journal journal(Peer host) {
        return journals.computeIfAbsent(
                host,
                h -> new Journal(
                        h.server(),
                        rewrite.journal(),
                        Journal.key(h.server(), rewrite.journal(), rewrite.migration(), rewrite.source()),
                        orders.get("runner") + "-guard",
                        Optional.empty()));
    }

    /// Starts it and returns when it stands ready. Its time runs from the journal's line for this pause; if none
    /// comes, it ends with the run that started it.
    ///
    /// @param hold the journal's name for this pause, so that a later one's guard and this one don't meddle
    /// @return for whoever pauses nothing in the end
    public static Process start(List<Session> paused, String hold) {
        var s = paused.getFirst();
        var shards = paused.stream().map(Session::server).toList();
        return start(
                Stream.concat(shards.stream(), s.everyHost().stream().filter(h -> !shards.contains(h)))
                        .map(ClickHouse::endpoint)
                        .toList(),
                shards.size(),
                s.rewrite(),
                s.journal().runner(),
                hold);
    }

    /// On one server.
    static Process start(Endpoint endpoint, Rewrite rewrite, String runner, String hold) {
        return start(List.of(endpoint), 1, rewrite, runner, hold);
    }

    static Process start(List<Endpoint> hosts, int shards, Rewrite rewrite, String runner, String hold) {
        var endpoint = hosts.getFirst();
        try {
            var orders = new TreeMap<>(Map.of(
                    "urls",
                    JsonMapper.shared()
                            .writeValueAsString(
                                    hosts.stream().map(Endpoint::url).toList()),
                    "user",
                    endpoint.user(),
                    "password",
                    endpoint.password(),
                    "properties",
                    JsonMapper.shared().writeValueAsString(endpoint.properties()),
                    "runner",
                    runner,
                    "hold",
                    hold,
                    "shards",
                    "" + shards,
                    "process",
                    "" + ProcessHandle.current().pid(),
                    "rewrite",
                    JsonMapper.shared().writeValueAsString(rewrite)));
            var process = DetachedProcess.start(Guard.class, List.of("-Xmx512m"), true, orders);
            if (process.inputReader().readLine() == null)
                throw new Trouble.Failed("The guard that reopens ingestion at the deadline could not start "
                        + "(exit code " + process.waitFor()
                        + "): nothing was paused. Check that this machine can start another Java process.");
            return process;
        } catch (IOException e) {
            throw new Trouble.Failed(
                    "The guard that reopens ingestion at the deadline could not start (" + e.getMessage()
                            + "): nothing was paused.",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("Interrupted before the pause.");
        }
    }

    static void main() throws Exception {
        var orders = DetachedProcess.orders();
        var properties = DetachedProcess.map(orders.get("properties"));
        var hosts = JsonMapper.shared().readValue(orders.get("urls"), new TypeReference<List<String>>() {}).stream()
                .map(url -> new Endpoint(url, orders.get("user"), orders.get("password"), "default", properties))
                // one for all looks: to connect takes both sides more than to look
                .map(e -> new Peer(e.host(), withShortTimeouts(e), sql -> {}))
                .toList();
        var rewrite = JsonMapper.shared().readValue(orders.get("rewrite"), Rewrite.class);
        hosts.forEach(Peer::server);
        DetachedProcess.outliveTheTerminal();
        var guard = new Guard(hosts, Integer.parseInt(orders.get("shards")), rewrite, orders);
        IO.println("ready");
        guard.watch();
    }

    /// Its patience is by a clock that stands still with its machine: of a laptop that slept for an hour it does not
    /// take leave, it looks.
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

    /// A host that vanishes without a word would let it wait for its answer for ever, with ingestion closed; what it
    /// asks is answered at once, and what it does may be done twice.
    private static Endpoint withShortTimeouts(Endpoint endpoint) {
        var properties = new TreeMap<>(endpoint.properties());
        properties.putAll(Map.of("socket_timeout", "15000", "connection_timeout", "5000"));
        return new Endpoint(endpoint.url(), endpoint.user(), endpoint.password(), endpoint.database(), properties);
    }

    /// When to look again, at the deadline at the latest: zero when there is nothing more to do; empty when the
    /// server is away, or refuses.
    private Optional<Duration> look() {
        try {
            var lines = lines();
            boolean seen = Entry.all(lines, Detail.Held.class).anyMatch(this::mine);
            boolean last =
                    Entry.last(lines, Detail.Held.class).filter(this::mine).isPresent();
            if (seen && !last)
                return Optional.of(Duration.ZERO); // the later pause has a guard of its own, and merges are that one's
            // a journal that is gone, or another shard's that had no part in this pause, ends no deadline
            if (seen) held = Entry.pauseInForce(lines).filter(this::mine);
            ended = seen && held.isEmpty();
            if (held.isPresent()) {
                long left = Micros.of(held.get().deadline()) - now();
                opens = System.nanoTime() + left * 1000;
                if (left > 0) return Optional.of(Duration.ofNanos(Math.min(left * 1000, OFTEN.toNanos())));
                reopen(held.get());
            }
            boolean over = over();
            if (!seen && !over) return Optional.of(OFTEN);
            return merging(over);
        } catch (RuntimeException e) {
            // whatever it is: nobody else opens ingestion. An error, too, may be over when it is asked again: no
            // memory, no disk, no journal to read
            openAtLast();
            return Optional.empty();
        } catch (OutOfMemoryError e) {
            openAtLast();
            return Optional.empty();
        }
    }

    /// The deadline of a pause that was seen counts also where the journal can't be read any more.
    private void openAtLast() {
        if (held.isEmpty() || opens == 0 || System.nanoTime() - opens < 0) return;
        for (var host : hosts)
            try {
                new Gate(host.server(), rewrite).open();
            } catch (ServerGone | ServerError e) {
                ended = false; // it is tried again
            }
    }

    /// Each host has the lines of its shard, and every shard has the pause's.
    private List<Entry> lines() {
        return answering(host -> journal(host).fresh("event IN ('HELD', 'RESUMED')"));
    }

    /// Of the first host that answers, the one that did so last time before all others: one that is silent is waited
    /// for once, and not at each question while the others stand still.
    private <T> T answering(Function<Peer, T> ask) {
        RuntimeException gone = null;
        for (var host :
                Stream.concat(answers.stream(), hosts.stream()).distinct().toList())
            try {
                var told = ask.apply(host);
                answers = Optional.of(host);
                return told;
            } catch (ServerGone | ServerError e) {
                gone = e; // one that refuses keeps no other's gate closed
            }
        throw gone;
    }

    private long now() {
        return answering(host -> HeldTime.now(host.server()));
    }

    private boolean mine(Detail.Held pause) {
        return pause.hold().equals(orders.get("hold"));
    }

    /// On the hosts that answer; one that is away has its gate still when it comes back, and is looked after until
    /// then. The others are given their merges back meanwhile.
    private void reopen(Detail.Held pause) {
        try {
            HostsInParallel.all(hosts, h -> new Gate(h.server(), rewrite).open());
        } catch (ServerGone | ServerError e) {
            merging(over());
            throw e;
        }
        held = Optional.empty();
        var resumed = new Detail.Resumed(
                pause.hold(),
                "guard",
                Optional.empty(),
                Optional.of(Duration.ofMillis((now() - Micros.of(pause.asked())) / 1000)),
                Optional.empty(),
                Optional.of("the deadline passed"));
        for (var host : hosts.subList(0, shards)) journal(host).append("pause", resumed);
    }

    /// Whether the run has ended: by the death of its process, or by itself, which a REPL and a notebook outlive.
    private boolean over() {
        if (ProcessHandle.of(Long.parseLong(orders.get("process")))
                .filter(ProcessHandle::isAlive)
                .isEmpty()) return true;
        try {
            nobody = running() ? 0 : nobody + 1;
        } catch (ServerGone e) {
            nobody = 0; // it waits for its server
        }
        return nobody >= NOBODY;
    }

    /// Merges held for the last rounds are given back by the run itself; by the guard where that ended without, for
    /// parts would pile up toward the insert limit. Not where an attach is open: after a merge nobody could tell
    /// any more whether it has happened. A host that is away keeps no other from merging: with one of two replicas
    /// away, the other's parts would have piled up until INSERTs were refused.
    ///
    /// @return when to look again, as [#look]
    private Optional<Duration> merging(boolean over) {
        boolean all = true, away = false;
        for (var host : hosts)
            try {
                boolean done = merging(over, host);
                all = all && done;
            } catch (ServerGone | ServerError | Trouble.Refused e) {
                away = true;
            }
        return away ? Optional.empty() : Optional.of(all ? Duration.ZERO : OFTEN);
    }

    private boolean merging(boolean over, Peer host) {
        var server = host.server();
        var source = new Catalog(server).find(rewrite.source());
        if (source.isEmpty() || !"1".equals(source.get().settings().get(Ddl.HOLD_MERGES))) return true;
        if (!over || locked())
            return false; // a dead one's lock ends a moment after it; another runner gives them back itself
        // not what was compared and sampled: of a long copy these are most, and all at once took a guard's memory
        var lines = journal(host).fresh("event IN ('INTENT', 'ATTACHED', 'ABANDONED', 'UNDONE', 'ROLLED_BACK')");
        var original = Original.find(lines);
        if (original.isEmpty() || open(lines, source.get(), original.get())) return true;
        original.get()
                .restore(rewrite.source(), Ddl.HOLD_MERGES, Ddl.FORCED_MERGES)
                .forEach(server::execute);
        return true;
    }

    /// Whether an attach is open that is told by the live table's parts. One into the other table is told by that
    /// one's, whose merges stay held: a runner killed in any chunk of the copy left the live table without merges
    /// for good. Of a replicated table each host has a UUID of its own, and the journal the copier's: which of the
    /// two is live is told by the path in Keeper, which no two tables have.
    private static boolean open(List<Entry> lines, Table live, Original original) {
        boolean old = live.replicated()
                ? ReplicatedEngine.of(live.engineClause())
                        .filter(e -> original.definition().contains(e.path()))
                        .isPresent()
                : live.uuid().equals(original.uuid());
        return Entry.unsettled(lines).stream().anyMatch(a -> a.chunk().to().equals(original.uuid()) == old);
    }

    /// Nobody has a lock on a host that is gone, and nobody goes on without it.
    private boolean locked() {
        try {
            return running();
        } catch (ServerGone e) {
            return false;
        }
    }

    /// Its lock is on the first host, as long as that one copies; another host that took over has its lock
    /// elsewhere.
    ///
    /// @throws ServerGone where the first one does not answer, and no other has it
    private boolean running() {
        ServerGone away = null;
        for (var host : hosts)
            try {
                if (running(host)) return true;
            } catch (ServerGone e) {
                if (host == hosts.getFirst()) away = e;
            }
        if (away != null) throw away;
        return false;
    }

    private boolean running(Peer host) {
        return host.server()
                        .one("SELECT count() AS n FROM system.processes WHERE query_id = "
                                + Sql.text("rekey-lock:" + rewrite.source()))
                        .number("n")
                > 0;
    }
}
