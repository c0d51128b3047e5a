package rekey.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.cli.Job;
import rekey.clickhouse.Catalog;
import rekey.lab.ClickHouseProcess;
import rekey.lab.ClusterShape;
import rekey.lab.EmbeddedLab;
import rekey.lab.LabOptions;
import rekey.migration.Migrations;
import rekey.model.TableName;
import rekey.run.FrozenPlan;
import rekey.run.Runner;
import rekey.session.Limits;
import rekey.step.Steps;

/// The page of two replicas, opened by the one that does not copy: its orders reach the one that does, and its
/// button takes both back.
@Tag("page")
@Tag("slow")
@Tag("heavy")
class ClusterPageTest {
    private static final TableName TABLE = new TableName("paged", "t");

    private static PageOptions options(EmbeddedLab lab) {
        return PageOptions.of("--url", lab.host(1, 2).url(), "--database", TABLE.database(), "--control");
    }

    private static int order(PageServer pages, String order) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(pages.address() + "order"))
                                .header("X-Rekey", "1")
                                .POST(BodyPublishers.ofString("{\"migration\":\"by_id\",\"order\":\"" + order + "\"}"))
                                .build(),
                        BodyHandlers.ofString())
                .statusCode();
    }

    private static List<String> keys(EmbeddedLab lab) {
        return lab.hosts().stream()
                .map(ClickHouseProcess::connect)
                .map(host -> {
                    try (host) {
                        return new Catalog(host).table(TABLE).keys().orderBy();
                    }
                })
                .toList();
    }

    @Test
    void itsOrdersReachTheHostThatCopies() throws Exception {
        try (var lab = EmbeddedLab.start(LabOptions.temporary().withoutKafka().withShape(new ClusterShape(1, 2)))) {
            for (var process : lab.hosts())
                try (var host = process.connect()) {
                    host.execute("CREATE DATABASE paged");
                    host.execute("CREATE TABLE paged.t (id UInt64, at DateTime('UTC')) ENGINE ="
                            + " ReplicatedMergeTree('/paged/t', '{replica}') ORDER BY (at, id)");
                }
            var options = options(lab);
            try (var server = options.connect()) {
                server.execute("INSERT INTO paged.t SELECT number, toDateTime('2026-01-01 00:00:00', 'UTC') + number"
                        + " FROM numbers(1000)");
                var migration = Migrations.find(
                        server,
                        new Migrations.Wanted(null, TABLE.toString(), "by_id", "id, at", null, null, null, null));
                try (var session = Job.session(options, server, migration, Limits.DEFAULT, options::connect)) {
                    var frozen = new rekey.migration.Migration(
                            migration.rewrite(),
                            migration.lowestVersion(),
                            migration.after(),
                            Steps.sequence(new FrozenPlan(migration, null), migration.steps()));
                    new Runner(session, false, List.of()).run(frozen, Optional.of("resume"));
                }
            }
            assertEquals(List.of("id, at", "id, at"), keys(lab));
            try (var server = options.connect();
                    var pages = new PageServer(server, options);
                    var first = lab.host(1, 1).connect()) {
                assertEquals(200, order(pages, "throttle"));
                assertTrue(
                        first.one("SELECT count() AS n FROM paged.rekey_journal WHERE position(detail, 'throttle') > 0")
                                        .number("n")
                                > 0,
                        "the host that copies has the order");
                assertEquals(200, order(pages, "no-throttle"));
                assertEquals(200, order(pages, "rollback"));
                Scene.await(
                        "it to be rolled back",
                        Duration.ofMinutes(5),
                        () -> first.one("SELECT count() AS n FROM paged.rekey_journal WHERE event = 'ROLLED_BACK'")
                                        .number("n")
                                > 0);
                assertEquals(List.of("at, id", "at, id"), keys(lab));
                for (var host :
                        Stream.of(1, 2).map(n -> lab.host(1, n).connect()).toList())
                    try (host) {
                        host.execute("SYSTEM SYNC REPLICA paged.t");
                        assertEquals(
                                1000,
                                host.one("SELECT count() AS n FROM paged.t").number("n"));
                    }
            }
        }
    }
}
