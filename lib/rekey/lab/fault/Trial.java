package rekey.lab.fault;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.copy.MergeHold;
import rekey.ingestion.Gate;
import rekey.lab.EmbeddedLab;
import rekey.lab.EventProducer;
import rekey.lab.GuideTable;
import rekey.lab.Judge;
import rekey.lab.Ledger;
import rekey.migration.Events0002;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Limits;

/// Runs one case on a lab: migrates, lets go wrong what is to go wrong, goes on or back until that has ended, and judges
/// the table by the ledger, by the moments at which its rows were inserted, and by what each row must hold.
public final class Trial {
    private static final Duration PATIENCE = Duration.ofMinutes(4), SOON = Duration.ofSeconds(10);
    private static final int ROWS = 12_000, RATE = 100, TRIES = 5, FLUSH_MS = 600, MONTHS = 3;

    private final EmbeddedLab lab;
    private final Case what;
    /// The tool's own, but where it has to pass.
    private final Duration deadline;
    private final Instant begun = Instant.now();
    private final List<String> log = Collections.synchronizedList(new ArrayList<>());

    /// What came of a case.
    ///
    /// @param struck whether what was to go wrong did
    /// @param lost    rows that are not there, or hold something else than was brought
    /// @param doubled rows too many: twice there, or brought by nobody
    /// @param stuck  what did not end, or was left behind; empty when all is well
    /// @param log    what happened, with the seconds
    public record Result(Case what, boolean struck, long lost, long doubled, String stuck, long millis, List<String> log) {
        /// Whether it came out as it must; a control must find its row.
        public boolean ok() {
            long expectedLost = what.fault() == Fault.ROW_DELETED || what.fault() == Fault.ROW_ALTERED ? 1 : 0, expectedDoubled = what.fault() == Fault.ROW_DOUBLED ? 1 : 0;
            return lost == expectedLost && doubled == expectedDoubled && stuck.isEmpty() && (struck || !what.control() || what.fault() == Fault.NONE);
        }

        @Override public String toString() {
            return "%s %s  %d lost, %d doubled, %s%s  %d s".formatted(ok() ? "ok    " : "FAILED", what, lost, doubled, stuck.isEmpty() ? "0 stuck" : "STUCK: " + stuck,
                    struck || what.fault() == Fault.NONE ? "" : " (did not strike)", millis / 1000);
        }
    }

    public Trial(EmbeddedLab lab, Case what) {
        this.lab = lab;
        this.what = what;
        deadline = what.fault() == Fault.NOBODY_BACK ? SOON : Limits.DEFAULT.deadline();
    }

    public Result run() throws InterruptedException {
        var events = new TableName("faults_" + what.id().replaceAll("\\W", "_"), "events");
        var ledger = new Ledger();
        var server = lab.clickhouse().connect();
        GuideTable table = null;
        try (var wire = new Wire(lab.clickhouse().httpPort(), this::log)) {
            server.execute("DROP DATABASE IF EXISTS " + TableName.quote(events.database()) + " SYNC");
            table = new GuideTable(server, lab.kafka(), events, GuideTable.Options.GUIDE.withEngine(what.engine()).withFlushMillis(FLUSH_MS).withInsertedAt().withMonths(MONTHS));
            table.create().fill(ROWS, what.seed());
            new Witness(server, events).begin();
            log("the table is there");
            try (var producer = new EventProducer(lab.bootstrap(), table.topic(), new EventProducer.Options(RATE, what.seed(), MONTHS, 0.03, 0.01, 0.02), ledger).start()) {
                boolean struck = strike(wire, events);
                var stuck = end(wire, events, struck);
                producer.pause();
                server.close();
                server = lab.clickhouse().connect();
                if (!stuck.isEmpty()) return result(struck, 0, 0, stuck);
                table.awaitConsumed(ledger, Duration.ofSeconds(120));
                log("all is consumed");
                var judged = Judge.of(server, ledger).withFilled(ROWS).judge(events);
                judged.examples().forEach(this::log);
                var rewrite = Events0002.of(events).rewrite();
                var held = new Witness(server, events).compare(lab.bootstrap(), table.topic(), new Catalog(server).exists(rewrite.backup()) ? rewrite.backup() : null);
                held.examples().forEach(this::log);
                return result(struck, judged.missing() + judged.missingFinal() + held.altered(), judged.duplicated() + judged.doubledFinal() + held.invented(), leftovers(server, rewrite));
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
        return new Result(what, struck, lost, doubled, stuck, Duration.between(begun, Instant.now()).toMillis(), List.copyOf(log));
    }

    /// The next case has names of its own: what is left where the lab itself is broken hides nothing of what came of this one.
    private void tidy(TableName events, GuideTable table) {
        try (var last = lab.clickhouse().connect()) {
            last.execute("DROP DATABASE IF EXISTS " + TableName.quote(events.database()) + " SYNC");
            if (table != null) lab.kafka().deleteTopic(table.topic());
        } catch (Trouble e) {
            log("! " + e.getMessage());
        }
    }

    private void log(String line) {
        log.add("%6.2f  %s".formatted(Duration.between(begun, Instant.now()).toMillis() / 1000.0, line));
    }

    /// Migrates, and lets it go wrong at the statement that the case names.
    private boolean strike(Wire wire, TableName events) throws IOException, InterruptedException {
        var commands = what.moment().during().commands();
        if (commands.isEmpty()) return false;
        var striker = new Striker(lab, what, wire, events, this::log);
        wire.watch(striker::at);
        try (var tool = new Tool(wire.url(), events, commands, deadline, this::log)) {
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
    private String end(Wire wire, TableName events, boolean struck) throws IOException, InterruptedException {
        var closed = what.fault() == Fault.NOBODY_BACK && struck ? reopened(events) : "";
        if (!closed.isEmpty()) return closed;
        var late = what.fault() == Fault.LATE_STATEMENT ? released(wire) : CompletableFuture.<Void>completedFuture(null);
        for (var command : what.then()) {
            var stuck = end(wire, events, command);
            if (!stuck.isEmpty()) return stuck;
        }
        late.join();
        // what came too late may have left the run half undone: it must be able to go to its end all the same
        return what.fault() == Fault.LATE_STATEMENT ? end(wire, events, what.then().getLast()) : "";
    }

    private String end(Wire wire, TableName events, String command) throws IOException, InterruptedException {
        for (int i = 1; i <= TRIES; i++) {
            log("--- " + command + ", try " + i);
            try (var tool = new Tool(wire.url(), events, List.of(command), deadline, this::log)) {
                var code = tool.await(PATIENCE);
                if (code.isEmpty()) return command + " did not end in " + PATIENCE;
                if (code.equals(Optional.of(0))) return "";
                log("--- exit code " + code.get());
                Thread.sleep(500);
            }
        }
        return command + " has not ended after " + TRIES + " tries: " + log.reversed().stream().filter(l -> l.contains("  ! ")).findFirst().orElse("no error");
    }

    /// Some time after the next runner has begun.
    private CompletableFuture<Void> released(Wire wire) {
        var done = new CompletableFuture<Void>();
        wire.watch(sql -> {
            if (sql.contains(", 'LOCKED', ")) {
                wire.watch(any -> null);
                done.completeAsync(() -> { wire.release(); return null; }, CompletableFuture.delayedExecutor(what.moment().delayMs(), TimeUnit.MILLISECONDS));
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

    /// What a case that has ended must not leave behind.
    private String leftovers(ClickHouse server, Rewrite rewrite) {
        var catalog = new Catalog(server);
        var left = new ArrayList<String>();
        if (!new Gate(server, rewrite).standing().isEmpty()) left.add("a gate");
        if (!catalog.tablesLike(rewrite.source().database(), rewrite.target().table()).isEmpty()) left.add(catalog.tablesLike(rewrite.source().database(), rewrite.target().table()).toString());
        if (MergeHold.held(catalog.table(rewrite.source()))) left.add("held merges");
        boolean backup = catalog.exists(rewrite.backup());
        var last = what.then().isEmpty() ? "rollback" : what.then().getLast();
        if (backup != (last.equals("migrate") || last.equals("optimize"))) left.add(backup ? "a backup after " + last : "no backup after " + last);
        var key = catalog.table(rewrite.source()).keys().orderBy();
        if (key.contains("cityHash64(distinct_id)") == last.equals("rollback")) left.add("the keys " + key);
        return String.join(", ", left);
    }
}
