package rekey.check;

import java.util.List;
import java.util.Optional;
import rekey.session.Entry;
import rekey.session.Journal;
import rekey.session.Session;

/// The migrations that must come before this one have ended. The journal beside the table tells; a migration that
/// another tool made is not in it.
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

    private static String key(Session s, String name) {
        return Journal.key(s.server(), s.rewrite().journal(), name, s.rewrite().source());
    }

    private static boolean ended(Session session, String name) {
        var last = new Journal(session.server(), session.rewrite().journal(), key(session, name), "", Optional.empty())
                .last(e -> switch (e.event()) {
                    case FINALIZED, ROLLED_BACK -> true;
                    case DONE, UNDONE -> e.step().equals("swap");
                    default -> false;
                });
        return last.filter(e -> e.event() == Entry.Event.FINALIZED || e.event() == Entry.Event.DONE)
                .isPresent();
    }
}
