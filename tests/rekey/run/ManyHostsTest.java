package rekey.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.clickhouse.Topology;
import rekey.lab.ClusterShape;
import rekey.lab.EmbeddedLab;
import rekey.lab.LabOptions;
import rekey.migration.Migration;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.session.Control;
import rekey.session.Journal;
import rekey.session.Limits;
import rekey.session.Progress;
import rekey.session.Session;

/// Thirty shards with three replicas each are planned, by names of hosts that all lead to the three of a lab. That
/// they do is refused, and nothing else is.
@Tag("run")
@Tag("slow")
@Tag("heavy")
class ManyHostsTest {
    private static final int SHARDS = 30, REPLICAS = 3;

    @Test
    void aPlanOfThirtyShardsWithThreeReplicas() {
        var table = new TableName("many", "t");
        try (var lab =
                EmbeddedLab.start(LabOptions.temporary().withoutKafka().withShape(new ClusterShape(1, REPLICAS)))) {
            for (var host : lab.hosts())
                try (var server = host.connect()) {
                    server.execute("CREATE DATABASE many");
                    server.execute("CREATE TABLE many.t (id UInt64, at DateTime('UTC')) ENGINE ="
                            + " ReplicatedMergeTree('/many/t', '{replica}') PARTITION BY toYYYYMM(at) ORDER BY id");
                    server.execute("INSERT INTO many.t SELECT number, toDateTime('2026-01-01 00:00:00', 'UTC') + number"
                            + " * 86400 FROM numbers(90)");
                }
            var shards = new ArrayList<List<Topology.Host>>();
            for (int s = 0; s < SHARDS; s++) {
                var shard = new ArrayList<Topology.Host>();
                for (int r = 0; r < REPLICAS; r++)
                    shard.add(new Topology.Host(
                            "s" + s + "r" + r, lab.host(1, r + 1).url(), s + r == 0));
                shards.add(shard);
            }
            var migration = Migration.of(new Rewrite("m", table, "toYYYYMM(at)", "", "at, id", "", ""));
            var begun = Instant.now();
            try (var session = Session.of(
                    new Topology(shards),
                    Set.of(),
                    host -> ClickHouse.connect(Endpoint.of(host.url())),
                    copier -> new Session(
                            copier,
                            migration.rewrite(),
                            Map.of(),
                            new Journal(copier, migration.rewrite().journal(), "m", "r", Optional.empty()),
                            new Control(Limits.DEFAULT),
                            new Progress()),
                    sql -> {})) {
                var plan = Plan.of(session, migration);
                System.out.println("planned for " + SHARDS + " shards with " + REPLICAS + " replicas within "
                        + Duration.between(begun, Instant.now()).toMillis() + " ms, connections and all");
                assertEquals(1, plan.refusals().size(), plan.refusals()::toString);
                assertTrue(plan.refusals().getFirst().contains("one server"), plan.refusals()::toString);
                assertTrue(plan.warnings().toString().contains("over all 90 hosts"), plan.warnings()::toString);
                assertEquals(90, HostStatus.of(session, session).size());
            }
        }
    }
}
