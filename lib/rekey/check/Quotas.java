package rekey.check;

import java.util.List;
import java.util.stream.Collectors;
import rekey.clickhouse.ClickHouse;
import rekey.session.Session;

/// No quota ends the user's statements. A run sends hundreds of them and reads the table more than once. The guard
/// is the same user: past a quota it could not reopen ingestion until the interval ends.
public record Quotas() implements Check {
    private static final List<String> LIMITS = List.of(
            "queries",
            "query_selects",
            "query_inserts",
            "errors",
            "result_rows",
            "result_bytes",
            "read_rows",
            "read_bytes",
            "execution_time",
            "written_bytes");

    @Override
    public String name() {
        return "quotas";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        return EachHost.worst(this, session, this::look);
    }

    private Verdict look(ClickHouse host) {
        var needs = "no quota on this user: its guard must be able to reopen ingestion";
        var found = host
                .query("SELECT quota_name AS rekey_quota, toString(duration) AS rekey_seconds, "
                        + LIMITS.stream()
                                .map(l -> "toString(max_" + l + ") AS rekey_" + l)
                                .collect(Collectors.joining(", "))
                        + " FROM system.quota_usage")
                .stream()
                .flatMap(r -> LIMITS.stream()
                        .filter(l -> !r.isNull("rekey_" + l))
                        .map(l -> "quota " + r.string("rekey_quota") + ": " + l + " at most " + r.string("rekey_" + l)
                                + " in " + r.string("rekey_seconds") + " s"))
                .toList();
        return found.isEmpty()
                ? Verdict.ok(this, "none", needs)
                : Verdict.refusal(
                        this,
                        String.join("; ", found),
                        needs,
                        "Name a user without one with --user, or take it from this one for the migration (ALTER QUOTA"
                                + " ... TO ...).");
    }
}
