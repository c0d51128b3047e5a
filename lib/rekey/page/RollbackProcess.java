package rekey.page;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import rekey.cli.ConfirmedRun;
import rekey.cli.Job;
import rekey.cli.UnattendedOperator;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.ingestion.DetachedProcess;
import rekey.migration.Migrations;
import rekey.run.Healthcheck;
import rekey.run.Orders;
import rekey.session.Limits;
import tools.jackson.databind.json.JsonMapper;

/// A rollback that was asked for on the page: a process of its own, for it must go on when the page is closed. How
/// it goes is in the journal, where the page and everybody else reads it.
public final class RollbackProcess {
    private RollbackProcess() {}

    static void begin(Endpoint endpoint, Map<String, String> kafka, String migration) {
        try {
            var properties = new TreeMap<>(endpoint.properties());
            properties.remove("socket_timeout"); // the page's impatience is not the run's
            var asked = new TreeMap<>(Map.of(
                    "url", endpoint.url(),
                    "user", endpoint.user(),
                    "password", endpoint.password(),
                    "database", endpoint.database(),
                    "properties", JsonMapper.shared().writeValueAsString(properties),
                    "kafka", JsonMapper.shared().writeValueAsString(kafka),
                    "migration", migration));
            DetachedProcess.start(RollbackProcess.class, List.of(), false, asked);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void main() throws Exception {
        var asked = DetachedProcess.orders();
        DetachedProcess.outliveTheTerminal();
        var endpoint = new Endpoint(
                asked.get("url"),
                asked.get("user"),
                asked.get("password"),
                asked.get("database"),
                DetachedProcess.map(asked.get("properties")));
        try (var server = ClickHouse.connect(endpoint)) {
            var migration = Migrations.named(server, asked.get("migration"));
            var session = Job.session(server, migration, DetachedProcess.map(asked.get("kafka")), Limits.DEFAULT);
            // who asked has said yes on the page, and reads the journal
            var operator = new UnattendedOperator(false, List.of(new Orders(), new Healthcheck()), answer -> {});
            System.exit(new ConfirmedRun(session, migration, operator).rollBack());
        }
    }
}
