package rekey.run;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.ServerGone;
import rekey.clickhouse.Sql;
import rekey.compare.ComparisonVerdict;
import rekey.copy.Peers;
import rekey.copy.TakeOver;
import rekey.ingestion.HeldTime;
import rekey.ingestion.HostGates;
import rekey.migration.Migration;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Encoded;
import rekey.session.Entry;
import rekey.session.Micros;
import rekey.session.Session;
import rekey.step.Backfill;
import rekey.step.Finalize;
import rekey.step.HostsApart;
import rekey.step.MergeHoldRelease;
import rekey.step.Pause;
import rekey.step.Position;
import rekey.step.Shards;
import rekey.step.Staging;
import rekey.step.Step;
import rekey.step.Steps;
import rekey.step.Swap;

/// Runs steps, one runner at a time, and writes down how each begins and ends. What is left to do is read from the
/// server, so to resume is to run again.
public final class Runner {
    /// How often a swap that was put off is tried after more rounds; and one that was put off because there is too
    /// much to do just now. A machine that was busy for a minute once ended a copy of days with exit 3: what waits
    /// for a quieter moment costs nobody anything, for what comes in is carried meanwhile.
    private static final int TRIES = 3, BUSY_TRIES = 60;
    private static final String ROLLBACK = "rollback";
    private static final String FINALIZE = new Finalize().name();
    private static final Set<String> PAUSING = Set.of("while paused", "pause", "swap");

    private final Session session;
    private final List<Session> shards;
    private final boolean takeOver;
    private final List<Observer> observers;
    private final Duration patience;
    private final boolean checking;

    /// Looks on while a run goes: progress, the operator's words, health.
    public interface Observer {
        /// Called about twice a second, in a thread of its own.
        void look(Session session);
    }

    public Runner(Session session, boolean takeOver, List<Observer> observers) {
        this(session, takeOver, observers, ServerOutage.patience());
    }

    Runner(Session session, boolean takeOver, List<Observer> observers, Duration patience) {
        this(session, takeOver, observers, patience, false);
    }

    private Runner(Session session, boolean takeOver, List<Observer> observers, Duration patience, boolean checking) {
        this.checking = checking;
        this.patience = patience;
        this.session = session;
        this.shards = session.shards();
        this.takeOver = takeOver;
        this.observers = List.copyOf(observers);
    }

    /// The same, and before the first change it makes every check, freezes the plan, and later holds the table to
    /// it. So does whoever runs for a person, by the command line or by a script: one of these carried the rows of
    /// another migration's backup into a table of its own without a word.
    public Runner checked() {
        return new Runner(session, takeOver, observers, patience, true);
    }

    /// All steps of a migration that are not done, until one of a name has been done.
    public void run(Migration migration, Optional<String> until) {
        locked(
                "run",
                () -> throughOutages(() -> {
                    planned(migration, migration.steps());
                    reopen();
                    unpoisoned();
                    all(migration.steps(), until);
                }));
    }

    /// One step by itself.
    public void run(Step step) {
        var migration = Migration.of(session.rewrite());
        if (checking)
            shards.forEach(s -> Prerequisites.of(s, migration, Steps.flat(step).getFirst()));
        locked(
                step.name(),
                () -> throughOutages(step.name(), () -> {
                    planned(migration, step);
                    // where a pause stands what it has begun is brought to its end, whoever may do what
                    if (PAUSING.contains(step.name())
                            && HostGates.of(session).standing().isEmpty()) Shards.all(shards, Prerequisites::ofUser);
                    one(step, shards);
                }));
    }

    /// Before what changes anything for the first time; a plan that is among the steps makes its checks itself.
    private void planned(Migration migration, Step steps) {
        var names = Steps.flat(steps).stream().map(Step::name).toList();
        if (!checking || names.contains("plan")) return;
        if (names.contains("create") || !(Position.of(session) instanceof Position.NotBegun))
            new FrozenPlan(migration, null).run(shards);
    }

    /// Takes one step back.
    public void undo(Step step) {
        locked("undo-" + step.name(), () -> throughOutages(() -> step.undo(shards)));
    }

    /// Back to before the migration, without loss, from wherever it stands.
    ///
    /// @throws Trouble.Refused after finalize
    public void rollback(Migration migration) {
        if (nothingBegun()) {
            shards.forEach(s -> mustHaveAWayBack(s, migration));
            return; // no lock and no line: a journal of it would say that something was begun
        }
        locked(
                ROLLBACK,
                () -> throughOutages(() -> {
                    shards.forEach(s -> mustHaveAWayBack(s, migration));
                    if (HostGates.of(session).standing().isEmpty()) Shards.all(shards, Prerequisites::ofUserGoingBack);
                    var begun = shards.stream().filter(Runner::begun).toList();
                    undoAgain(migration.steps());
                    for (var s : begun) s.journal().append("", new Detail.Bare(Entry.Event.ROLLED_BACK));
                }));
    }

    private static boolean begun(Session s) {
        return !(Position.of(s) instanceof Position.NotBegun)
                || !s.journal().entries(e -> e.is(Entry.Event.INTENT)).isEmpty();
    }

    private boolean nothingBegun() {
        return shards.stream().allMatch(s -> s.journal().entries().isEmpty())
                && HostGates.of(session).standing().isEmpty()
                && HostGates.of(session).leftTargets().isEmpty();
    }

    /// @throws Trouble.Refused        after finalize
    /// @throws Trouble.OutcomeUnknown where the journal is gone
    public static void mustHaveAWayBack(Session session, Migration migration) {
        if (Position.mustBeKnown(session) instanceof Position.Finalized)
            throw new Trouble.Refused("Migration " + migration.name()
                    + " is finalized: its backup was dropped, so there is no way back. To return, migrate to"
                    + " the old keys.");
    }

    private void locked(String what, Runnable work) {
        Shards.all(shards, s -> new Peers(s).mustBeAll(what));
        Shards.all(shards, s -> s.journal().open());
        try (var _ = ShardLocks.acquire(session, what.equals(ROLLBACK), takeOver)) {
            Shards.all(shards, s -> {
                long since = HeldTime.now(s.server());
                var takeOver = new TakeOver(s);
                takeOver.fetch(what);
                killLeftovers(s);
                var same = takeOver.begin(what.equals(FINALIZE), what.equals(ROLLBACK) || what.equals("undo-backfill"));
                HostsInParallel.all(s.peers(), s.journal()::bring);
                Staging.dropAll(s);
                s.journal().append("", lockedLine(s, what, since, same));
                s.journal().alone(); // only now: no other's line comes in any more
            });
            try (var _ = new ShardObservers(shards, observers)) {
                follow(what);
                Shards.all(shards, MergeHoldRelease::releaseLate);
                work.run();
            } catch (RuntimeException e) {
                var told = noted(e);
                MergeHoldRelease.giveBack(shards, told);
                throw told;
            }
            Shards.all(shards, s -> s.journal().append("", new Detail.Unlocked(what)));
        }
    }

    /// With what it may cost, for those who ask from another terminal.
    private Detail.Locked lockedLine(Session s, String what, long since, Map<String, String> same) {
        var limits = session.limits();
        return new Detail.Locked(
                what,
                Optional.of(Micros.instant(since)),
                true,
                Optional.of(limits.threads()),
                Optional.of(limits.chunkRows()),
                Optional.of(limits.maxHeld()),
                Optional.of("" + limits.nice()),
                Optional.of(s.copying().name()).filter(name -> !name.isEmpty()),
                words(shards.stream()
                        .map(shard -> shard.copying().name())
                        .filter(name -> !name.isEmpty())
                        .toList()),
                words(List.copyOf(s.copying().leftOut().gone())),
                words(List.copyOf(s.copying().leftOut().away())),
                same);
    }

    private static Optional<Encoded.Words> words(List<String> of) {
        return of.isEmpty() ? Optional.empty() : Optional.of(new Encoded.Words(of));
    }

    /// A statement of a runner that died may still run: it is ended and awaited before anything is decided.
    private static void killLeftovers(Session session) {
        var runners = session.journal().entries().stream()
                .map(Entry::runner)
                .distinct()
                .toList();
        if (runners.isEmpty()) return;
        for (var host : session.hosts())
            try {
                host.execute(killing(session.queryPrefix(), runners));
            } catch (ServerError e) {
                throw RunLock.mayNotEnd(host, e);
            }
    }

    /// A statement is a runner's by the prefix of this migration and by the name of one that its journal knows: any
    /// user may have given a query an id that begins so.
    private static String killing(String prefix, List<String> runners) {
        return "KILL QUERY WHERE startsWith(query_id, " + Sql.text(prefix)
                + ") AND splitByChar(':', substring(query_id, length(" + Sql.text(prefix) + ") + 1))[1] IN "
                + Sql.list(runners) + " SYNC";
    }

    /// Ingestion is opened, merges go on, and the run goes back to rounds. A comparison of hours is not to run while
    /// they are held, for parts would pile up toward the insert limit (room step, rule 3).
    private void reopen() {
        var filled = shards.stream()
                .filter(s -> Position.of(s) instanceof Position.Created)
                .toList();
        if (filled.isEmpty()) return;
        // also where a shard has been swapped and another has not: its merges and its pause end now, not with the
        // other's swap
        if (!HostGates.of(filled.getFirst()).standing().isEmpty()) new Pause().undo(shards);
        else Shards.all(shards, MergeHoldRelease::release);
    }

    /// A difference that was found is not passed by running again: a person looks first.
    private void unpoisoned() {
        Shards.all(shards, s -> {
            if (Position.of(s) instanceof Position.Created)
                ComparisonVerdict.poison(s).ifPresent(p -> {
                    throw new Trouble.Refused(ComparisonVerdict.sentence(s, p));
                });
        });
    }

    private void all(Step composition, Optional<String> until) {
        var steps = parts(composition, until);
        var again = List.<Session>of();
        boolean asked = false;
        for (int tries = 1, busy = 1; ; ) {
            try {
                // what it is put off for may keep its rounds from their end, too: that is one more try
                if (!again.isEmpty()) new Backfill().run(again);
                again = List.of();
                for (var step : steps) {
                    session.control().checkpoint();
                    var left = step.notDone(shards);
                    Prerequisites.ofHosts(left, step);
                    // behind the plan, which says first what has become of the table
                    if (!asked && !left.isEmpty() && !step.name().equals("plan")) {
                        Shards.all(shards, Prerequisites::ofUser);
                        asked = true;
                    }
                    if (!left.isEmpty()) one(step, left);
                }
                return;
            } catch (Trouble.PutOff e) {
                var filled = shards.stream()
                        .filter(s -> Position.of(s) instanceof Position.Created)
                        .toList();
                if (filled.isEmpty() || (e.isBusy() ? busy++ == BUSY_TRIES : tries++ == TRIES)) throw e;
                putOff(e);
                again = filled;
            }
        }
    }

    /// Each attempt to take the swap back begins with rounds.
    private void undoAgain(Step composition) {
        for (int tries = 1, busy = 1; ; ) {
            try {
                composition.undo(shards);
                return;
            } catch (Trouble.PutOff e) {
                if (shards.stream().noneMatch(s -> Position.of(s) instanceof Position.Swapped)
                        || (e.isBusy() ? busy++ == BUSY_TRIES : tries++ == TRIES)) throw e;
                putOff(e);
            }
        }
    }

    private void putOff(Trouble.PutOff why) {
        session.journal().append("", new Detail.PutOff(why.getMessage()));
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
        throw new Trouble.Usage("There is no step '" + until.get() + "': give one of "
                + String.join(
                        ", ", Steps.flat(composition).stream().map(Step::name).toList()) + ".");
    }

    private void one(Step step, List<Session> left) {
        var begun = Instant.now();
        for (var s : left) s.journal().append(step.name(), new Detail.Bare(Entry.Event.BEGUN));
        step.run(left);
        for (var s : left)
            s.journal().appendLater(step.name(), new Detail.Took(Duration.between(begun, Instant.now())));
    }

    private void throughOutages(Runnable work) {
        throughOutages("", work);
    }

    private void throughOutages(String what, Runnable work) {
        new ServerOutage(session, patience).during(work, () -> {
            Shards.all(shards, Runner::killLeftovers);
            follow(what);
        });
    }

    /// A host was away, or a runner died between two.
    private void follow(String what) {
        HostsApart.until(shards, s -> {
            Swap.nameAgain(s);
            new Peers(s).follow(what.equals(FINALIZE));
        });
    }

    /// An error goes into the journal, as far as the server can be reached; a statement that was killed by a stop is
    /// a stop.
    private RuntimeException noted(RuntimeException thrown) {
        if (thrown instanceof ServerGone gone && gone.unanswered().isPresent())
            return new Trouble.OutcomeUnknown(
                    gone.getMessage() + " " + gone.unanswered().get().sentence() + ServerOutage.wayOn(shards, gone));
        var e = thrown instanceof ServerGone gone ? gone.saying(ServerOutage.wayOn(shards, gone)) : thrown;
        boolean killed = e instanceof ServerError s && s.cancelled();
        if (killed) hear();
        var told = killed
                ? session.control()
                        .stopped()
                        .<RuntimeException>map(stop -> stop)
                        .orElse(e)
                : e;
        try {
            Shards.all(
                    shards,
                    s -> s.journal()
                            .append(
                                    "",
                                    new Detail.Failed(
                                            String.valueOf(told.getMessage()),
                                            s.progress().snapshot().step(),
                                            told instanceof Trouble t ? t.exitCode() : 1)));
        } catch (RuntimeException unwritten) {
            told.addSuppressed(unwritten); // a full disk, say: what went wrong first is what is told
        }
        return told;
    }

    /// A stop kills the running statement as soon as it is written down, which may be before anybody has read it.
    private void hear() {
        for (var observer : observers) if (observer instanceof Orders orders) orders.look(session);
    }
}
