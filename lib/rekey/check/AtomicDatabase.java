package rekey.check;

import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.session.Session;

/// The database can exchange two tables in one instant. Such a database gives each table a UUID of its
/// own, by which rekey knows the old table under any name.
public record AtomicDatabase() implements Check {
    private static final String NONE = "00000000-0000-0000-0000-000000000000";

    @Override
    public String name() {
        return "database engine";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        return EachHost.worst(this, session, host -> look(session, host));
    }

    /// A host without the table is another check's matter.
    private Verdict look(Session session, ClickHouse host) {
        var source = session.rewrite().source();
        var database = source.database();
        var engine = host.query("SELECT engine FROM system.databases WHERE name = " + Sql.text(database)).stream()
                .map(r -> r.string("engine"))
                .findFirst()
                .orElse("");
        var needs = "an Atomic database, which EXCHANGE TABLES wants";
        // what is made in a Replicated one is made by its own log, on every host and under a path of its own
        if (engine.equals("Replicated"))
            return Verdict.refusal(
                    this,
                    "database " + database + " is Replicated",
                    needs,
                    "Wait for a later version. A new table that you fill by hand in that database is the way until"
                            + " then.");
        return !session.catalog(host).uuid(source).orElse("").equals(NONE)
                ? Verdict.ok(this, engine, needs)
                : Verdict.refusal(
                        this,
                        "database " + database + " is " + engine,
                        needs,
                        "Convert it: create the empty file convert_ordinary_to_atomic in ClickHouse's flags folder and"
                                + " restart the server, then run again.");
    }
}
