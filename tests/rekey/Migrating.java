package rekey;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import rekey.clickhouse.ClickHouse;
import rekey.migration.Migration;
import rekey.run.Runner;
import rekey.session.Control;
import rekey.session.Entry;
import rekey.session.Journal;
import rekey.session.Limits;
import rekey.session.Progress;
import rekey.session.Session;
import rekey.step.Step;

/// A table of a test and a migration of it, run step by step.
public abstract class Migrating implements AutoCloseable {
    public final ClickHouse server;
    public final Migration migration;
    private Limits limits;

    Migrating(ClickHouse server, Migration migration, Limits limits) {
        this.server = server;
        this.migration = migration;
        this.limits = limits;
    }

    void limit(Limits other) {
        limits = other;
    }

    public Limits limits() {
        return limits;
    }

    /// A runner's session: each one is another runner.
    public Session session() {
        return session(server);
    }

    /// One whose statements a listener is shown before they are sent.
    public Session listening(Consumer<String> to) {
        return session(server.listening(to));
    }

    /// One that speaks to the server by another connection; its journal by this one's.
    public Session session(ClickHouse by) {
        var journal = new Journal(
                server,
                migration.rewrite().journal(),
                migration.name(),
                UUID.randomUUID().toString().substring(0, 8),
                Optional.empty());
        return new Session(by, migration.rewrite(), Map.of(), journal, new Control(limits), new Progress());
    }

    public Runner runner() {
        return new Runner(session(), false, List.of());
    }

    /// All operations that are left, up to one.
    public void migrate(String until) {
        runner().run(migration, Optional.of(until));
    }

    public void run(Step step) {
        runner().run(step);
    }

    public void undo(Step step) {
        runner().undo(step);
    }

    public void rollback() {
        runner().rollback(migration);
    }

    public List<Entry> journal() {
        return session().journal().entries();
    }

    @Override
    public void close() {
        server.close();
    }
}
