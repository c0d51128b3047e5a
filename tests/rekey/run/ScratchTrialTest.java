package rekey.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.ChildProcess;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.clickhouse.Topology;
import rekey.lab.ClusterShape;
import rekey.lab.EmbeddedLab;
import rekey.lab.LabOptions;
import rekey.model.Trouble;
import rekey.session.Limits;

/// A trial on a cluster leaves nothing, and its judge finds what one replica alone lacks.
@Tag("run")
@Tag("slow")
@Tag("heavy")
class ScratchTrialTest {
    private static final Limits LIMITS =
            Limits.DEFAULT.withMaxHeld(Duration.ofSeconds(20)).withDeadline(Duration.ofSeconds(50));
    private static EmbeddedLab lab;
    private static ClickHouse asked;

    @BeforeAll
    static void start() {
        lab = EmbeddedLab.start(LabOptions.temporary().withoutKafka().withShape(new ClusterShape(1, 2)));
        asked = lab.host(1, 2).connect();
    }

    @AfterAll
    static void stop() {
        asked.close();
        lab.close();
    }

    private static ScratchTrial trial() {
        return ScratchTrial.on(
                Topology.named(asked, "lab", Map.of()), "lab", h -> ClickHouse.connect(Endpoint.of(h.url())));
    }

    /// @param at a host of the cluster
    static void main(String... at) {
        try (var server = ClickHouse.connect(Endpoint.of(at[0]));
                var trial = ScratchTrial.on(
                        Topology.named(server, "lab", Map.of()),
                        "lab",
                        h -> ClickHouse.connect(Endpoint.of(h.url())))) {
            trial.run(5000, LIMITS, IO::println);
        }
    }

    private static List<String> databases() {
        return lab.hosts().stream()
                .flatMap(h -> {
                    try (var server = h.connect()) {
                        return server.query("SELECT name FROM system.databases ORDER BY name").stream()
                                .map(r -> h.address() + " " + r.string("name"))
                                .toList()
                                .stream();
                    }
                })
                .toList();
    }

    @Test
    void itMigratesForthAndBackAndLeavesNothing() {
        var before = databases();
        try (var trial = trial()) {
            var outcome = trial.run(5000, LIMITS, said -> {});
            assertTrue(outcome.ok(), outcome::toString);
            assertEquals(2, outcome.hosts());
            assertTrue(outcome.written() > 0, "vacuous: nothing was written meanwhile");
        }
        assertEquals(before, databases());
    }

    @Test
    void oneThatIsEndedInTheMiddleLeavesNothingEither() throws Exception {
        var before = databases();
        try (var child =
                ChildProcess.start(ScratchTrialTest.class, asked.endpoint().url())) {
            child.await("migrating, while rows are inserted through every host");
            assertNotEquals(before, databases(), "vacuous");
            child.end();
        }
        assertEquals(before, databases());
    }

    @Test
    void itsJudgeFindsWhatOneReplicaLacksAndWhatIsThereTwice() {
        try (var trial = trial()) {
            trial.create();
            var t = trial.table().sql();
            var less = trial.table().sibling("less").sql();
            trial.insert(asked, 0, 50, "");
            assertEquals(Optional.empty(), trial.judge(50));
            assertTrue(trial.judge(51).isPresent(), "one is missing");
            asked.execute("CREATE TABLE " + less + " ENGINE = MergeTree ORDER BY id AS SELECT * FROM " + t
                    + " WHERE id != 7");
            asked.execute("EXCHANGE TABLES " + t + " AND " + less);
            var found = trial.judge(50);
            assertTrue(found.orElse("").contains(lab.host(1, 2).address()), found::toString);
            asked.execute("EXCHANGE TABLES " + t + " AND " + less);
            trial.insert(asked, 7, 1, " SETTINGS insert_deduplicate = 0");
            assertTrue(trial.judge(50).isPresent(), "one is doubled");
            for (var host : trial.hosts().getFirst())
                host.execute("DROP DATABASE " + trial.table().database() + " SYNC");
        }
    }

    @Test
    void aClusterThatIsNotThere() {
        var e = assertThrows(Trouble.Refused.class, () -> Topology.named(asked, "nope", Map.of()));
        assertTrue(e.getMessage().contains("nope") && e.getMessage().contains("lab"), e::getMessage);
    }
}
