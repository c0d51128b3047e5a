package rekey.check;

import rekey.clickhouse.DefinitionDifference;
import rekey.model.Amounts;
import rekey.session.Session;

/// The table's definition is one that can be made again under other keys: nothing in it is unknown, of the old
/// syntax, or hidden from this user.
public record TableDefinition() implements Check {
    @Override
    public String name() {
        return "table definition";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        var source = session.source();
        var needs = "clauses that rekey knows";
        if (!source.mergeTree()) return Verdict.ok(this, source.engine(), needs);
        if (DefinitionDifference.isOldSyntax(source))
            return Verdict.refusal(
                    this,
                    "the old syntax " + source.engineClause(),
                    "ENGINE = MergeTree ORDER BY ...",
                    "ClickHouse makes no new table of it, neither forwards nor on the way back. Make a table in the new"
                            + " syntax by hand (PARTITION BY toYYYYMM of its date column, ORDER BY its key), ATTACH"
                            + " PARTITION ... FROM this one where keys are the same or INSERT SELECT, EXCHANGE the two;"
                            + " then run again.");
        if (source.definition().contains("[HIDDEN]"))
            return Verdict.refusal(
                    this,
                    "its definition shows [HIDDEN] in place of a secret",
                    needs,
                    "A table with a disk(...) of its own can't be made again by one who does not see its arguments."
                        + " Give it a storage policy of the server's configuration, or let this user see them:"
                        + " display_secrets_in_show_and_select = 1 in the server's configuration, GRANT"
                        + " displaySecretsInShowAndSelect ON *.*, and format_display_secrets_in_show_and_select = 1 in"
                        + " the user's profile.");
        var unknown = DefinitionDifference.unknown(source);
        if (!unknown.isEmpty())
            return Verdict.refusal(
                    this,
                    Amounts.some(unknown),
                    needs,
                    "rekey would not make that again in the new table. Wait for a version that knows it, or migrate"
                            + " by hand.");
        return Verdict.ok(this, "known", needs);
    }
}
