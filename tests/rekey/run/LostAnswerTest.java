package rekey.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.Scene;
import rekey.Still;
import rekey.Wire;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.migration.Migration;
import rekey.model.Trouble;
import rekey.session.Control;
import rekey.session.Journal;
import rekey.session.Progress;
import rekey.session.Session;
import rekey.step.Create;
import rekey.step.Position;

/// Each kind of statement that changes something has its answer lost, once: it was carried out, and the runner does
/// not know.
@Order(Integer.MAX_VALUE)
@Tag("slow")
class LostAnswerTest {
    private static Session through(Wire wire, Scene scene) {
        return through(wire, scene.migration);
    }

    private static Session through(Wire wire, Migration migration) {
        var server = ClickHouse.connect(Endpoint.of(wire.url()));
        var journal = new Journal(
                server,
                migration.rewrite().journal(),
                migration.name(),
                UUID.randomUUID().toString().substring(0, 8),
                Optional.empty());
        return new Session(server, migration.rewrite(), Map.of(), journal, new Control(Scene.LIMITS), new Progress());
    }

    /// What is told apart: the statement without its values and without the names that only one runner uses.
    private static String kind(String sql) {
        var line = sql.startsWith("INSERT INTO") && sql.contains("_journal`")
                ? sql.replaceAll("(?s)^.*'([a-z-]*)', '([A-Z_]+)'.*$", "journal $1 $2")
                : sql;
        return line.replaceAll("(?s)^(INSERT INTO \\S+) .*", "$1")
                .replaceAll("'[^']*'", "''")
                .replaceAll("_[0-9a-f]{8}_\\d+", "")
                .replaceAll("\\d+", "0")
                .replaceAll("\\s+", " ")
                .replaceAll("(, ATTACH PARTITION ID '' FROM \\S+)+", ", ...")
                .strip();
    }

    @Test
    void everyAnswerIsLostOnceAndNoRowIs() throws IOException {
        try (var scene = Scene.live(Scene.PLAIN)) {
            Set<String> kinds = ConcurrentHashMap.newKeySet();
            try (var wire = new Wire(scene.lab.url(), sql -> counts(kind(sql)) && kinds.add(kind(sql)))) {
                insist(() ->
                        new Runner(through(wire, scene), false, List.of()).run(scene.migration, Optional.of("resume")));
                for (var statement : List.of(
                        "EXCHANGE TABLES",
                        "RENAME TABLE",
                        "ATTACH PARTITION",
                        "CREATE TABLE",
                        "CREATE MATERIALIZED VIEW",
                        "DROP TABLE",
                        "_gate` SYNC",
                        "MODIFY SETTING",
                        "journal swap INTENT",
                        "journal attach ATTACHED",
                        "journal pause HELD"))
                    assertTrue(
                            kinds.stream().anyMatch(k -> k.contains(statement)),
                            () -> "no answer was lost to " + statement + ": " + String.join("\n", kinds));
                scene.assertNothingLostOrDoubled();
                scene.producer.start();
                kinds.removeIf(k -> k.matches("(EXCHANGE|RENAME|CREATE MATERIALIZED|.*ATTACH PARTITION).*"));
                insist(() -> new Runner(through(wire, scene), false, List.of()).rollback(scene.migration));
            }
            scene.assertAsBefore();
            scene.assertNothingLostOrDoubled();
        }
    }

    /// Every DDL, and the lines of the journal by which it is told what was done.
    private static boolean counts(String kind) {
        return kind.matches(
                "(CREATE|DROP|ALTER|EXCHANGE|RENAME|SYSTEM|journal (swap INTENT|attach (INTENT|ATTACHED)|pause"
                        + " (HELD|RESUMED))).*");
    }

    /// The first words to a server, before a run has begun, are not waited for: the command is given again.
    private static void insist(Runnable run) {
        for (int i = 0; ; i++) {
            try {
                run.run();
                return;
            } catch (Trouble.OutcomeUnknown | rekey.clickhouse.ServerGone e) {
                if (i == 8) throw e;
            }
        }
    }

    /// However long it has been running: a server is waited for from the moment on in which it goes.
    @Test
    void aServerThatGoesLateIsWaitedFor() throws IOException {
        try (var still = Still.table("(a UInt64) ENGINE = MergeTree ORDER BY a", "", "cityHash64(a), a", "")) {
            still.execute("INSERT INTO %s VALUES (1)");
            var patience = Duration.ofSeconds(5);
            var begun = Instant.now();
            try (var wire = new Wire(Labs.shared().url(), sql -> {
                if (!sql.startsWith("EXCHANGE")) return false;
                Scene.await("more than that to pass", () -> Instant.now().isAfter(begun.plus(patience)));
                return true;
            })) {
                new Runner(through(wire, still.migration), false, List.of(), patience)
                        .run(still.migration, Optional.of("resume"));
                assertEquals(1, wire.lost.size(), "vacuous: no answer was lost");
            }
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
        }
    }

    @Test
    void oneThatWasNotAnsweredIsSaidToBeUnknownWithWhatToLookAt() throws IOException {
        var away = new AtomicBoolean();
        try (var scene = Scene.live(Scene.PLAIN);
                var wire = new Wire(
                        scene.lab.url(),
                        sql -> away.get()
                                || sql.startsWith("CREATE TABLE")
                                        && sql.contains("events_rekey")
                                        && away.compareAndSet(false, true))) {
            var runner = new Runner(through(wire, scene), false, List.of(), Duration.ofSeconds(1));
            var unknown = assertThrows(Trouble.OutcomeUnknown.class, () -> runner.run(new Create()));
            assertEquals(5, unknown.exitCode());
            assertTrue(
                    unknown.getMessage().contains("CREATE TABLE")
                            && unknown.getMessage().contains("system.processes WHERE query_id = 'rekey:"),
                    unknown::getMessage);
            scene.run(new Create());
            scene.rollback();
            scene.assertAsBefore();
        }
    }
}
