package rekey.check;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.model.Amounts;
import rekey.model.TableName;
import rekey.session.Session;

/// No refreshable view replaces the table: without APPEND each refresh makes a new table, fills it, and exchanges it
/// with the one of that name. So what was copied is of a table that is gone a moment later, and the way back finds
/// another than the one that was swapped in (ran: exit 5 both ways).
///
/// A view is stopped until its server is restarted only: so it is looked once more right before the swap.
public record RefreshableViews(When when) implements Check {
    private static final String NAME = "(?:`(?:[^`\\\\]|\\\\.)*`|\\w+)(?:\\.(?:`(?:[^`\\\\]|\\\\.)*`|\\w+))?";
    private static final Pattern REFRESHED = Pattern.compile(
            "^CREATE MATERIALIZED VIEW " + NAME + "(?: UUID '[^']*')? (REFRESH .*?) TO (" + NAME + ")", Pattern.DOTALL);

    @Override
    public String name() {
        return "refreshable views";
    }

    @Override
    public Verdict look(Session session) {
        var source = session.rewrite().source();
        var needs = "none that replaces the table";
        for (var host : session.hosts()) {
            var replacing = replacing(host, source);
            if (!replacing.isEmpty())
                return refused(
                        host == session.server()
                                ? ""
                                : "on host " + host.endpoint().host() + " ",
                        replacing,
                        source,
                        needs);
        }
        return Verdict.ok(this, "none", needs);
    }

    private Verdict refused(String where, List<TableName> replacing, TableName source, String needs) {
        var view = replacing.getFirst();
        return Verdict.refusal(
                this,
                where + Amounts.some(replacing.stream().map(TableName::toString).toList()) + " replaces " + source
                        + " at each refresh",
                needs,
                "Stop it for the migration: SYSTEM STOP VIEW " + view.sql() + " (a restart of the server starts it"
                        + " again), migrate, finalize, and only then SYSTEM START VIEW " + view.sql()
                        + ": its next refresh makes a table of the new keys. Or let it APPEND.");
    }

    /// Those that are not stopped.
    private static List<TableName> replacing(ClickHouse host, TableName source) {
        var out = new ArrayList<TableName>();
        for (var r : host.query("""
            SELECT database, name, create_table_query AS q FROM system.tables
            WHERE engine = 'MaterializedView' AND create_table_query LIKE '% REFRESH %' ORDER BY 1, 2\
            """)) {
            var view = new TableName(r.string("database"), r.string("name"));
            var m = REFRESHED.matcher(r.string("q"));
            if (!m.find()
                    || m.group(1).endsWith(" APPEND")
                    || !TableName.parse(m.group(2), view.database()).equals(source)) continue;
            var stopped = host.query("SELECT status FROM system.view_refreshes WHERE database = "
                    + Sql.text(view.database()) + " AND view = " + Sql.text(view.table()) + " AND status = 'Disabled'");
            if (stopped.isEmpty()) out.add(view);
        }
        return out;
    }
}
