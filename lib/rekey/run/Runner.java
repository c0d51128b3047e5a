package rekey.run;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.ServerGone;
import rekey.clickhouse.Sql;
import rekey.compare.Standing;
import rekey.ingestion.Gate;
import rekey.ingestion.HeldTime;
import rekey.migration.Migration;
import rekey.model.Trouble;
import rekey.session.Entry;
import rekey.session.Journal;
import rekey.session.Session;
import rekey.step.Backfill;
import rekey.step.Held;
import rekey.step.Pause;
import rekey.step.Position;
import rekey.step.Staging;
import rekey.step.Step;
import rekey.step.Steps;
import rekey.step.Swap;

/// Runs steps, one runner at a time, and writes down how each begins and ends. What is left to do is read from the
/// server, so to resume is to run again.
public final class Runner {
    /// How long a server that went away is waited for.
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /// How often a swap that was put off is tried again after more rounds.
    private static final int TRIES = 3;

    private final Session session;
    private final boolean takeOver;
    private final List<Watch> watches;
    private final Duration patience;

    /// Looks on while a run goes: progress, the operator's words, health.
    public interface Watch {
        /// Called about twice a second, in a thread of its own.
        void look(Session session);
    }

    public Runner(Session session, boolean takeOver, List<Watch> watches) {
        this(session, takeOver, watches, PATIENCE);
    }

    Runner(Session session, boolean takeOver, List<Watch> watches, Duration patience) {
        this.patience = patience;
        this.session = session;
        this.takeOver = takeOver;
        this.watches = List.copyOf(watches);
    }

    /// All steps of a migration that are not done, until one of a name has been done.
    public void run(Migration migration, Optional<String> until) {
        locked("run", () -> patiently(() -> {
            reopen();
            unpoisoned();
            all(migration.steps(), until);
        }));
    }

    /// One step by itself.
    public void run(Step step) {
        locked(step.name(), () -> patiently(() -> one(step)));
    }

    /// Takes one step back.
    public void undo(Step step) {
        locked("undo-" + step.name(), () -> patiently(() -> step.undo(session)));
    }

    /// Back to before the migration, without loss, from wherever it stands.
    ///
    /// @throws Trouble.Refused after finalize
    public void rollback(Migration migration) {
        locked("rollback", () -> patiently(() -> {
            mustHaveAWayBack(session, migration);
            boolean begun = !(Position.of(session) instanceof Position.NotBegun) || !session.journal().entries(e -> e.is(Entry.Event.INTENT)).isEmpty();
            back(migration.steps());
            if (begun) session.journal().append("", Entry.Event.ROLLED_BACK, Map.of());
        }));
    }

    /// @throws Trouble.Refused        after finalize
    /// @throws Trouble.OutcomeUnknown where the journal is gone
    public static void mustHaveAWayBack(Session session, Migration migration) {
        Position.mustBeKnown(session);
        if (Position.of(session) instanceof Position.Finalized) throw new Trouble.Refused("Migration " + migration.name()
                + " is finalized: its backup was dropped, so there is no way back. To return, migrate to the old keys.");
    }

    /// The statements that come before those of any step where a runner died: what it left is put away first.
    public static List<String> first(Session session) {
        return Stream.of(Staging.dropping(session), Swap.namingAgain(session), Held.releasingLate(session)).flatMap(List::stream).toList();
    }

    /// Whether a run of all opens a pause first that a dead runner left behind, before its swap.
    public static boolean reopens(Session session) {
        return Position.of(session) instanceof Position.Created && !new Gate(session.server(), session.rewrite()).standing().isEmpty();
    }

    /// The statements by which it does, or gives back the merges that it left held.
    public static List<String> reopening(Session session) {
        if (!(Position.of(session) instanceof Position.Created)) return List.of();
        return reopens(session) ? new Pause().undoing(session, Position.of(session)) : Pause.releasingMerges(session);
    }

    private void locked(String what, Runnable work) {
        session.journal().open();
        try (var _ = RunLock.acquire(session.server(), session.rewrite().source(), session.journal().runner(), takeOver, session.control())) {
            long since = HeldTime.now(session.server());
            killLeftovers();
            Staging.dropAll(session);
            session.journal().append("", Entry.Event.LOCKED, told(what, since));
            session.journal().alone();    // only now: no other's line comes in any more
            try (var samples = new Samples(); var _ = new Watching(session, watching(samples))) {
                Swap.nameAgain(session);
                Held.releaseLate(session);
                work.run();
                samples.take(session);
            } catch (RuntimeException e) {
                throw noted(e);
            }
            session.journal().append("", Entry.Event.UNLOCKED, Map.of("what", what));
        }
    }

    /// With what it may cost, for those who ask from another terminal.
    private Map<String, String> told(String what, long since) {
        var limits = session.limits();
        return Map.of("what", what, "sinceUs", "" + since, "threads", "" + limits.threads(), "chunk", "" + limits.chunkRows(), "max-held", "" + limits.maxHeld().toMillis());
    }

    private List<Watch> watching(Watch more) {
        return Stream.concat(watches.stream(), Stream.of(more)).toList();
    }

    /// A statement of a runner that died may still run: it is ended and awaited before anything is decided.
    private void killLeftovers() {
        session.server().execute("KILL QUERY WHERE startsWith(query_id, " + Sql.text(session.queryPrefix()) + ") SYNC");
    }

    /// Ingestion is opened, merges go on, and the run goes back to rounds. A comparison of hours is not to run while they are held, for
    /// parts would pile up toward the insert limit (DESIGN: exactness 10).
    private void reopen() {
        if (!(Position.of(session) instanceof Position.Created)) return;
        if (reopens(session)) new Pause().undo(session);
        else Pause.releaseMerges(session);
    }

    /// A difference that was found is not passed by running again: a person looks first.
    private void unpoisoned() {
        if (Position.of(session) instanceof Position.Created) Standing.poison(session).ifPresent(p -> { throw new Trouble.Refused(Standing.sentence(session, p)); });
    }

    private void all(Step composition, Optional<String> until) {
        var steps = parts(composition, until);
        for (int tries = 1; ; tries++) {
            try {
                for (var step : steps) {
                    session.control().checkpoint();
                    if (step.state(session).phase() != Step.Phase.DONE) one(step);
                }
                return;
            } catch (Trouble.PutOff e) {
                if (tries == TRIES || !(Position.of(session) instanceof Position.Created)) throw e;
                putOff(e);
                new Backfill().run(session);
            }
        }
    }

    /// Each attempt to take the swap back begins with rounds.
    private void back(Step composition) {
        for (int tries = 1; ; tries++) {
            try {
                composition.undo(session);
                return;
            } catch (Trouble.PutOff e) {
                if (tries == TRIES || !(Position.of(session) instanceof Position.Swapped)) throw e;
                putOff(e);
            }
        }
    }

    private void putOff(Trouble.PutOff why) {
        session.journal().append("", Entry.Event.NOTE, Map.of("putOff", why.getMessage()));
        session.control().sleep(1000);
    }

    /// The steps up to one of a name; a bracket is kept whole unless the name is within it.
    public static List<Step> parts(Step composition, Optional<String> until) {
        var top = Steps.parts(composition);
        if (until.isEmpty()) return top;
        var out = new ArrayList<Step>();
        for (var step : top) {
            var inner = Steps.flat(step).stream().map(Step::name).toList();
            if (!inner.contains(until.get())) {
                out.add(step);
                continue;
            }
            if (inner.getLast().equals(until.get())) out.add(step);
            else out.addAll(Steps.flat(step).subList(0, inner.indexOf(until.get()) + 1));
            return out;
        }
        throw new Trouble.Usage("There is no step '" + until.get() + "': give one of " + String.join(", ", Steps.flat(composition).stream().map(Step::name).toList()) + ".");
    }

    private void one(Step step) {
        var begun = Instant.now();
        session.journal().append(step.name(), Entry.Event.BEGUN, Map.of());
        step.run(session);
        session.journal().append(step.name(), Entry.Event.NOTE, Map.of("ms", "" + Duration.between(begun, Instant.now()).toMillis()));
    }

    private void patiently(Runnable work) {
        new Patience(session, patience).during(work, () -> {
            killLeftovers();
            Swap.nameAgain(session);
        });
    }

    /// An error goes into the journal, as far as the server can be reached; a statement that was killed by a stop is a stop.
    private RuntimeException noted(RuntimeException e) {
        if (e instanceof ServerGone gone && gone.unanswered().isPresent()) return new Trouble.OutcomeUnknown(gone.getMessage() + " " + gone.unanswered().get().sentence());
        boolean killed = e instanceof ServerError s && s.cancelled();
        if (killed) hear();
        var told = session.control().stopping() && killed ? new Trouble.Stopped("Stopped: its query was ended on the server. Go on with migrate, or go back with rollback.") : e;
        try {
            session.journal().append("", Entry.Event.FAILED, Map.of("error", String.valueOf(told.getMessage()), "step", session.progress().snapshot().step(),
                    "exitCode", "" + (told instanceof Trouble t ? t.exitCode() : 1)));
        } catch (RuntimeException unwritten) {
            told.addSuppressed(unwritten);           // a full disk, say: what went wrong first is what is told
        }
        return told;
    }

    /// A stop kills the running statement as soon as it is written down, which may be before anybody has read it.
    private void hear() {
        for (var watch : watches) if (watch instanceof Orders orders) orders.look(session);
    }
}
