package rekey.copy;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Predicate;
import rekey.clickhouse.Row;
import rekey.clickhouse.Sql;
import rekey.model.Mutation;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Session;

/// Waits for mutations until they are done, however long that takes.
///
/// @param failing for so long one may fail that is waited for: one that could never end was waited for without a
///                word
record AwaitedMutations(Session session, Duration failing) {
    private static final Duration FAILING = Duration.ofMinutes(2);

    AwaitedMutations(Session session) {
        this(session, FAILING);
    }

    /// One failure says little: its reason stands until the part that failed is done. It is put off where failures
    /// keep coming and no part is done.
    ///
    /// @throws Trouble.PutOff where they can't be done as things are
    void await(TableName table, Predicate<Mutation> which) {
        var before = failures(table);
        for (var until = Instant.now().plus(failing); ; session.control().sleep(100)) {
            var open = session.catalog().mutations(table).stream()
                    .filter(m -> !m.done() && which.test(m))
                    .toList();
            if (open.isEmpty()) return;
            var failed = open.stream().filter(m -> !m.failure().isEmpty()).findFirst();
            session.progress()
                    .note("waiting for the mutation " + failed.orElse(open.getFirst()) + " of " + table
                            + failed.map(m -> ", which fails: " + m.failure()).orElse(""));
            if (Instant.now().isBefore(until)) continue;
            var now = failures(table);
            if (failed.isPresent()
                    && now.number("at") > before.number("at")
                    && now.number("parts") >= before.number("parts"))
                throw Trouble.PutOff.busy("A mutation of " + table + " fails again and again, and is waited for: "
                        + failed.get() + " (" + failed.get().failure()
                        + "). Nothing was swapped. Mend what it fails of, or end it with KILL MUTATION WHERE database"
                        + " = " + Sql.text(table.database()) + " AND table = " + Sql.text(table.table())
                        + " AND NOT is_done.");
            before = now;
            until = Instant.now().plus(failing);
        }
    }

    private Row failures(TableName table) {
        return session.server()
                .one("SELECT toUnixTimestamp(max(latest_fail_time)) AS at, sum(parts_to_do) AS parts FROM"
                        + " system.mutations WHERE NOT is_done AND database = " + Sql.text(table.database())
                        + " AND table = " + Sql.text(table.table()));
    }
}
