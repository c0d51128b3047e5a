package rekey.maintainer.fault;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import rekey.cli.Output;
import rekey.clickhouse.Catalog;
import rekey.lab.ClickHouseProcess;
import rekey.lab.ClusterJudge;
import rekey.lab.ClusterShape;
import rekey.lab.ClusterTable;
import rekey.lab.EmbeddedLab;
import rekey.lab.EventProducer;
import rekey.lab.GuideTable;
import rekey.lab.Ledger;
import rekey.migration.Events0002;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Limits;

/// Runs one case on a lab's cluster: migrates, kills what is to be killed and starts it again, goes on or back until
/// that has ended, and judges every replica by what Kafka acknowledged.
public final class ClusterTrial {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int ROWS = 8000, RATE = 60, TRIES = 5, MONTHS = 3;

    private final EmbeddedLab lab;
    private final ClusterCase what;
    private final CaseLog log = new CaseLog();
    private final long begun = System.nanoTime();

    /// What came of a case.
    ///
    /// @param struck  whether it went wrong while the tool ran
    /// @param differs replicas that are not equal to the others of their shard
    /// @param stuck   what did not end, or was left behind; empty when all is well
    public record Result(
            ClusterCase what,
            boolean struck,
            long lost,
            long doubled,
            long differs,
            String stuck,
            long millis,
            List<String> log) {
        public boolean ok() {
            return what.isControl()
                    ? lost > 0 && doubled + differs == 0 && stuck.isEmpty()
                    : lost + doubled + differs == 0 && stuck.isEmpty();
        }

        @Override
        public String toString() {
            return "%s %s  %d lost, %d doubled, %s%s%s"
                    .formatted(
                            ok() ? "ok    " : "FAILED",
                            what,
                            lost,
                            doubled,
                            stuck.isEmpty() ? "0 stuck" : "STUCK: " + stuck,
                            differs == 0 ? "" : ", " + differs + " replicas differ",
                            struck || what.isControl() ? "" : " (did not strike)");
        }
    }

    private ClusterTrial(EmbeddedLab lab, ClusterCase what) {
        this.lab = lab;
        this.what = what;
    }

    /// The control, then the cases, each told in a line; of one that fails what happened, too.
    ///
    /// @param record null for none
    /// @return an exit code
    public static int all(ClusterShape shape, CaseOptions options, Recording record, Output output)
            throws InterruptedException {
        var tally = new Tally();
        run(shape, options.cases(shape), options.within(), result -> {
            output.text(result.toString());
            if (!result.ok() || output.verbose()) output.say(String.join("\n", result.log()));
            if (record != null && !result.what().isControl()) record.add(shape, result);
            tally.add(result);
        });
        output.text(options.chosen() + ": " + tally);
        return !tally.ok() ? 3 : tally.vacuous() ? 1 : 0;
    }

    /// All of them on one lab, one after another; one that fails leaves it to nobody.
    ///
    /// @param within no case is begun after so long
    /// @param each   gets each result as soon as it is there
    private static void run(ClusterShape shape, List<ClusterCase> cases, Duration within, Consumer<Result> each)
            throws InterruptedException {
        EmbeddedLab lab = null;
        var until = Instant.now().plus(within);
        try {
            for (var one : cases) {
                if (Instant.now().isAfter(until)) return;
                if (lab == null) lab = EmbeddedLab.start(ParallelLabs.OPTIONS.withShape(shape));
                var result = new ClusterTrial(lab, one).run();
                each.accept(result);
                if (result.ok()) continue;
                lab.close();
                lab = null;
            }
        } finally {
            if (lab != null) lab.close();
        }
    }

    private Result run() throws InterruptedException {
        var events = new TableName("faults_" + what.id().replaceAll("\\W", "_"), "events");
        var ledger = new Ledger();
        var options = ClusterTable.Options.of(lab.shape()).withMonths(MONTHS);
        try (var table = new ClusterTable(lab, events, options).create().fill(ROWS, what.seed());
                var producer = new EventProducer(
                                lab.bootstrap(),
                                table.topic(),
                                new EventProducer.Options(RATE, what.seed(), MONTHS, 0.03, 0.01, 0.02),
                                ledger)
                        .start()) {
            log("the table is there");
            boolean struck = strike(table);
            for (var command : what.then()) {
                // each time another host copies: what the one before left is settled by its successor
                var stuck = ToolProcess.insist(
                        commands -> tool(table, commands, ToolProcess.Hosts.ANOTHER_COPIES, this::log),
                        command,
                        TRIES,
                        PATIENCE,
                        log);
                if (!stuck.isEmpty()) return result(struck, 0, 0, 0, stuck);
            }
            producer.pause();
            table.awaitConsumed(ledger, Duration.ofSeconds(150));
            log("all is consumed");
            if (what.isControl()) delete(table);
            var rewrite = Events0002.of(table.local()).rewrite();
            var judge = ClusterJudge.of(table, ledger);
            try (var server = lab.host(1, 1).connect()) {
                if (new Catalog(server).exists(rewrite.backup())) judge = judge.withBackup(rewrite.backup());
            }
            var judged = judge.judge(table.local());
            judged.examples().forEach(this::log);
            var left = leftovers(rewrite);
            drop(events);
            return result(
                    struck, judged.missing(), judged.duplicated() + judged.inTwoShards(), judged.differing(), left);
        } catch (Trouble | IOException e) {
            log("! " + e.getMessage());
            return result(true, 0, 0, 0, "the lab: " + e.getMessage());
        }
    }

    private Result result(boolean struck, long lost, long doubled, long differs, String stuck) {
        return new Result(
                what, struck, lost, doubled, differs, stuck, (System.nanoTime() - begun) / 1_000_000, log.lines());
    }

    private void log(String line) {
        log.add(line);
    }

    private boolean strike(ClusterTable table) throws IOException, InterruptedException {
        if (what.isControl()) return false;
        var moment = what.moment();
        var once = new AtomicBoolean();
        var back = new CompletableFuture<Boolean>();
        var tool = new CompletableFuture<ToolProcess>();
        Consumer<String> lines = line -> {
            log(line);
            if (moment.test(line) && once.compareAndSet(false, true))
                CompletableFuture.delayedExecutor(what.delayMs(), TimeUnit.MILLISECONDS, Thread::startVirtualThread)
                        .execute(() -> kill(table, tool.join(), back));
        };
        try (var running = tool(table, what.commands(), ToolProcess.Hosts.ALL, lines)) {
            tool.complete(running);
            var code = running.await(PATIENCE);
            log(code.map(c -> "--- exit code " + c).orElse("--- the tool did not end by itself and was killed"));
        }
        return once.get() && back.join();
    }

    private void kill(ClusterTable table, ToolProcess tool, CompletableFuture<Boolean> back) {
        var copier = lab.host(1, 1);
        var last = lab.hosts().getLast();
        var local = table.local().sql();
        try {
            log("--- " + what.killed() + " strikes");
            boolean ran = true;
            switch (what.killed()) {
                case TOOL -> ran = tool.kill();
                case COPIER -> copier.kill();
                case PEER -> last.kill();
                case KEEPER -> lab.keeper().kill();
                case FETCHES_STOPPED -> execute(copier, "SYSTEM STOP FETCHES " + local);
                case SENDS_STOPPED -> {
                    execute(copier, "SYSTEM STOP REPLICATED SENDS");
                    Thread.sleep(1500);
                    copier.kill();
                }
                case QUEUE_STOPPED ->
                    execute(
                            last,
                            "SYSTEM STOP DISTRIBUTED SENDS " + table.writable().sql());
                case NUMBERS_OFF -> execute(last, "ALTER TABLE " + local + " RESET SETTING enable_block_number_column");
                case ROW_DELETED -> ran = false;
            }
            if (what.killed() != ClusterCase.Killed.TOOL) Thread.sleep(what.awayMs());
            switch (what.killed()) {
                case COPIER, SENDS_STOPPED -> copier.start();
                case PEER -> last.start();
                case KEEPER -> lab.keeper().start();
                // of all tables, for names have changed hands meanwhile
                case FETCHES_STOPPED -> execute(copier, "SYSTEM START FETCHES");
                case QUEUE_STOPPED ->
                    execute(
                            last,
                            "SYSTEM START DISTRIBUTED SENDS " + table.writable().sql());
                default -> {}
            }
            log("--- " + what.killed() + " is back");
            back.complete(ran);
        } catch (InterruptedException e) {
            back.complete(false);
        } catch (RuntimeException e) {
            back.completeExceptionally(e);
        }
    }

    private static void execute(ClickHouseProcess host, String sql) {
        try (var server = host.connect()) {
            server.execute(sql);
        }
    }

    private ToolProcess tool(ClusterTable table, List<String> commands, ToolProcess.Hosts hosts, Consumer<String> lines)
            throws IOException {
        return new ToolProcess(lab.host(1, 1).url(), table.local(), commands, Limits.DEFAULT.deadline(), hosts, lines);
    }

    /// On any host.
    private String leftovers(Rewrite rewrite) {
        var left = new ArrayList<String>();
        for (var host : lab.hosts())
            try (var server = host.connect()) {
                Leftovers.of(server, rewrite, what.then().getLast(), List.of())
                        .forEach(
                                one -> left.add(one + " on " + server.endpoint().host()));
            }
        return String.join(", ", left);
    }

    private void drop(TableName events) {
        for (var host : lab.hosts())
            try (var server = host.connect()) {
                server.execute("DROP DATABASE IF EXISTS " + TableName.quote(events.database()) + " SYNC");
            }
    }

    private void delete(ClusterTable table) {
        try (var server = lab.host(1, 1).connect()) {
            var filled = "_partition = " + GuideTable.FILLED;
            long number = server.one(
                            "SELECT min(_offset) AS n FROM " + table.local().sql() + " WHERE " + filled)
                    .number("n");
            server.execute("ALTER TABLE " + table.local().sql() + " DELETE WHERE " + filled + " AND _offset = " + number
                    + " SETTINGS mutations_sync = 2");
        }
    }
}
