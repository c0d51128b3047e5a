package rekey;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import rekey.clickhouse.ClickHouse;
import rekey.migration.Migration;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.run.Runner;
import rekey.session.Control;
import rekey.session.Journal;
import rekey.session.Limits;
import rekey.session.Progress;
import rekey.session.Session;
import rekey.step.Step;

/// A small table of the shared lab that nothing feeds, in a database of its own, and a migration of it.
public final class Still implements AutoCloseable {
    public final ClickHouse server;
    public final TableName name;
    public final Migration migration;
    private final Limits limits;

    private Still(ClickHouse server, TableName name, Rewrite rewrite, Limits limits) {
        this.server = server;
        this.name = name;
        this.migration = Migration.of(rewrite);
        this.limits = limits;
    }

    /// The table `t`.
    ///
    /// @param definition what stands behind `CREATE TABLE t`
    public static Still table(String definition, String partitionBy, String orderBy, String sampleBy) {
        return table(Labs.connect(), new TableName(Labs.database(), "t"), definition, partitionBy, orderBy, sampleBy);
    }

    /// The same on any server; it is closed with this.
    public static Still table(
            ClickHouse server, TableName name, String definition, String partitionBy, String orderBy, String sampleBy) {
        server.execute("CREATE TABLE " + name.sql() + " " + definition);
        return new Still(
                server,
                name,
                new Rewrite("m1", name, partitionBy, "", orderBy, sampleBy, ""),
                Scene.LIMITS.withChunkRows(1000));
    }

    /// The same with another engine for the new table, whatever it merges.
    public Still engine(String other) {
        var r = migration.rewrite();
        return new Still(
                server,
                name,
                new Rewrite(r.migration(), name, r.partitionBy(), r.primaryKey(), r.orderBy(), r.sampleBy(), other),
                limits);
    }

    public Still withLimits(Limits other) {
        return new Still(server, name, migration.rewrite(), other);
    }

    public Session session() {
        return session(server);
    }

    /// One whose statements a listener is shown before they are sent.
    public Session listening(Consumer<String> to) {
        return session(server.listening(to));
    }

    private Session session(ClickHouse by) {
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

    public TableName target() {
        return migration.rewrite().target();
    }

    /// A statement in which `%s` is the table, or another one.
    public void execute(String sql) {
        execute(sql, name);
    }

    public void execute(String sql, TableName table) {
        server.execute(sql.replace("%s", table.sql()));
    }

    /// Every row of a table in two words, its stored columns whatever their kind.
    public String content(TableName table) {
        var t = session().catalog().table(table);
        var r = server.one("SELECT count() AS still_rows, sum(cityHash64(tuple(" + t.columnList()
                + "))) AS still_hash FROM " + table.sql() + (t.collapses() ? " FINAL" : ""));
        return r.string("still_rows") + " rows, " + r.string("still_hash");
    }

    @Override
    public void close() {
        server.close();
    }
}
