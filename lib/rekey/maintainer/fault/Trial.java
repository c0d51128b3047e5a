package rekey.maintainer.fault;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.lab.EmbeddedLab;
import rekey.lab.EventProducer;
import rekey.lab.GuideTable;
import rekey.lab.Judge;
import rekey.lab.Ledger;
import rekey.lab.Writers;
import rekey.migration.Events0002;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Limits;

/// Runs one case on a lab: migrates, lets go wrong what is to go wrong, goes on or back until that has ended, and
/// judges the table by the ledger, by the moments at which its rows were inserted, and by what each row must hold.
public final class Trial {
    static final Duration SOON = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final int ROWS = 12_000, RATE = 100, TRIES = 5, FLUSH_MS = 600, MONTHS = 3;

    private final EmbeddedLab lab;
    private final Case what;
    /// The tool's own, but where it has to pass.
    private final Duration deadline;
    private final CaseLog log = new CaseLog();

    /// What came of a case.
    ///
    /// @param struck whether what was to go wrong did
    /// @param lost    rows that are not there, or hold something else than was brought; keys that show an older row
    ///                than their newest
    /// @param doubled rows too many: twice there, or brought by nobody
    /// @param stuck  what did not end, or was left behind; empty when all is well
    /// @param log    what happened, with the seconds
    public record Result(
            Case what, boolean struck, long lost, long doubled, String stuck, long millis, List<String> log) {
        /// Whether it came out as it must; a control must find its row.
        public boolean ok() {
            long expectedLost = what.fault() == Fault.ROW_DELETED || what.fault() == Fault.ROW_ALTERED ? 1 : 0,
                    expectedDoubled = what.fault() == Fault.ROW_DOUBLED ? 1 : 0;
            return lost == expectedLost
                    && doubled == expectedDoubled
                    && stuck.isEmpty()
                    && (struck || !what.control() || what.fault() == Fault.NONE);
        }

        @Override
        public String toString() {
            return "%s %s  %d lost, %d doubled, %s%s  %d s"
                    .formatted(
                            ok() ? "ok    " : "FAILED",
                            what,
                            lost,
                            doubled,
                            stuck.isEmpty() ? "0 stuck" : "STUCK: " + stuck,
                            struck || what.fault() == Fault.NONE ? "" : " (did not strike)",
                            millis / 1000);
        }
    }

    public Trial(EmbeddedLab lab, Case what) {
        this.lab = lab;
        this.what = what;
        deadline = what.fault() == Fault.NOBODY_BACK || what.fault() == Fault.ANSWER_LATE
                ? SOON
                : Limits.DEFAULT.deadline();
    }

    public Result run() throws InterruptedException {
        var events = new TableName("faults_" + what.id().replaceAll("\\W", "_"), "events");
        var ledger = new Ledger();
        var server = lab.clickhouse().connect();
        GuideTable table = null;
        try (var wire = new HttpProxy(lab.clickhouse().httpPort(), this::log)) {
            server.execute("DROP DATABASE IF EXISTS " + TableName.quote(events.database()) + " SYNC");
            table = new GuideTable(
                    server,
                    lab.kafka(),
                    events,
                    GuideTable.Options.GUIDE
                            .withEngine(what.engine())
                            .withFlushMillis(FLUSH_MS)
                            .withInsertedAt()
                            .withMonths(MONTHS));
            table.create().fill(ROWS, what.seed());
            new ExpectedRows(server, events).begin();
            var crowd =
                    new SurroundingTables(server, events, Events0002.of(events).rewrite());
            if (what.crowded()) crowd.gather();
            log("the table is there");
            try (var producer = new EventProducer(
                                    lab.bootstrap(),
                                    table.topic(),
                                    new EventProducer.Options(RATE, what.seed(), MONTHS, 0.03, 0.01, 0.02),
                                    ledger)
                            .start();
                    var plain = new Writers(
                            () -> lab.clickhouse().connect(),
                            events,
                            what.crowded() ? List.of(events, crowd.alias()) : List.of(events),
                            Writers.Pace.SLOW,
                            what.writers())) {
                boolean struck = strike(wire, events);
                var stuck = end(wire, events, struck);
                producer.pause();
                server.close();
                server = lab.clickhouse().connect();
                if (!stuck.isEmpty()) return result(struck, 0, 0, stuck);
                table.awaitConsumed(ledger, Duration.ofSeconds(120));
                log("all is consumed");
                var written = plain.stop().judge(server);
                written.examples().forEach(this::log);
                var judged = Judge.of(server, ledger).withFilled(ROWS).judge(events);
                judged.examples().forEach(this::log);
                var rewrite = Events0002.of(events).rewrite();
                var held = new ExpectedRows(server, events)
                        .compare(
                                lab.bootstrap(),
                                table.topic(),
                                new Catalog(server).exists(rewrite.backup()) ? rewrite.backup() : null);
                held.examples().forEach(this::log);
                return result(
                        struck,
                        judged.missing() + judged.missingFinal() + held.altered() + written.missing() + written.stale(),
                        judged.duplicated() + judged.doubledFinal() + held.invented() + written.duplicated(),
                        leftovers(
                                server,
                                rewrite,
                                what.crowded() ? new SurroundingTables(server, events, rewrite) : null));
            }
        } catch (Trouble | IOException e) {
            log("! " + e.getMessage());
            return result(true, 0, 0, "the lab: " + e.getMessage());
        } finally {
            server.close();
            tidy(events, table);
        }
    }

    private Result result(boolean struck, long lost, long doubled, String stuck) {
        return new Result(what, struck, lost, doubled, stuck, log.millis(), log.lines());
    }

    /// The next case has names of its own: what is left where the lab itself is broken hides nothing of what came of
    /// this one.
    private void tidy(TableName events, GuideTable table) {
        try (var last = lab.clickhouse().connect()) {
            last.execute("DROP DATABASE IF EXISTS " + TableName.quote(events.database()) + " SYNC");
            if (table != null) lab.kafka().deleteTopic(table.topic());
        } catch (Trouble e) {
            log("! " + e.getMessage());
        }
    }

    private void log(String line) {
        log.add(line);
    }

    /// Migrates, and lets it go wrong at the statement that the case names.
    private boolean strike(HttpProxy wire, TableName events) throws IOException, InterruptedException {
        var commands = what.moment().during().commands();
        if (commands.isEmpty()) return false;
        var striker = new FaultInjector(lab, what, wire, events, this::log);
        wire.watch(striker::at);
        try (var tool = new ToolProcess(wire.url(), events, commands, deadline, this::log)) {
            striker.aim(tool);
            var code = tool.await(PATIENCE);
            log(code.map(c -> "--- exit code " + c).orElse("--- the tool did not end by itself and was killed"));
        } finally {
            wire.watch(sql -> null);
            striker.relieve();
        }
        return striker.struck();
    }

    /// On, or back, or back and on, until that has ended.
    ///
    /// @return what is stuck
    private String end(HttpProxy wire, TableName events, boolean struck) throws IOException, InterruptedException {
        var closed = what.fault() == Fault.NOBODY_BACK && struck ? reopened(events) : "";
        if (!closed.isEmpty()) return closed;
        var late =
                what.fault() == Fault.LATE_STATEMENT ? released(wire) : CompletableFuture.<Void>completedFuture(null);
        for (var command : what.then()) {
            var stuck = end(wire, events, command);
            if (!stuck.isEmpty()) return stuck;
        }
        late.join();
        // what came too late may have left the run half undone: it must be able to go to its end all the same
        return what.fault() == Fault.LATE_STATEMENT
                ? end(wire, events, what.then().getLast())
                : "";
    }

    private String end(HttpProxy wire, TableName events, String command) throws IOException, InterruptedException {
        return ToolProcess.insist(
                commands -> new ToolProcess(wire.url(), events, commands, Limits.DEFAULT.deadline(), this::log),
                command,
                TRIES,
                PATIENCE,
                log);
    }

    /// Some time after the next runner has begun.
    private CompletableFuture<Void> released(HttpProxy wire) {
        var done = new CompletableFuture<Void>();
        wire.watch(sql -> {
            if (sql.contains(", 'LOCKED', ")) {
                wire.watch(any -> null);
                done.completeAsync(
                        () -> {
                            wire.release();
                            return null;
                        },
                        CompletableFuture.delayedExecutor(what.moment().delayMs(), TimeUnit.MILLISECONDS));
            }
            return null;
        });
        return done;
    }

    /// What is stuck when nobody has come back by the deadline.
    private String reopened(TableName events) throws InterruptedException {
        try (var server = lab.clickhouse().connect()) {
            return new Reopening(server, Events0002.of(events).rewrite()).await(deadline);
        }
    }

    /// @param crowd what it must have left alone; null for none
    private String leftovers(ClickHouse server, Rewrite rewrite, SurroundingTables crowd) {
        var last = what.then().isEmpty() ? "rollback" : what.then().getLast();
        var left = new ArrayList<String>(crowd == null ? List.of() : crowd.gone());
        left.addAll(Leftovers.of(server, rewrite, last, crowd == null ? List.of() : crowd.strangers()));
        return String.join(", ", left);
    }
}
