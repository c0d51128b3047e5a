package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.Still;
import rekey.compare.ComparedShare;
import rekey.lab.GuideTable;
import rekey.model.Trouble;
import rekey.run.Orders;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Entry.Event;
import rekey.session.RecordedJournals;
import rekey.step.Backfill;
import rekey.step.Finalize;
import rekey.step.Pause;
import rekey.step.Verify;

/// What the operations write has the names that it had in every version before. `REKEY_RECORD_JOURNALS=1 ./jbang
/// test OperationsJournalTest` keeps what this version writes in their place: once, when a version is published.
@Tag("journal")
class OperationsJournalTest {
    /// Forward, stopped and gone on with, a DELETE, a partition dropped, a difference, a pause whose deadline
    /// passes, the swap, back, forward again, the end.
    @Test
    @Tag("slow")
    void ofATableThatKafkaFeeds() {
        try (var scene = Scene.live(Scene.REPLACING)) {
            var t = scene.events().sql();
            var stopped = scene.session();
            stopped.journal().listen(e -> {
                if (e.event() == Event.ATTACHED) Orders.stop(stopped);
                if (e.event() == Event.ATTACHED) stopped.control().stop("Stopped by the operator. Go on.");
            });
            assertThrows(
                    Trouble.Stopped.class,
                    () -> new Runner(stopped, false, List.of(new Orders(() -> {})))
                            .checked()
                            .run(scene.migration, Optional.empty()));
            Orders.send(scene.session(), "unheard-of", "1");
            new Runner(scene.session(), false, List.of()).checked().run(scene.migration, Optional.of("backfill"));
            Verify.look(scene.session(), new ComparedShare(0.5), true);
            scene.server.execute(
                    "DELETE FROM " + t + " WHERE _partition = " + GuideTable.FILLED + " AND cityHash64(uuid) % 50 = 1");
            var part = scene.server
                    .one("SELECT any(partition_id) AS p FROM system.parts WHERE active AND database = '"
                            + scene.events().database() + "' AND table = 'events'")
                    .string("p");
            scene.migrate("verify");
            scene.server.execute("ALTER TABLE " + t + " DROP PARTITION ID '" + part + "'");
            scene.migrate("verify");
            // a difference
            scene.server.execute(
                    "ALTER TABLE " + scene.migration.rewrite().target().sql()
                            + " DELETE WHERE cityHash64(uuid) % 1000 = 2 SETTINGS mutations_sync = 2");
            assertThrows(Trouble.Refused.class, () -> scene.run(new Verify()));
            scene.undo(new Backfill());
            scene.migrate("verify");
            scene.withLimits(Scene.LIMITS.withDeadline(Duration.ofSeconds(20)));
            scene.run(new Pause());
            Scene.await(
                    "the guard",
                    () -> scene.journal().stream()
                            .anyMatch(e -> e.detail() instanceof Detail.Resumed r && r.byGuard()));
            scene.withLimits(Scene.LIMITS);
            scene.migrate("resume");
            scene.rollback();
            scene.producer.start();
            scene.migrate("optimize");
            scene.run(new Finalize());
            asEver("kafka", scene.journal());
        }
    }

    @Test
    void ofAPlainTable() {
        try (var still = Still.table(
                "(id UInt64, at DateTime('UTC'), v UInt64) ENGINE = MergeTree PARTITION BY toYYYYMM(at) ORDER BY (at,"
                        + " id)",
                "toYYYYMM(at)",
                "id, at",
                "")) {
            for (int n = 0; n < 4; n++) insert(still, n * 1000L);
            still.migrate("resume");
            insert(still, 5000);
            still.rollback();
            still.migrate("optimize");
            still.run(new Finalize());
            asEver("plain", still.session().journal().entries());
        }
    }

    @Test
    void ofAReplicatedTable() {
        try (var still = Still.table(
                ReplicatedLab.connect(0),
                ReplicatedLab.table(),
                "UUID '" + java.util.UUID.randomUUID()
                        + "' (id UInt64, at DateTime('UTC'), v UInt64) ENGINE = ReplicatedMergeTree PARTITION BY"
                        + " toYYYYMM(at) ORDER BY (at, id)",
                "toYYYYMM(at)",
                "id, at",
                "")) {
            for (int n = 0; n < 4; n++) insert(still, n * 1000L);
            still.migrate("verify");
            insert(still, 5000);
            still.migrate("resume");
            insert(still, 6000);
            still.rollback();
            still.migrate("optimize");
            still.run(new Finalize());
            asEver("replicated", still.session().journal().entries());
        }
    }

    private static void insert(Still still, long first) {
        still.server.execute("INSERT INTO " + still.name.sql() + " SELECT number + " + first
                + ", toDateTime('2026-01-01 00:00:00', 'UTC') + (number % 90) * 86400, number FROM numbers(1000)");
    }

    private static void asEver(String name, List<Entry> lines) {
        if (System.getenv("REKEY_RECORD_JOURNALS") != null) RecordedJournals.write(name, lines);
        var keys = RecordedJournals.keys();
        for (var e : lines)
            for (var key : keys.getOrDefault(RecordedJournals.kind(e), List.of()))
                assertTrue(
                        e.text().containsKey(key),
                        () -> RecordedJournals.kind(e) + " has no key " + key + " any more: " + e);
        var unread = lines.stream()
                .filter(e -> e.detail() instanceof Detail.Bare && !e.text().isEmpty())
                .toList();
        assertEquals(List.of(), unread, "lines of no kind");
    }
}
