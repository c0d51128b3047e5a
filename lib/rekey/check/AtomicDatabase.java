package rekey.check;

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
        var database = session.rewrite().source().database();
        var engine = session.server()
                .one("SELECT engine FROM system.databases WHERE name = " + Sql.text(database))
                .string("engine");
        var needs = "an Atomic database, which EXCHANGE TABLES wants";
        // what is made in a Replicated one is made by its own log, on every host and under a path of its own
        if (engine.equals("Replicated"))
            return Verdict.refusal(
                    this,
                    "database " + database + " is Replicated",
                    needs,
                    "Wait for a later version. A new table that you fill by hand in that database is the way until"
                            + " then.");
        return !session.source().uuid().equals(NONE)
                ? Verdict.ok(this, engine, needs)
                : Verdict.refusal(
                        this,
                        "database " + database + " is " + engine,
                        needs,
                        "Convert it: create the empty file convert_ordinary_to_atomic in ClickHouse's flags folder and"
                                + " restart the server, then run again.");
    }
}
