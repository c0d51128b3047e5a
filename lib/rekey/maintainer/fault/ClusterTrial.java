package rekey.maintainer.fault;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import rekey.clickhouse.Catalog;
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

    /// What came of a case.
    ///
    /// @param struck  whether the process was killed while the tool ran
    /// @param differs replicas that are not equal to the others of their shard
    /// @param stuck   what did not end, or was left behind; empty when all is well
    public record Result(
            ClusterCase what, boolean struck, long lost, long doubled, long differs, String stuck, List<String> log) {
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

    /// The control, then so many cases by chance, each told in a line; of one that fails what happened, too.
    ///
    /// @param count 0 for 20
    /// @return an exit code
    public static int all(ClusterShape shape, long seed, int count, Consumer<String> text, Consumer<String> say)
            throws InterruptedException {
        var cases = new ArrayList<>(List.of(ClusterCase.control()));
        cases.addAll(ClusterCase.drawn(seed, count == 0 ? 20 : count, shape));
        var tally = new Tally();
        run(shape, cases, result -> {
            text.accept(result.toString());
            if (!result.ok()) say.accept(String.join("\n", result.log()));
            tally.add(result);
        });
        text.accept("seed " + seed + ": " + tally);
        return !tally.ok() ? 3 : tally.vacuous() ? 1 : 0;
    }

    /// All of them on one lab, one after another; one that fails leaves it to nobody.
    ///
    /// @param each gets each result as soon as it is there
    private static void run(ClusterShape shape, List<ClusterCase> cases, Consumer<Result> each)
            throws InterruptedException {
        EmbeddedLab lab = null;
        try {
            for (var one : cases) {
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
                var stuck =
                        ToolProcess.insist(commands -> tool(table, commands, this::log), command, TRIES, PATIENCE, log);
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
        return new Result(what, struck, lost, doubled, differs, stuck, log.lines());
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
                        .execute(() -> kill(tool.join(), back));
        };
        try (var running = tool(table, what.commands(), lines)) {
            tool.complete(running);
            var code = running.await(PATIENCE);
            log(code.map(c -> "--- exit code " + c).orElse("--- the tool did not end by itself and was killed"));
        }
        return once.get() && back.join();
    }

    private void kill(ToolProcess tool, CompletableFuture<Boolean> back) {
        try {
            log("--- " + what.killed() + " is killed");
            boolean ran = true;
            switch (what.killed()) {
                case TOOL -> ran = tool.kill();
                case COPIER -> lab.host(1, 1).kill();
                case PEER -> lab.hosts().getLast().kill();
                case KEEPER -> lab.keeper().kill();
                case ROW_DELETED -> ran = false;
            }
            if (what.killed() != ClusterCase.Killed.TOOL) Thread.sleep(what.awayMs());
            switch (what.killed()) {
                case COPIER -> lab.host(1, 1).start();
                case PEER -> lab.hosts().getLast().start();
                case KEEPER -> lab.keeper().start();
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

    private ToolProcess tool(ClusterTable table, List<String> commands, Consumer<String> lines) throws IOException {
        return new ToolProcess(lab.host(1, 1).url(), table.local(), commands, Limits.DEFAULT.deadline(), true, lines);
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
