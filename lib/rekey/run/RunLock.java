package rekey.run;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.Peer;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.ServerGone;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Control;
import rekey.session.Session;

/// One runner for a table. The lock is a query that sleeps on the server under an id which can't be used twice at
/// the same time (code 216), so two runners that start at the same instant can't both have it; it ends with its
/// holder's connection, so a dead one's hold ends by itself, also over a restart of the server.
public final class RunLock implements AutoCloseable {
    /// Between two rows it hears that it is killed: whoever gives the lock back waits for so long.
    private static final String SLEEP = "SELECT sleepEachRow(0.05) FROM numbers(10000000000)";

    private final ClickHouse server;
    private final String id;
    private final String who;
    private volatile boolean released;
    private final boolean toBeMet;
    private volatile boolean gap, taken;
    private volatile Thread holder;

    private static final int ENDING = 1500; // times 20 ms
    private static final int ENDINGS = 10;
    private static final String ROLLING_BACK = ", rolling back";

    /// Who holds a lock.
    ///
    /// @param seconds for how long
    public record Holder(String who, long seconds) {
        /// By the name that its lines in the journal have.
        public String runner() {
            return who.replaceFirst(" on .*", "");
        }

        /// Whether it is on its way back. Its first line in the journal comes later than its lock.
        public boolean rollsBack() {
            return who.endsWith(ROLLING_BACK);
        }

        @Override
        public String toString() {
            return who + ", for "
                    + Duration.ofSeconds(seconds).toString().substring(2).toLowerCase();
        }
    }

    /// Another has it.
    public static final class Taken extends Trouble.Refused {
        private final Holder holder;

        private Taken(Holder holder) {
            super("Another runner has this table: " + holder
                    + ". Wait for it, stop it with 'stop', or take over with --take-over.");
            this.holder = holder;
        }

        public Holder holder() {
            return holder;
        }
    }

    private RunLock(ClickHouse server, TableName table, String runner, boolean rollsBack, boolean toBeMet) {
        this.server = server;
        this.toBeMet = toBeMet;
        this.id = id(table);
        this.who = runner + " on " + host() + ", process "
                + ProcessHandle.current().pid() + (rollsBack ? ROLLING_BACK : "");
    }

    private static String id(TableName table) {
        return "rekey-lock:" + table;
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "a host without a name";
        }
    }

    /// Takes the lock or says who has it.
    ///
    /// @param takeOver ends the other's hold first
    /// @param lost     is stopped when the lock was lost to another runner
    /// @throws Taken when another has it
    public static RunLock acquire(ClickHouse server, TableName table, String runner, boolean takeOver, Control lost) {
        return acquire(server, table, runner, false, takeOver, false, lost);
    }

    /// @param rollsBack what it is taken for, which others see at once
    /// @param toBeMet   whether another runner is to find it and no more: one that somebody ends is taken anew
    ///                  after a second. It ends the run only where another runner has it by then
    static RunLock acquire(
            ClickHouse server,
            TableName table,
            String runner,
            boolean rollsBack,
            boolean takeOver,
            boolean toBeMet,
            Control lost) {
        for (int tries = 1; ; tries++) {
            var other = takeOver ? holder(server, table).map(Holder::who) : Optional.<String>empty();
            other.ifPresent(who -> end(server, id(table), who));
            var lock = new RunLock(server, table, runner, rollsBack, toBeMet);
            try {
                lock.start(lost);
            } catch (Taken e) {
                // one that is there to be met takes it anew after a second: on a busy server a take-over was refused
                if (tries < ENDINGS && other.equals(Optional.of(e.holder().who()))) continue;
                throw e;
            }
            lost.fence(lock::fence);
            lost.successor(lock::successor);
            return lock;
        }
    }

    /// Who has it in this one's place.
    Optional<String> successor() {
        return holder(server, id).map(Holder::who).filter(other -> !other.equals(who));
    }

    /// A server that was away has forgotten who had the lock: it is taken anew, unless another was quicker. Whoever
    /// had it in between may have changed what this runner knows, so that has to be read anew, too.
    ///
    /// @throws Trouble.Stopped when another has it
    /// @throws ServerGone      once after each time that it was lost and taken anew
    void fence() {
        boolean mine = mine();
        for (int i = 0; i < 100 && !mine && holder(server, id).isEmpty(); i++) {
            sleep(100);
            mine = mine();
        }
        // one that was just taken anew is seen by the second look
        if (!mine && !mine())
            throw new Trouble.Stopped("The lock was lost, so nothing more is changed: " + other()
                    + " may have it. Look with 'status', then run again.");
        if (!gap) return;
        gap = false;
        throw new ServerGone("The server was away, and the lock was taken anew: what stands there is read anew.", null);
    }

    /// Who holds the lock of a session's table now, on whichever hosts it is taken: the one that copies for a run
    /// may be another than this session's. Hosts that do not answer are passed over.
    public static Optional<Holder> holder(Session session) {
        var table = session.rewrite().source();
        var here = holder(session.server(), table);
        if (here.isPresent()) return here;
        return HostsInParallel.each(session.peers(), peer -> holder(peer, table)).stream()
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<Holder> holder(Peer peer, TableName table) {
        try {
            return holder(peer.server(), table);
        } catch (Trouble.Failed away) {
            return Optional.empty();
        }
    }

    /// Who holds the lock of a table now.
    public static Optional<Holder> holder(ClickHouse server, TableName table) {
        return holder(server, id(table));
    }

    private static Optional<Holder> holder(ClickHouse server, String id) {
        return server
                .query("SELECT Settings['log_comment'] AS who, toUInt64(elapsed) AS s FROM system.processes WHERE"
                        + " query_id = "
                        + Sql.text(id))
                .stream()
                .map(r -> new Holder(r.string("who"), r.number("s")))
                .findFirst();
    }

    private void start(Control lost) {
        var outcome = new java.util.concurrent.LinkedBlockingQueue<Optional<RuntimeException>>();
        holder = Thread.ofPlatform().daemon().name("rekey-lock").start(() -> hold(outcome, lost));
        try {
            var first = outcome.take();
            if (first.isPresent()) throw first.get();
            taken = true;
            gap = false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
            throw new Trouble.Stopped("Interrupted while waiting for the lock.");
        }
    }

    /// Holds it as long as the process lives; taken anew when the server comes back.
    private void hold(java.util.Queue<Optional<RuntimeException>> outcome, Control lost) {
        var seen = Thread.ofVirtual().start(() -> {
            // whoever was refused has nothing to look for any more
            while (!released && !Thread.currentThread().isInterrupted()) {
                if (mine()) {
                    outcome.add(Optional.empty());
                    return;
                }
                sleep(20);
            }
        });
        try {
            hold(outcome, lost, true);
        } finally {
            seen.interrupt();
            // where it was lost before it was seen to be held, somebody still waits for a word
            outcome.add(Optional.of(new Trouble.Stopped(
                    "The lock was lost as soon as it was taken. Look with 'status', then run again.")));
        }
    }

    private void hold(java.util.Queue<Optional<RuntimeException>> outcome, Control lost, boolean first) {
        while (!released) {
            try {
                server.drain(
                        SLEEP,
                        id,
                        Map.of(
                                "max_block_size",
                                "1",
                                "max_execution_time",
                                "0",
                                "max_rows_to_read",
                                "0",
                                "log_comment",
                                who,
                                "function_sleep_max_microseconds_per_block",
                                "1000000000",
                                "cancel_http_readonly_queries_on_client_close",
                                "1",
                                "max_result_rows",
                                "0",
                                "wait_end_of_query",
                                "0"));
            } catch (ServerError e) {
                if (released) return;
                if (e.code() == ServerError.QUERY_ID_IN_USE) {
                    var other = another();
                    if (other.isEmpty()) {
                        sleep(20);
                        continue;
                    }
                    if (first && outcome.add(Optional.of(new Taken(other.get())))) return;
                    lost.stop("The lock was lost to another runner: " + other.get() + ".");
                    return;
                }
                if (toBeMet && taken) {
                    first = false;
                    sleep(1000); // whoever ended it to have it is there first
                    continue;
                }
                if (e.code() == ServerError.QUERY_CANCELLED)
                    lost.stop("Another runner took over, or someone killed this one's lock.");
                else if (first) {
                    outcome.add(Optional.of(e));
                    return;
                } else lost.stop("The lock could not be held: " + e.getMessage());
                return;
            } catch (ServerGone e) {
                if (released) return;
                gap = true;
                sleep(200);
            }
            first = false;
        }
    }

    /// Everybody may end his own statements, and another user's only with a right that is on all of the server.
    static RuntimeException mayNotEnd(ClickHouse server, ServerError e) {
        return e.code() != ServerError.ACCESS_DENIED
                ? e
                : new Trouble.Refused("The run that goes on, or died, is another user's, and "
                        + server.endpoint().user() + " may not end its statements: run as that user, or as an"
                        + " administrator GRANT KILL QUERY ON *.* TO "
                        + TableName.quote(server.endpoint().user()) + ".");
    }

    /// Ends a hold, and waits until it has ended. Told to wait itself (SYNC), the server ends again and again what
    /// runs under the id: of four rollbacks at once the first that got the lock lost it to the end of
    /// the run before.
    private static void end(ClickHouse server, String id, String who) {
        try {
            server.execute("KILL QUERY WHERE query_id = " + Sql.text(id) + " AND Settings['log_comment'] = "
                    + Sql.text(who) + " ASYNC");
        } catch (ServerError e) {
            throw mayNotEnd(server, e);
        } catch (ServerGone e) {
            // its answer may be lost alone, and then the hold ends a moment later: who did not wait for that had the
            // next run refused. A server that is gone says so to the question below.
        }
        for (int i = 0;
                i < ENDING
                        && holder(server, id).filter(h -> h.who().equals(who)).isPresent();
                i++) sleep(20);
    }

    private boolean mine() {
        try {
            return holder(server, id).map(h -> h.who().equals(who)).orElse(false);
        } catch (Trouble.Failed e) {
            return false; // also when it is short of memory: whoever waits for the lock asks again
        }
    }

    /// Who else has it. Nobody, where that one has just ended, perhaps because it was this runner's own connection
    /// before it broke; or the server can't tell now. Then the lock is asked for again.
    private Optional<Holder> another() {
        try {
            return holder(server, id).filter(h -> !h.who().equals(who));
        } catch (Trouble.Failed e) {
            return Optional.empty();
        }
    }

    private String other() {
        return holder(server, id).map(Holder::toString).orElse("one that has just ended");
    }

    private static void sleep(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        released = true;
        try {
            if (mine()) end(server, id, who);
        } finally {
            holder.interrupt();
        }
    }
}
