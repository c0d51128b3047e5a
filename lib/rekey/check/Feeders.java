package rekey.check;

import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.RowPaths;
import rekey.model.Amounts;
import rekey.model.TableName;
import rekey.session.Session;

/// Whatever feeds the table can be seen: this user sees every table of the server, and no table of an unknown engine
/// stands on a way from a stream. Of what is not seen nothing is paused, and its rows stay in the backup alone:
/// 1,600 of 58,400, where the grants hid the database with the Kafka table and its view.
public record Feeders(When when) implements Check {
    @Override
    public String name() {
        return "feeders";
    }

    @Override
    public Verdict look(Session session) {
        Verdict ok = null;
        for (var host : session.hosts()) {
            var said = look(session, host);
            if (said.verdict() == Level.REFUSAL)
                return host == session.server()
                        ? said
                        : Verdict.refusal(
                                this,
                                "on host " + host.endpoint().host() + ": " + said.saw(),
                                said.needs(),
                                said.todo());
            ok = said;
        }
        return ok;
    }

    private Verdict look(Session session, ClickHouse server) {
        var needs = "every table of the server seen, and every way that rows may take known";
        if (!seesAll(server))
            return Verdict.refusal(
                    this,
                    "this user sees only some of the server's tables, and what it does not see may feed "
                            + session.rewrite().source(),
                    needs,
                    "Run as an administrator: GRANT SHOW TABLES ON *.* TO "
                            + TableName.quote(
                                    server.one("SELECT currentUser() AS u").string("u")) + ".");
        RowPaths ways = (server == session.server() ? session.catalog() : new Catalog(server)).ways();
        var unknown = ways.unknown(session.rewrite().source());
        if (unknown.isEmpty()) return Verdict.ok(this, "all", needs);
        return Verdict.refusal(
                this,
                Amounts.some(unknown) + (unknown.size() == 1 ? " stands" : " stand")
                        + " on a stream's way, and rekey does not know where such a table's rows go on to",
                needs,
                "If they come into " + session.rewrite().source() + ", let the view that writes there write to"
                        + " it directly; else DETACH that view until the migration has ended. Then run again.");
    }

    private static boolean seesAll(ClickHouse server) {
        return server.one("CHECK GRANT SHOW TABLES ON *.*")
                .values()
                .values()
                .iterator()
                .next()
                .equals("1");
    }
}
