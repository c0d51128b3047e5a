package rekey.check;

import java.util.ArrayList;
import java.util.List;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.model.Amounts;
import rekey.model.Rewrite;
import rekey.session.Session;

/// What hangs on the table by its name. Views and dictionaries follow the name through the EXCHANGE (seen on 26.7);
/// window and live views keep a state of their own and are named, and so are Merge tables that would
/// take in rekey's own.
public record Dependants() implements Check {
    @Override
    public String name() {
        return "dependants";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        return EachHost.worst(this, session, host -> look(host, session.rewrite()));
    }

    private Verdict look(ClickHouse host, Rewrite rewrite) {
        var source = rewrite.source();
        var rows = host.query("""
            SELECT concat(database, '.', name) AS t, engine FROM system.tables
            WHERE (database, name) IN (
              SELECT d.1, d.2 FROM (
                SELECT arrayJoin(arrayConcat(arrayZip(dependencies_database, dependencies_table),
                                             arrayZip(loading_dependent_database, loading_dependent_table))) AS d
                FROM system.tables WHERE database = %s AND name = %s))
            ORDER BY t\
            """.formatted(Sql.text(source.database()), Sql.text(source.table())));
        var needs = "views and dictionaries that follow the table's name";
        var all = new ArrayList<String>();
        var stateful = new ArrayList<String>();
        for (var r : rows) {
            var text = r.string("t") + " (" + r.string("engine") + ")";
            all.add(text);
            if (r.string("engine").equals("WindowView") || r.string("engine").equals("LiveView")) stateful.add(text);
        }
        if (!stateful.isEmpty())
            return Verdict.warning(
                    this,
                    Amounts.some(stateful),
                    needs,
                    "Such a view holds rows that it has not given out yet: look after the swap whether it goes on.");
        var doubling = doubling(host, rewrite);
        if (!doubling.isEmpty())
            return Verdict.warning(
                    this,
                    Amounts.some(doubling) + (doubling.size() == 1 ? " takes in" : " take in")
                            + " every table whose name begins as this one's does",
                    needs,
                    "Until finalize such a table shows rows twice, those of " + rewrite.target() + " and "
                            + rewrite.backup()
                            + " too: give it a pattern that ends with $, or look for them in the table itself.");
        return Verdict.ok(this, all.isEmpty() ? "none" : Amounts.some(all), needs);
    }

    /// Merge tables whose pattern fits the new table's name or the backup's.
    private static List<String> doubling(ClickHouse host, Rewrite rewrite) {
        return host
                .query("SELECT concat(database, '.', name) AS t, engine_full FROM system.tables WHERE engine ="
                        + " 'Merge' AND startsWith(engine_full, 'Merge(') ORDER BY t")
                .stream()
                .filter(r -> {
                    var arguments = Catalog.listed(r.string("engine_full")
                            .replaceFirst("^Merge\\(", "")
                            .replaceFirst("\\)$", ""));
                    var database = arguments.getFirst().startsWith("REGEXP(")
                            ? "match(" + Sql.text(rewrite.source().database()) + ", "
                                    + arguments.getFirst().substring(7)
                            : Sql.text(rewrite.source().database()) + " = " + arguments.getFirst();
                    return host.one("SELECT " + database + " AND arrayExists(t -> match(t, " + arguments.get(1) + "), ["
                                    + Sql.text(rewrite.target().table()) + ", "
                                    + Sql.text(rewrite.backup().table()) + "]) AS fits")
                            .flag("fits");
                })
                .map(r -> r.string("t") + " (Merge)")
                .toList();
    }
}
