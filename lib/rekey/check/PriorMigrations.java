package rekey.check;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import rekey.clickhouse.ClickHouse;
import rekey.session.Entry;
import rekey.session.Journal;
import rekey.session.Session;

/// The migrations that must come before this one have ended. The journal beside the table tells, that of the host
/// which heard of it last; a migration that another tool made is in none.
public record PriorMigrations(List<String> names) implements Check {
    public PriorMigrations {
        names = List.copyOf(names);
    }

    @Override
    public String name() {
        return "prior migrations";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        if (names.isEmpty()) return Verdict.ok(this, "none", "none");
        var open = names.stream().filter(n -> !ended(session, n)).toList();
        var needs = "ended: " + String.join(", ", names);
        if (open.isEmpty()) return Verdict.ok(this, "ended: " + String.join(", ", names), needs);
        return Verdict.refusal(
                this,
                "the journal " + session.rewrite().journal() + " does not say that " + String.join(", ", open)
                        + " has ended",
                needs,
                "Run " + open.getFirst() + " first, with migrate --migration " + open.getFirst()
                        + ", then run this again.");
    }

    private static boolean ended(Session session, String name) {
        return session.hosts().stream()
                .flatMap(host -> last(session, host, name).stream())
                .max(Comparator.comparing(Entry::at))
                .filter(e -> e.event() == Entry.Event.FINALIZED || e.event() == Entry.Event.DONE)
                .isPresent();
    }

    private static Optional<Entry> last(Session session, ClickHouse host, String name) {
        var journal = session.rewrite().journal();
        var key = Journal.key(host, journal, name, session.rewrite().source());
        return new Journal(host, journal, key, "", Optional.empty()).last(e -> switch (e.event()) {
            case FINALIZED, ROLLED_BACK -> true;
            case DONE, UNDONE -> e.step().equals("swap");
            default -> false;
        });
    }
}
