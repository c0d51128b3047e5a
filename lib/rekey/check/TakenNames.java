package rekey.check;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.Sql;
import rekey.model.Amounts;
import rekey.model.LongName;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.session.Session;

/// None of the names that this migration will use is taken by a table that the journal knows nothing of. Names of
/// staging tables and those for a swap have their runner's name in them, so nobody else's is like them.
public record TakenNames() implements Check {
    @Override
    public String name() {
        return "leftovers";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    private static List<TableName> taken(Catalog catalog, Rewrite rewrite) {
        var taken = new ArrayList<TableName>();
        for (var t :
                catalog.tablesLike(rewrite.source().database(), rewrite.target().table())) {
            var end = t.table().substring(rewrite.target().table().length());
            if (end.isEmpty() || end.matches("_gate(_\\d+)?(_missing)?")) taken.add(t);
        }
        if (catalog.exists(rewrite.backup())) taken.add(rewrite.backup());
        return taken;
    }

    @Override
    public Verdict look(Session session) {
        var rewrite = session.rewrite();
        var needs = "no strangers under the names of this migration";
        var longest = LongName.longest(rewrite);
        long room = session.server()
                .one("SELECT getMaxTableNameLengthForDatabase("
                        + Sql.text(rewrite.source().database()) + ") AS n")
                .number("n");
        if (LongName.encoded(longest) > room)
            return Verdict.refusal(
                    this,
                    "the longest name that is made, such as " + longest + ", takes " + LongName.encoded(longest)
                            + " bytes as a name of files",
                    "at most " + room + " in " + rewrite.source().database(),
                    "Give this migration a shorter --name, or RENAME the table.");
        if (AttemptUnderWay.of(session).isPresent()) return Verdict.ok(this, "the journal knows this migration", needs);
        var taken = new TreeSet<TableName>();
        var named = new ArrayList<String>();
        for (var host : session.hosts())
            for (var t : taken(session.catalog(host), rewrite))
                if (taken.add(t))
                    named.add(
                            host == session.server()
                                    ? t.toString()
                                    : t + " on host " + host.endpoint().host());
        if (taken.isEmpty()) return Verdict.ok(this, "none", needs);
        var todo = taken.stream().anyMatch(t -> t.table().startsWith(rewrite.gatePrefix()))
                ? "A gate keeps Kafka from being read: DROP TABLE "
                        + taken.stream()
                                .filter(t -> t.table().startsWith(rewrite.gatePrefix()))
                                .findFirst()
                                .orElseThrow()
                                .sql()
                        + " SYNC reopens ingestion. Look at what is in the others, then rename or drop them."
                : "Look at what is in them, then rename or drop them, or give this migration another name with --name.";
        return Verdict.refusal(
                this,
                Amounts.some(named) + (taken.size() == 1 ? " is" : " are") + " there, and the journal "
                        + rewrite.journal() + " knows nothing of this migration",
                needs,
                todo);
    }
}
