package rekey.check;

import java.util.regex.Pattern;
import rekey.session.Session;

/// No TTL of the table folds rows together; one that deletes them is named, for it works on while the copy runs.
public record TableTtl() implements Check {
    private static final Pattern QUOTED = Pattern.compile("'(?:[^'\\\\]|\\\\.)*'|`(?:[^`\\\\]|\\\\.)*`");
    private static final Pattern MOVES = Pattern.compile("^.* (TO (DISK|VOLUME) |RECOMPRESS ).*$");

    @Override
    public String name() {
        return "table TTL";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        var ttl = session.source().ttl();
        var plain = QUOTED.matcher(ttl).replaceAll("");
        var needs = "none that groups rows";
        if (ttl.isEmpty()) return Verdict.ok(this, "none", needs);
        if (plain.contains("GROUP BY"))
            return Verdict.refusal(
                    this,
                    ttl,
                    needs,
                    "Take the TTL off for the migration (ALTER TABLE ... REMOVE TTL) and add it again afterwards: a"
                            + " row it has grouped keeps an older block number, so new rows could be missed.");
        if (MOVES.matcher(plain).matches()) return Verdict.ok(this, ttl, needs);
        return Verdict.warning(
                this,
                ttl,
                needs,
                "Rows that expire while the copy runs are deleted in the new table too once it has this TTL, and"
                        + " comparisons leave out what has expired by then.");
    }
}
