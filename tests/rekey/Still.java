package rekey;

import rekey.clickhouse.ClickHouse;
import rekey.migration.Migration;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.session.Limits;

/// A small table of the shared lab that nothing feeds, in a database of its own, and a migration of it.
public final class Still extends Migrating {
    public final TableName name;

    private Still(ClickHouse server, TableName name, Rewrite rewrite, Limits limits) {
        super(server, Migration.of(rewrite), limits);
        this.name = name;
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
                limits());
    }

    public Still withLimits(Limits other) {
        return new Still(server, name, migration.rewrite(), other);
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

    /// A mutation has the second it was made in: of the one in which the swap ended, nobody can tell which came
    /// first, and then a DELETE counts as one of before.
    public void awaitNextSecond() {
        long now = millis() / 1000;
        // a part's time is from a clock that is some milliseconds late: at the very beginning of the next second it was
        // still in this one
        Scene.await("the server's next second", () -> millis() > (now + 1) * 1000 + 200);
    }

    private long millis() {
        return server.one("SELECT toUnixTimestamp64Milli(now64(3)) AS n").number("n");
    }

    /// Every row of a table in two words, its stored columns whatever their kind.
    public String content(TableName table) {
        var t = session().catalog().table(table);
        var r = server.one("SELECT count() AS still_rows, sum(cityHash64(tuple(" + t.columnList()
                + "))) AS still_hash FROM " + table.sql() + (t.collapses() ? " FINAL" : ""));
        return r.string("still_rows") + " rows, " + r.string("still_hash");
    }
}
