package rekey.repl;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import rekey.cli.Interrupt;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.migration.Migrations;
import rekey.run.Orders;
import rekey.run.Runner;
import rekey.session.Control;
import rekey.session.Entry;
import rekey.session.Journal;
import rekey.session.Limits;
import rekey.session.Progress;
import rekey.session.Session;

/// A runner in a process of its own, in small chunks so that it takes its time.
final class MigratingProcess {
    private MigratingProcess() {}

    static void main(String... urlDatabaseKey) {
        var server = ClickHouse.connect(Endpoint.of(urlDatabaseKey[0]).withDatabase(urlDatabaseKey[1]));
        var migration = Migrations.find(
                server, new Migrations.Wanted(null, "hits", null, urlDatabaseKey[2], null, null, null, null));
        var journal = new Journal(
                server,
                migration.rewrite().journal(),
                migration.name(),
                UUID.randomUUID().toString().substring(0, 8),
                Optional.empty());
        journal.listen(e -> {
            if (e.is("backfill", Entry.Event.BEGUN)) IO.println("begun");
        });
        var session = new Session(
                server,
                migration.rewrite(),
                Map.of(),
                journal,
                new Control(new Limits(Duration.ofSeconds(1), Duration.ofSeconds(30), 1, 300, false)),
                new Progress());
        var over = new CountDownLatch(1);
        try (var _ = new Interrupt(session, over)) {
            new Runner(session, false, List.of(new Orders())).run(migration, Optional.of("verify"));
        } finally {
            over.countDown();
        }
    }
}
