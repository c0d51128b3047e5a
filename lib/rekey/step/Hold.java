package rekey.step;

import java.util.Optional;
import rekey.ingestion.Gate;
import rekey.ingestion.HeldTime;
import rekey.model.Trouble;
import rekey.session.Entry;
import rekey.session.Session;
import rekey.step.Step.Phase;

/// The pause that stands now, by the journal and by the gate.
final class Hold {
    private Hold() { }

    /// Whether a pause stands whose end was awaited, before every Kafka table, and its time is not over.
    static boolean stands(Session s) {
        var held = Entry.held(s.journal().entries());
        boolean whole = new Gate(s.server(), s.rewrite()).standing().size() == s.catalog().ingestion(s.rewrite().source()).kafkaTables().size();
        return whole && new Pause().state(s).phase() == Phase.DONE && last(s).filter(e -> e.event() == Entry.Event.DONE).isPresent() && held.isPresent()
                && HeldTime.now(s.server()) < Long.parseLong(held.get().get("deadlineUs")) - 1_000_000;
    }

    /// The journal's name for it.
    static String id(Session s) {
        return Entry.held(s.journal().entries()).orElseThrow().get("hold");
    }

    /// Whether the last word of a hold is another's. One who stood still before its gate, and closed it when the other had long resumed,
    /// closes it for ever: nobody's guard looks after that.
    static boolean isAnothers(Session s) {
        var words = s.journal().fresh("event IN ('HELD', 'RESUMED')");
        return Entry.held(words).filter(held -> !held.runner().equals(s.journal().runner())).isPresent();
    }

    /// The pause that has not been ended by a line of the journal.
    static Optional<Entry> last(Session s) {
        Optional<Entry> open = Optional.empty();
        for (var e : s.journal().entries(e -> e.is(Entry.Event.HELD, Entry.Event.RESUMED) || e.is("pause", Entry.Event.DONE)))
            open = e.event() == Entry.Event.RESUMED ? open.filter(held -> !held.get("hold").equals(e.get("hold"))) : Optional.of(e);
        return open;
    }

    /// Opens ingestion behind what must come first; also where that fails.
    static void end(Session s, Runnable first) {
        try {
            first.run();
        } catch (RuntimeException e) {
            Pause.back(s, e);
            throw e;
        }
        new Pause().undo(s);
    }

    /// @throws Trouble.Refused when there is ingestion and it is not held
    /// @throws Trouble.PutOff  when the deadline is too near to begin a swap
    static void mustStand(Session s) {
        var held = Entry.held(s.journal().entries());
        if (held.isEmpty()) {
            if (s.catalog().ingestion(s.rewrite().source()).none()) return;
            throw new Trouble.Refused("Ingestion is not paused: run pause first, or migrate, which does it all.");
        }
        if (new Gate(s.server(), s.rewrite()).standing().isEmpty()) throw new Trouble.PutOff("Ingestion was reopened meanwhile, so nothing was swapped: run pause again, or migrate.");
        if (HeldTime.now(s.server()) > Long.parseLong(held.get().get("deadlineUs")) - 1_000_000)
            throw new Trouble.PutOff("The pause's deadline has passed or is less than a second away, so nothing was swapped: run pause again, or migrate.");
        s.control().held(true);    // which an operation in a process of its own has not been told
    }
}
