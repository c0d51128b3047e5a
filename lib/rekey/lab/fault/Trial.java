package rekey.lab.fault;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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

/// Runs one case on a lab: migrates, lets go wrong what is to go wrong, goes on or back until that has ended, and judges
/// the table by the ledger and by its own record of arrivals.
public final class Trial {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final Duration DEADLINE = Duration.ofSeconds(12);
    private static final int ROWS = 30_000, RATE = 400, TRIES = 5;

    private final EmbeddedLab lab;
    private final Case what;
    private final List<String> log = java.util.Collections.synchronizedList(new ArrayList<>());

    /// What came of a case.
    ///
    /// @param struck whether what was to go wrong did
    /// @param stuck  what did not end, or was left behind; empty when all is well
    /// @param log    what the tool printed
    public record Result(Case what, boolean struck, long lost, long doubled, String stuck, long millis, List<String> log) {
        public boolean ok() {
            return lost == 0 && doubled == 0 && stuck.isEmpty();
        }

        @Override public String toString() {
            return "%s  %-55s %d lost, %d doubled, %s%s  %d s".formatted(ok() ? "ok    " : "FAILED", what, lost, doubled, stuck.isEmpty() ? "0 stuck" : "STUCK: " + stuck,
                    struck ? "" : " (did not come so far)", millis / 1000);
        }
    }

    public Trial(EmbeddedLab lab, Case what) {
        this.lab = lab;
        this.what = what;
    }

    public Result run() throws IOException, InterruptedException {
        var begun = Instant.now();
        var events = new TableName("f" + Long.toString(what.seed(), 36), "events");
        var ledger = new Ledger();
        var server = lab.clickhouse().connect();
        try (var proxy = new Proxy(lab.clickhouse().httpPort())) {
            var table = new GuideTable(server, lab.kafka(), events, GuideTable.Options.GUIDE.withEngine(what.engine()).withArrivals()).create().fill(ROWS, what.seed());
            try (var producer = new EventProducer(lab.bootstrap(), table.topic(), new EventProducer.Options(RATE, what.seed(), 0.05, 0.01, 0.02), ledger).start()) {
                boolean struck = strike(proxy, events);
                var stuck = end(proxy, events);
                producer.pause();
                server = lab.clickhouse().connect();
                if (stuck.isEmpty()) table = settled(server, table, ledger);
                var judged = stuck.isEmpty() ? Judge.of(server, ledger).withFilled(ROWS).withArrivals(table.arrivals()).judge(events) : null;
                if (stuck.isEmpty()) stuck = leftovers(server, Events0002.of(events).rewrite());
                if (judged != null) log.addAll(judged.examples());
                return new Result(what, struck, judged == null ? 0 : judged.missing() + judged.missingFinal(), judged == null ? 0 : judged.duplicated() + judged.doubledFinal(),
                        stuck, Duration.between(begun, Instant.now()).toMillis(), List.copyOf(log));
            }
        } finally {
            server.close();
            try (var last = lab.clickhouse().connect()) {
                last.execute("DROP DATABASE IF EXISTS " + TableName.quote(events.database()) + " SYNC");
            }
        }
    }

    private GuideTable settled(ClickHouse server, GuideTable table, Ledger ledger) {
        table.awaitConsumed(ledger, Duration.ofSeconds(120));
        return table;
    }

    /// Migrates, and lets it go wrong at the line of the journal that the case names.
    private boolean strike(Proxy proxy, TableName events) throws IOException, InterruptedException {
        var reached = new CountDownLatch(1);
        var seen = new AtomicInteger();
        long memory = what.fault() == Fault.MEMORY_LIMIT ? 12_000_000 : 0;
        try (var tool = new Tool(proxy.url(), events, false, DEADLINE, memory, line -> {
            log.add(line);
            if (line.equals(what.trigger()) && seen.incrementAndGet() == what.nth()) reached.countDown();
        })) {
            while (tool.alive() && !reached.await(100, TimeUnit.MILLISECONDS)) continue;
            boolean struck = reached.getCount() == 0;
            if (struck) {
                Thread.sleep(what.delayMs());
                log.add("--- " + what.fault());
                doIt(proxy, tool);
            }
            if (tool.await(PATIENCE).isEmpty()) log.add("--- the tool did not end by itself and was killed");
            return struck;
        }
    }

    private void doIt(Proxy proxy, Tool tool) throws InterruptedException {
        switch (what.fault()) {
            case TOOL_KILLED -> tool.kill();
            case NOBODY_BACK -> {
                tool.kill();
                Thread.sleep(DEADLINE.plusSeconds(4).toMillis());
            }
            case SERVER_KILLED -> {
                lab.clickhouse().kill();
                lab.clickhouse().start();
            }
            case BROKER_AWAY -> {
                lab.kafka().stop();
                Thread.sleep(3000);
                lab.kafka().start();
            }
            case ANSWER_LOST -> proxy.cut();
            case MEMORY_LIMIT -> tool.await(PATIENCE);
        }
    }

    /// On, or back, until that has ended.
    ///
    /// @return what is stuck
    private String end(Proxy proxy, TableName events) throws IOException, InterruptedException {
        if (what.fault() == Fault.NOBODY_BACK) {
            try (var server = lab.clickhouse().connect()) {
                if (!new Gate(server, Events0002.of(events).rewrite()).standing().isEmpty()) return "ingestion is still closed after the deadline";
            }
        }
        for (int i = 0; i < TRIES; i++) {
            log.add("--- " + (what.rollback() ? "rollback" : "migrate") + ", try " + (i + 1));
            try (var tool = new Tool(proxy.url(), events, what.rollback(), DEADLINE, 0, log::add)) {
                var code = tool.await(PATIENCE);
                if (code.isEmpty()) return (what.rollback() ? "rollback" : "migrate") + " did not end in " + PATIENCE;
                if (code.equals(Optional.of(0))) return "";
                log.add("--- exit code " + code.get());
                Thread.sleep(1000);
            }
        }
        return "not ended after " + TRIES + " tries: " + log.reversed().stream().filter(l -> l.startsWith("!")).findFirst().orElse("no error");
    }

    /// What a case that has ended must not leave behind.
    private String leftovers(ClickHouse server, Rewrite rewrite) {
        var catalog = new Catalog(server);
        var left = new ArrayList<String>();
        if (!new Gate(server, rewrite).standing().isEmpty()) left.add("a gate");
        if (!catalog.tablesLike(rewrite.source().database(), rewrite.stagingPrefix()).isEmpty()) left.add("a staging table");
        if (MergeHold.held(catalog.table(rewrite.source()))) left.add("held merges");
        boolean backup = catalog.exists(rewrite.backup()), target = catalog.exists(rewrite.target());
        if (target) left.add("a target");
        if (backup == what.rollback()) left.add(backup ? "a backup after a rollback" : "no backup after a migration");
        var key = catalog.table(rewrite.source()).keys().orderBy();
        if (key.contains("cityHash64(distinct_id)") == what.rollback()) left.add("the keys " + key);
        return String.join(", ", left);
    }
}
