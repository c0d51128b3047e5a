package rekey.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Still;
import rekey.clickhouse.Sql;
import rekey.copy.Rounds;
import rekey.copy.Way;
import rekey.report.Runbook;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Session;
import rekey.step.Create;

/// What a plan and a status cost: each thing is asked once, however many partitions there are.
@Tag("run")
class GlanceTest {

    private static Still table() {
        return Still.table(
                "(id UInt64, day UInt32) ENGINE = MergeTree PARTITION BY day ORDER BY id", "day", "day, id", "");
    }

    /// The statements that name this table's database since a moment, each with how often it was sent.
    private static Map<String, Long> asked(Still still, String since) {
        still.execute("SYSTEM FLUSH LOGS query_log");
        var out = new java.util.TreeMap<String, Long>();
        for (var r : still.server.query(
                "SELECT query AS q, count() AS n FROM system.query_log WHERE type = 'QueryFinish' AND"
                        + " position(query, "
                        + Sql.text(still.name.database())
                        + ") > 0 AND position(query, 'query_log') = 0 AND event_time_microseconds > " + since
                        + " GROUP BY q")) out.put(r.string("q"), r.number("n"));
        return out;
    }

    private static String now(Still still) {
        return "fromUnixTimestamp64Micro("
                + still.server
                        .one("SELECT toUnixTimestamp64Micro(now64(6)) AS us")
                        .string("us")
                + ")";
    }

    private static Map<String, Long> plan(Still still) {
        var since = now(still);
        Plan.of(still.session(), still.migration);
        return asked(still, since);
    }

    /// 90 questions for the same table, and 106 readings of the journal, are most of the time that a plan takes on a
    /// server that is busy.
    @Test
    void aPlanAsksNothingOverAndOver() {
        try (var still = table()) {
            still.execute("INSERT INTO %s SELECT number, number % 3 FROM numbers(30)");
            var often = plan(still);
            assertTrue(often.size() > 20, () -> "the plan's statements were not seen: " + often.keySet());
            often.forEach((q, n) -> assertTrue(n <= 10, () -> n + " times: " + q));
        }
    }

    @Test
    void aStatusReadsTheJournalOnceAndWhatMustBeFreshAnew() {
        try (var still = table()) {
            still.run(new Create());
            var since = now(still);
            Status.of(still.session(), still.migration, null);
            var read = asked(still, since).entrySet().stream()
                    .filter(e ->
                            e.getKey().contains("rekey_journal") && e.getKey().contains("AND (1 OR "))
                    .mapToLong(Map.Entry::getValue)
                    .sum();
            assertEquals(1, read);
        }
    }

    /// Where a migration stands is told by names and UUIDs, which each part of a look asked for again.
    @Test
    void aLookAsksOnceWhereAMigrationStands() {
        try (var still = table()) {
            still.execute("INSERT INTO %s SELECT number, number % 3 FROM numbers(30)");
            still.run(new Create());
            var looks = Map.<String, Runnable>of(
                    "plan", () -> Plan.of(still.session(), still.migration),
                    "status", () -> Status.of(still.session(), still.migration, null),
                    "steps left", () -> Plan.left(still.session(), still.migration),
                    "runbook", () -> Runbook.of(still.session(), still.migration, ""));
            looks.forEach((look, work) -> {
                var since = now(still);
                work.run();
                long names = asked(still, since).entrySet().stream()
                        .filter(e -> e.getKey().contains("_swap_") && e.getKey().contains(" OR toString(uuid) = "))
                        .mapToLong(Map.Entry::getValue)
                        .sum();
                assertEquals(1, names, look);
            });
        }
    }

    @Test
    void itIsTheSameNumberForManyPartitions() {
        try (var few = table();
                var many = table()) {
            few.execute("INSERT INTO %s SELECT number, number % 3 FROM numbers(30)");
            many.execute("INSERT INTO %s SELECT number, number % 300 FROM numbers(3000) SETTINGS"
                    + " max_partitions_per_insert_block = 0");
            long a = plan(few).values().stream().mapToLong(n -> n).sum();
            long b = plan(many).values().stream().mapToLong(n -> n).sum();
            assertEquals(a, b);
        }
    }

    /// Rounds go on until little is left, while a swap is postponed for hours, and twice while ingestion is held.
    @Test
    void aRoundWithNothingToCarryAsksLittle() {
        try (var still = table()) {
            still.execute("INSERT INTO %s SELECT number, number % 3 FROM numbers(30)");
            still.migrate("backfill");
            var session = still.session();
            var since = now(still);
            var round = new Rounds(session, Way.FORWARD, still.target()).once(9, false);
            assertEquals(0, round.rows());
            var asked = asked(still, since);
            long n = asked.entrySet().stream()
                    .filter(e -> !e.getKey().contains("rekey_journal"))
                    .mapToLong(Map.Entry::getValue)
                    .sum();
            assertTrue(n >= 4 && n <= 8, () -> n + " statements: " + asked);
        }
    }

    /// It was the first shard's alone: a copy of several ended at 50 % of the rows, or stood at 100 % for hours.
    @Test
    void theLineOfARunIsOfAllShards() {
        try (var still = table()) {
            still.execute("INSERT INTO %s SELECT number, number % 3 FROM numbers(30)");
            var first = still.session();
            var second = still.session();
            var lines = new ArrayList<String>();
            try (var line = new ProgressLine(lines::add)) {
                first.progress().begin("backfill", 1000);
                first.progress().done(1000, 1);
                second.progress().begin("backfill", 3000);
                second.progress().done(500, 1);
                second.progress().note("waiting: host b");
                line.look(Session.of(List.of(first, second)));
                second.progress().begin("create", 0);
                line.look(Session.of(List.of(first, second)));
            }
            assertTrue(
                    lines.getFirst().contains(" 37%  1,500 rows")
                            && lines.getFirst().contains("waiting: host b")
                            && !lines.getFirst().contains(" left"),
                    lines::toString);
            assertTrue(lines.getLast().contains("100%  "), lines::toString);
        }
    }

    /// What is written through a look would be in the journal, and not in what the look has read.
    @Test
    void aLookWritesNothingDown() {
        try (var still = table()) {
            still.run(new Create());
            var look = still.session().glance();
            assertThrows(
                    IllegalStateException.class, () -> look.journal().append("", new Detail.Bare(Entry.Event.NOTE)));
            assertEquals(
                    look.journal().entries().size(),
                    still.session().journal().entries().size());
        }
    }

    /// A plan sees the table as it is when it is made, not as an earlier plan of the same session saw it.
    @Test
    void theNextLookSeesWhatHasChanged() {
        try (var still = table()) {
            still.execute("INSERT INTO %s SELECT number, 1 FROM numbers(10)");
            var session = still.session();
            assertEquals(10, Plan.of(session, still.migration).rows());
            still.execute("INSERT INTO %s SELECT number, 2 FROM numbers(7)");
            assertEquals(17, Plan.of(session, still.migration).rows());
        }
    }
}
