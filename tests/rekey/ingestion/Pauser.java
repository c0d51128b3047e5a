package rekey.ingestion;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.migration.Events0002;
import rekey.model.TableName;
import rekey.run.Runner;
import rekey.session.Control;
import rekey.session.Journal;
import rekey.session.Limits;
import rekey.session.Progress;
import rekey.session.Session;

/// A process that migrates a table and stands still when a line of its journal is written, until it is killed.
final class Pauser {
    private Pauser() {}

    /// @param at url, database, deadline in seconds, and the line as `step EVENT`
    static void main(String... at) {
        var server = ClickHouse.connect(Endpoint.of(at[0]));
        var migration = Events0002.of(new TableName(at[1], "events"));
        var journal =
                new Journal(server, migration.rewrite().journal(), migration.name(), "the child", Optional.empty());
        journal.listen(e -> {
            if (!at[3].equals(e.step() + " " + e.event())) return;
            IO.println("paused");
            java.util.concurrent.locks.LockSupport.parkNanos(Long.MAX_VALUE);
        });
        var limits = Limits.DEFAULT
                .withMaxHeld(Duration.ofSeconds(20))
                .withDeadline(Duration.ofSeconds(Long.parseLong(at[2])));
        new Runner(
                        new Session(
                                server, migration.rewrite(), Map.of(), journal, new Control(limits), new Progress()),
                        false,
                        List.of())
                .run(migration, Optional.empty());
    }
}
