package rekey.maintainer.fault;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import rekey.clickhouse.ServerError;
import rekey.lab.EmbeddedLab;
import rekey.migration.Events0002;
import rekey.model.TableName;

/// Watches the statements of a run go by and lets it go wrong at the one that the case names.
final class FaultInjector {
    private static final String LITTLE_MEMORY = "max_memory_usage=300000&max_untracked_memory=1";
    private static final Duration LATE = Duration.ofSeconds(4);
    private static final int BROKER_AWAY_MS = 2000, DISK_FULL_MS = 5000, NOT_ENOUGH_SPACE = 243;

    private final EmbeddedLab lab;
    private final Case what;
    private final HttpProxy wire;
    private final TableName events;
    private final Consumer<String> log;
    private final AtomicInteger begun = new AtomicInteger(), seen = new AtomicInteger();
    private final AtomicBoolean struck = new AtomicBoolean();
    /// Whether somebody met what went wrong, as far as that does not follow from its going wrong.
    private volatile boolean met;
    private volatile boolean away;
    private volatile long refusedBefore;
    private volatile boolean since;
    private volatile ToolProcess tool;
    private volatile CompletableFuture<Void> relief = CompletableFuture.completedFuture(null);

    FaultInjector(EmbeddedLab lab, Case what, HttpProxy wire, TableName events, Consumer<String> log) {
        this.lab = lab;
        this.what = what;
        this.wire = wire;
        this.events = events;
        this.log = log;
    }

    /// @param process what is killed when it is the tool that dies
    void aim(ToolProcess process) {
        tool = process;
    }

    /// Whether what was to go wrong did, for somebody: a bound on memory or a full disk that nobody met did not, nor
    /// a broker that went away when the run had no statement left to send, nor the death of a tool that had ended.
    boolean struck() {
        return struck.get() && (met || wire.refused());
    }

    /// What happens at a statement.
    HttpProxy.Strike at(String sql) {
        if (away) met = true;
        if (ToolProcess.begins(sql)) begun.incrementAndGet();
        var moment = what.moment();
        if (begun.get() != moment.during().commands().size() || struck.get()) return null;
        var place = moment.place();
        boolean here = (place.since().pattern().isEmpty() || since)
                && place.pattern().matcher(sql).find()
                && seen.incrementAndGet() == moment.nth();
        since |= place.since().matcher(sql).find();
        if (!here || !struck.compareAndSet(false, true)) return null;
        return new HttpProxy.Strike(moment.when(), moment.delayMs(), () -> {
            log.accept("--- " + what.fault() + " at "
                    + sql.substring(0, Math.min(100, sql.length())).replace('\n', ' '));
            return strike();
        });
    }

    /// @return whether the statement, or its answer, goes on its way
    private boolean strike() {
        switch (what.fault()) {
            case TOOL_KILLED, NOBODY_BACK, LATE_STATEMENT -> {
                while (tool == null) Thread.onSpinWait();
                met = tool.kill();
                return false;
            }
            case SERVER_KILLED -> {
                met = true;
                lab.clickhouse().kill();
                lab.clickhouse().start();
                return false;
            }
            case ANSWER_LOST -> {
                met = true;
                wire.cut();
                return false;
            }
            case ANSWER_LATE -> {
                met = true;
                LockSupport.parkNanos(Trial.SOON.plus(LATE).toNanos());
            }
            case BROKER_AWAY -> {
                lab.kafka().stop();
                met = what.moment().when() == Moment.When.BEFORE; // it is sent now
                away = true;
                relief = CompletableFuture.runAsync(
                        () -> {
                            away = false;
                            lab.kafka().start();
                        },
                        CompletableFuture.delayedExecutor(BROKER_AWAY_MS, TimeUnit.MILLISECONDS));
            }
            case MEMORY_LIMIT -> {
                wire.awaitRefusal(ServerError.MEMORY_LIMIT);
                wire.settings(LITTLE_MEMORY);
            }
            case DISK_FULL -> {
                refusedBefore = refusedForSpace();
                wire.awaitRefusal(NOT_ENOUGH_SPACE);
                lab.clickhouse().disk().fill();
                relief = CompletableFuture.runAsync(
                        () -> lab.clickhouse().disk().free(),
                        CompletableFuture.delayedExecutor(DISK_FULL_MS, TimeUnit.MILLISECONDS));
            }
            case ROW_DELETED ->
                behindItsBack(
                        "ALTER TABLE %1$s DELETE WHERE _offset = 7 AND _partition = 1000000 SETTINGS mutations_sync"
                                + " = 2");
            case ROW_DOUBLED ->
                behindItsBack("INSERT INTO %1$s SELECT * FROM %1$s WHERE _offset = 7 AND _partition = 1000000");
            case ROW_ALTERED ->
                behindItsBack(
                        "ALTER TABLE %1$s UPDATE properties = concat(properties, ' ') WHERE _offset = 7 AND _partition"
                                + " = 1000000 SETTINGS mutations_sync = 2");
            case NONE -> {}
        }
        return true;
    }

    /// How many have been refused for the disk by now: statements, and Kafka's batches and merges, of which the wire
    /// sees nothing.
    private long refusedForSpace() {
        try (var server = lab.clickhouse().connect()) {
            return server.one(
                            "SELECT sum(value) AS n FROM system.errors WHERE NOT remote AND code = " + NOT_ENOUGH_SPACE)
                    .number("n");
        }
    }

    private void behindItsBack(String sql) {
        met = true;
        var rewrite = Events0002.of(events).rewrite();
        try (var server = lab.clickhouse().connect()) {
            var target = new rekey.clickhouse.Catalog(server)
                    .tablesLike(events.database(), rewrite.target().table() + "_swap_")
                    .getFirst();
            server.execute(sql.formatted(target.sql()));
        }
    }

    /// All is well again: the broker is there, the disk has room, memory is plenty.
    void relieve() {
        wire.settings("");
        lab.clickhouse().disk().free();
        relief.join();
        if (what.fault() == Fault.DISK_FULL && struck.get() && refusedForSpace() > refusedBefore) met = true;
    }
}
