package rekey.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.Row;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.clickhouse.Topology;
import rekey.migration.Migration;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Control;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Journal;
import rekey.session.Limits;
import rekey.session.Progress;
import rekey.session.Session;
import rekey.step.Finalize;

/// A migration of tables of its own on a user's servers: a database that no one else has is made on each host,
/// filled, written to all the while through every host, migrated, taken back, migrated again and finalized; each
/// replica is judged by what was written, and the database is dropped, whatever happened. Nothing else is touched.
///
/// @param hosts   of the cluster, by its shards
/// @param cluster the name for a Distributed table over them; empty for one server alone
public record ScratchTrial(List<List<ClickHouse>> hosts, String cluster, TableName table) implements AutoCloseable {
    private static final int EACH = 10;
    private static final Duration BETWEEN = Duration.ofMillis(50);
    /// A row is made of its number alone, so that what must be there can be reckoned anywhere.
    private static final String COLUMNS = "id UInt64, at DateTime('UTC'), note String",
            ROW =
                    "number AS id, toDateTime('2026-01-01 00:00:00', 'UTC') + (number % 120) * 86400 AS at,"
                            + " hex(sipHash64(number)) AS note",
            SUMS =
                    "SELECT count() AS n, sum(cityHash64(id, at, note)) AS s, groupBitXor(cityHash64(id, at, note)) AS"
                            + " x";

    /// What a trial found.
    ///
    /// @param engine   of the tables
    /// @param written  rows that came in while it ran
    /// @param apartMs  how long hosts had different tables under one name, at most; null where there is one host
    /// @param verdict  `ok`, or what was found on which host
    public record Outcome(int shards, int hosts, String engine, long rows, long written, Long apartMs, String verdict) {
        public boolean ok() {
            return verdict.equals("ok");
        }

        /// For a person.
        public String text() {
            return """
                shards, hosts          %,11d, %d
                tables                 %s
                rows before            %,15d
                written meanwhile      %,15d   by INSERTs through every host
                hosts differed         %15s   ms in a swap

                verdict: %s\
                """.formatted(shards, hosts, engine, rows, written, apartMs == null ? "-" : apartMs, verdict);
        }
    }

    /// @param connect closed with this
    public static ScratchTrial on(Topology topology, String cluster, Function<Topology.Host, ClickHouse> connect) {
        var database = "rekey_trial_" + UUID.randomUUID().toString().substring(0, 8);
        var out = new ArrayList<List<ClickHouse>>();
        for (var shard : topology.shards()) out.add(shard.stream().map(connect).toList());
        return new ScratchTrial(List.copyOf(out), cluster, new TableName(database, "t"));
    }

    private List<ClickHouse> all() {
        return hosts.stream().flatMap(List::stream).toList();
    }

    private TableName written() {
        return cluster.isEmpty() ? table : table.sibling("t_all");
    }

    /// Who ends it by Ctrl-C has nothing left of it either.
    ///
    /// @param rows there are before
    /// @throws Trouble as any migration; what was made is dropped then, too; [Trouble.Failed] where a host kept it
    public Outcome run(long rows, Limits limits, Consumer<String> say) {
        var ended = new Thread(() -> drop(say));
        Runtime.getRuntime().addShutdownHook(ended);
        Outcome outcome;
        try {
            outcome = tried(rows, limits, say);
        } catch (RuntimeException e) {
            drop(say);
            throw e;
        } finally {
            forget(ended);
        }
        var left = drop(say);
        if (left.isEmpty()) return outcome;
        throw new Trouble.Failed("The trial ended with '" + outcome.verdict() + "', and its database is left on "
                + String.join(", ", left) + ": run DROP DATABASE IF EXISTS " + TableName.quote(table.database())
                + " SYNC there.");
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // it is running
        }
    }

    private Outcome tried(long rows, Limits limits, Consumer<String> say) {
        var next = new AtomicLong(rows);
        var engine = create();
        say.accept("%s on %d hosts; %,d rows go into it".formatted(table.database(), all().size(), rows));
        insert(all().getFirst(), 0, rows, " SETTINGS distributed_foreground_insert = 1");
        Long apart;
        try (var writer = new Writer(next)) {
            var migration = Migration.of(new Rewrite("trial", table, "toYYYYMM(at)", "", "id, at", "", ""));
            say.accept("migrating, while rows are inserted through every host");
            apart = ran(migration, limits, (runner, m) -> runner.run(m, Optional.of("resume")));
            say.accept("rolling back");
            ran(migration, limits, (runner, m) -> runner.rollback(m));
            say.accept("migrating again");
            apart = most(apart, ran(migration, limits, (runner, m) -> runner.run(m, Optional.of("resume"))));
            writer.stop();
            say.accept("finalizing");
            ran(migration, limits, (runner, m) -> runner.run(new Finalize()));
        }
        return new Outcome(
                hosts.size(),
                all().size(),
                engine,
                rows,
                next.get() - rows,
                apart,
                judge(next.get()).orElse("ok"));
    }

    private static Long most(Long a, Long b) {
        return a == null || b != null && b > a ? b : a;
    }

    private interface Work {
        void on(Runner runner, Migration migration);
    }

    private Long ran(Migration migration, Limits limits, Work work) {
        var session = session(migration, limits);
        work.on(new Runner(session, false, List.of()), migration);
        return Entry.last(session.journal().entries(), Detail.Apart.class)
                .map(a -> a.apart().toMillis())
                .orElse(null);
    }

    private Session session(Migration migration, Limits limits) {
        var runner = "r" + UUID.randomUUID().toString().substring(0, 8);
        var control = new Control(limits);
        return Session.of(hosts.stream()
                .map(shard -> {
                    var r = migration.rewrite();
                    var journal = new Journal(shard.getFirst(), r.journal(), r.migration(), runner, Optional.empty());
                    return new Session(shard.getFirst(), r, Map.of(), journal, control, new Progress())
                            .with(shard.stream()
                                    .skip(1)
                                    .map(h -> new rekey.clickhouse.Peer(
                                            h.endpoint().host(), h))
                                    .toList());
                })
                .toList());
    }

    /// @return the engine
    /// @throws Trouble.Refused where the replicas do not find each other
    String create() {
        boolean replicated = all().size() > 1 || macros(all().getFirst()).size() == 2;
        var engine = replicated
                ? "ReplicatedMergeTree('/rekey_trial/" + table.database() + "/{shard}', '{replica}')"
                : "MergeTree";
        for (var host : all()) {
            if (replicated && macros(host).size() < 2)
                throw new Trouble.Refused("Host " + host.endpoint().host()
                        + " lacks the macros 'shard' and 'replica', by which its replica is told from others: give it"
                        + " them in <macros> of its configuration.");
            host.execute("CREATE DATABASE " + TableName.quote(table.database()) + " ENGINE = Atomic");
            host.execute("CREATE TABLE " + table.sql() + " (" + COLUMNS + ") ENGINE = " + engine
                    + " PARTITION BY toYYYYMM(at) ORDER BY (at, id)");
            if (!cluster.isEmpty())
                host.execute("CREATE TABLE " + written().sql() + " AS " + table.sql() + " ENGINE = Distributed("
                        + Sql.text(cluster) + ", " + Sql.text(table.database()) + ", " + Sql.text(table.table())
                        + ", cityHash64(id))");
        }
        for (var shard : hosts)
            for (var host : replicated ? shard : List.<ClickHouse>of())
                if (host.one("SELECT total_replicas AS n FROM system.replicas WHERE database = "
                                        + Sql.text(table.database()))
                                .number("n")
                        != shard.size())
                    throw new Trouble.Refused("The replicas of "
                            + host.endpoint().host() + "'s shard are not "
                            + shard.size() + " under one path: look at the macro 'shard' of each host ("
                            + macros(host) + " here), which is to be the same on those of a shard and on no other.");
        return engine;
    }

    private static Map<String, String> macros(ClickHouse host) {
        var out = new LinkedHashMap<String, String>();
        host.query("SELECT macro, substitution AS value FROM system.macros WHERE macro IN ('shard', 'replica')")
                .forEach(r -> out.put(r.string("macro"), r.string("value")));
        return out;
    }

    void insert(ClickHouse host, long from, long rows, String settings) {
        host.execute("INSERT INTO " + written().sql() + settings + " SELECT " + ROW + " FROM numbers(" + from + ", "
                + rows + ")");
    }

    /// Inserts through each host by turns, until it is stopped.
    private final class Writer implements AutoCloseable {
        private final AtomicLong next;
        private final Thread thread;
        private volatile boolean on = true;
        private volatile RuntimeException failed;

        Writer(AtomicLong next) {
            this.next = next;
            thread = Thread.ofPlatform().daemon().name("rekey-trial-writer").start(this::write);
        }

        private void write() {
            try {
                for (int n = 0; on; n++) {
                    // of its own, for a server may close one that was idle for a moment
                    try (var host =
                            ClickHouse.connect(all().get(n % all().size()).endpoint())) {
                        insert(host, next.get(), EACH, "");
                    }
                    next.addAndGet(EACH);
                    LockSupport.parkNanos(BETWEEN.toNanos());
                }
            } catch (RuntimeException e) {
                failed = e;
            }
        }

        void stop() {
            close();
            if (failed != null)
                throw new Trouble.Failed(
                        "An INSERT of the trial failed meanwhile (" + failed.getMessage()
                                + "), so what must be there is not known: look at that, then try again.",
                        failed);
        }

        @Override
        public void close() {
            on = false;
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Trouble.Stopped("The trial was interrupted.");
            }
        }
    }

    /// Every row is on every replica of its shard, once.
    ///
    /// @param rows how many, numbered from 0
    /// @return what is not so
    Optional<String> judge(long rows) {
        for (var host : all()) {
            if (!cluster.isEmpty())
                host.execute("SYSTEM FLUSH DISTRIBUTED " + written().sql());
        }
        for (var host : all())
            if (host.one("SELECT engine LIKE 'Replicated%' AS yes FROM system.tables WHERE database = "
                            + Sql.text(table.database()) + " AND name = " + Sql.text(table.table()))
                    .flag("yes")) host.execute("SYSTEM SYNC REPLICA " + table.sql());
        var found = new TreeSet<String>();
        var sums = "SELECT sum(n) AS n, sum(s) AS s, groupBitXor(x) AS x FROM (%s)";
        var ofShards = new ArrayList<String>();
        for (var shard : hosts) {
            var first = sums(shard.getFirst());
            ofShards.add("SELECT toUInt64(%s) AS n, toUInt64(%s) AS s, toUInt64(%s) AS x"
                    .formatted(first.string("n"), first.string("s"), first.string("x")));
            for (var host : shard)
                if (!sums(host).values().equals(first.values()))
                    found.add(host.endpoint().host() + " has " + sums(host).values() + ", and "
                            + shard.getFirst().endpoint().host() + " of the same shard " + first.values());
        }
        var asked = all().getFirst();
        var there = asked.one(sums.formatted(String.join(" UNION ALL ", ofShards)));
        var wanted = asked.one(SUMS + " FROM (SELECT " + ROW + " FROM numbers(" + rows + "))");
        if (!there.values().equals(wanted.values()))
            found.add("all shards have " + there.values() + ", and written was " + wanted.values());
        return found.isEmpty() ? Optional.empty() : Optional.of("not ok: " + String.join("; ", found));
    }

    private Row sums(ClickHouse host) {
        return host.one(SUMS + " FROM " + table.sql());
    }

    /// A host that is away by then has it still, which is said.
    ///
    /// @return those hosts
    private List<String> drop(Consumer<String> say) {
        return HostsInParallel.each(all(), host -> {
                    try {
                        host.execute("DROP DATABASE IF EXISTS " + TableName.quote(table.database()) + " SYNC");
                        return Optional.<String>empty();
                    } catch (Trouble.Failed e) {
                        say.accept("On host " + host.endpoint().host() + " the trial's database is left ("
                                + (e instanceof ServerError ? e.getMessage() : "it does not answer")
                                + "): DROP DATABASE " + TableName.quote(table.database()) + " SYNC.");
                        return Optional.of(host.endpoint().host());
                    }
                })
                .stream()
                .flatMap(Optional::stream)
                .toList();
    }

    @Override
    public void close() {
        all().forEach(ClickHouse::close);
    }
}
