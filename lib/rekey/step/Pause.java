package rekey.step;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import rekey.check.Check;
import rekey.check.Checks;
import rekey.clickhouse.Ddl;
import rekey.copy.MergeHold;
import rekey.copy.Outline;
import rekey.copy.Rounds;
import rekey.ingestion.Consumers;
import rekey.ingestion.Continuity;
import rekey.ingestion.Gate;
import rekey.ingestion.Guard;
import rekey.ingestion.HeldTime;
import rekey.model.Ingestion;
import rekey.model.Trouble;
import rekey.session.Entry;
import rekey.session.Original;
import rekey.session.Session;

/// Operation 3: all views of the Kafka tables stop together, and stay stopped through a restart of the server.
///
/// Half done may be:
/// - merges that are held and no gate yet: the table's own settings tell; the next run, `resume`, `rollback` or the guard of
///   the one who died gives them back, and until then every command says so;
/// - a gate with its target still there, or of some Kafka tables only: nothing of those has stopped. The gates' tables tell;
/// - a gate that stands and nobody waited for it, or after the wait no line about it: `migrate` opens it and goes back to
///   rounds, `pause` opens it and begins anew, `resume` and `rollback` open it, and so does the guard at the deadline, which
///   runs from the journal's HELD line, written before the gate is closed.
public record Pause() implements Step {
    static final String SHORT = "rounds until one is short";

    @Override public String name() { return "pause"; }

    @Override public Description describe(Session s) {
        var sql = new ArrayList<>(new Verify().describe(s).sql());
        sql.addAll(Held.holding(Backfill.forward(s)));
        sql.addAll(lastRounds(s).further(SHORT, false));
        sql.addAll(Held.closing(s));
        return described(s, sql);
    }

    private Description described(Session s, List<String> sql) {
        return new Description(s.catalog().ingestion(s.rewrite().source()).none() ? "Hold merges for the last rounds. Nothing is to be paused: ingestion is none."
                : "Stop reading from Kafka; the running batches are awaited.", sql, undoing(s, Position.filled(s)));
    }

    /// Nothing where it stands; a gate that is half made, or past its time, is opened first.
    @Override public Description left(Session s) {
        var position = Position.of(s);
        if (position instanceof Position.NotBegun) return describe(s);
        boolean open = new Gate(s.server(), s.rewrite()).standing().isEmpty();
        if (!open && Hold.stands(s)) return described(s, List.of());
        var sql = new ArrayList<>(open ? List.of() : undoing(s, position));
        if (!(position instanceof Position.Created)) {
            sql.addAll(Held.closing(s));
            return described(s, sql);
        }
        boolean compared = new Verify().state(s).phase() == Phase.DONE;
        sql.addAll(compared ? new Verify().describe(s).sql() : new Verify().left(s).sql());
        sql.addAll(Held.holding(Backfill.forward(s)));
        if (compared) sql.addAll(lastRounds(s).now(Backfill.nextRound(s), false));
        sql.addAll(lastRounds(s).further(SHORT, false));
        sql.addAll(Held.closing(s));
        return described(s, sql);
    }

    private static Outline lastRounds(Session s) {
        return new Outline(s, Backfill.forward(s), true);
    }

    @Override public State state(Session s) {
        if (s.catalog().ingestion(s.rewrite().source()).none()) return unfed(s);
        var gate = new Gate(s.server(), s.rewrite());
        if (gate.standing().isEmpty()) return State.of(false, "ingestion is open");
        return gate.leftTargets().isEmpty() ? State.of(true, "the gate stands: " + gate.standing()) : new State(Phase.UNDER_WAY, "the gate is half made");
    }

    /// Without ingestion there is no gate: what shows that the swap was prepared is that merges are held.
    private static State unfed(Session s) {
        boolean before = Position.of(s) instanceof Position.Created;
        return State.of(!before || MergeHold.held(s.source()), "nothing feeds it" + (before ? "; its merges are " + (MergeHold.held(s.source()) ? "held" : "not held") : ""));
    }

    /// What came since the last round is carried first, so that little is left to carry while held. Not begun while the
    /// swap is postponed. Where ingestion is paused it stays so, by the deadline that it has: each one more would make the hold longer.
    @Override public void run(Session s) {
        if (!new Gate(s.server(), s.rewrite()).standing().isEmpty()) {
            if (Hold.stands(s)) {
                Guard.start(s.server().endpoint(), s.rewrite(), s.journal().runner(), Hold.id(s));    // its first one may have died with its machine
                return;
            }
            undo(s);
        }
        while (s.control().postponed()) {
            s.progress().note("the swap is postponed");
            s.control().sleep(200);
        }
        if (Position.of(s) instanceof Position.Created) compared(s);
        runFor(s, () -> beforehand(s));
    }

    private static void compared(Session s) {
        Swap.unpoisoned(s);
        if (new Verify().state(s).phase() != Phase.DONE) new Verify().run(s);
    }

    /// @param beforehand what is done last before the gate is closed
    void runFor(Session s, Runnable beforehand) {
        var ingestion = s.catalog().ingestion(s.rewrite().source());
        s.progress().begin(name(), 0);
        var hold = UUID.randomUUID().toString().substring(0, 8);
        var guard = ingestion.none() ? Optional.<Process>empty() : Optional.of(Guard.start(s.server().endpoint(), s.rewrite(), s.journal().runner(), hold));
        boolean closing = false;
        var continuity = Continuity.of(ingestion, s.kafkaConfig());
        try {
            var consumers = new Consumers(s.server(), ingestion);
            var kafka = ingestion.none() ? List.<CompletableFuture<List<Check.Verdict>>>of()
                    : Checks.atSwap().stream().map(c -> CompletableFuture.supplyAsync(() -> Checks.look(s, List.of(c)), Thread::startVirtualThread)).toList();
            var leader = consumers.leader(s.control());
            kafka.forEach(Pause::mustNotRefuse);
            beforehand.run();
            if (ingestion.none()) return;
            consumers.awaitEnd(leader, s.control());
            closing = true;
            close(s, ingestion, hold, continuity);
        } catch (RuntimeException e) {
            continuity.close();
            back(s, e);
            // it would look on for as long as the run lasts, beside that of the next try; but what could not be given back is its to give
            if (!closing && e.getSuppressed().length == 0) guard.ifPresent(Process::destroy);
            throw e;
        }
    }

    /// Whoever else is in the group takes over the partitions of consumers that pause, and goes on inserting elsewhere; and what waits
    /// in Kafka must outlast a pause as it did when the migration began. Looked at while the consumers are watched.
    private static void mustNotRefuse(CompletableFuture<List<Check.Verdict>> looked) {
        try {
            for (var v : looked.join()) if (v.verdict() == Check.Level.REFUSAL) throw new Trouble.Refused("Nothing was paused: " + v.name() + ": " + v.saw() + ". " + v.todo());
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException r ? r : e;
        }
    }

    private void close(Session s, Ingestion ingestion, String hold, Continuity continuity) {
        var deadline = Instant.now().plus(s.limits().deadline());
        long asked = HeldTime.now(s.server());
        s.journal().append(name(), Entry.Event.HELD, Map.of("hold", hold, "askedUs", "" + asked, "deadlineUs", "" + (asked + s.limits().deadline().toMillis() * 1000)));
        s.progress().held(Instant.now(), deadline);
        s.control().held(true);
        s.control().onlooker(continuity);
        s.control().fence();
        new Gate(s.server(), s.rewrite()).close(ingestion);
        long since = new Consumers(s.server(), ingestion).awaitStopped(s.control(), deadline);
        s.journal().append(name(), Entry.Event.DONE, Map.of("hold", hold, "sinceUs", "" + since, "askedUs", "" + asked, "committed", continuity.committed()));
    }

    /// Where the server is away ingestion can't be opened now: the guard does at the deadline, or the runner when it is back.
    /// Where another runner took over, the gate is that one's if it has closed it; so also where the server can't tell whether one did.
    static void back(Session s, RuntimeException why) {
        try {
            if (s.control().successor().isEmpty()) new Pause().undo(s);
            else if (!Hold.isAnothers(s)) new Gate(s.server(), s.rewrite()).open();
        } catch (RuntimeException e) {
            why.addSuppressed(e);
        }
    }

    /// Merges of the source are held for these seconds, so that what is new lies in small parts and held time does not
    /// grow with the table.
    private void beforehand(Session s) {
        if (!(Position.of(s) instanceof Position.Created created)) return;
        compared(s);
        new MergeHold(s).hold(s.rewrite().source());
        new MergeHold(s).hold(created.target());
        new Rounds(s, s.rewrite().source(), created.target()).untilShort(Backfill.nextRound(s));
        if (s.control().postponed()) throw new Trouble.PutOff("Nothing was paused: the swap was postponed meanwhile.");
    }

    @Override public void undo(Session s) {
        new Gate(s.server(), s.rewrite()).open();
        var held = Hold.last(s);
        long now = HeldTime.now(s.server());
        s.progress().resumed();
        s.control().held(false);
        if (held.isPresent()) s.journal().append(name(), Entry.Event.RESUMED, detail(held.get(), now));
        releaseMerges(s);
    }

    @Override public List<String> undoing(Session s, Position at) {
        var gate = new Gate(s.server(), s.rewrite());
        if (at.equals(Position.of(s))) {
            var out = new ArrayList<>(gate.opening());
            out.addAll(releasingMerges(s));
            return out;
        }
        var out = new ArrayList<>(Held.opening(s));
        for (var held : at instanceof Position.Created c ? List.of(s.rewrite().source(), c.target()) : List.of(s.rewrite().source())) out.addAll(MergeHold.releasing(Original.known(s), held));
        return out;
    }

    /// The statements of [#releaseMerges].
    public static List<String> releasingMerges(Session s) {
        var out = new ArrayList<String>();
        if (Original.find(s.journal().entries()).isEmpty()) return out;
        out.addAll(Staging.open(s));
        out.addAll(Held.releasing(s));
        return out;
    }

    /// Those of the live table, and of a target that has not become it.
    public static void releaseMerges(Session s) {
        if (Original.find(s.journal().entries()).isEmpty()) return;
        var unknown = Staging.unsettled(s);    // then a merge takes nothing from it any more, and parts would pile up
        if (MergeHold.held(s.source())) new MergeHold(s).release(s.rewrite().source());
        if (Position.of(s) instanceof Position.Created c && MergeHold.held(s.catalog().table(c.target()))) new MergeHold(s).release(c.target());
        if (unknown.isPresent()) throw unknown.get();
    }

    static Map<String, String> detail(Entry hold, long resumedUs) {
        long since = hold.get("sinceUs").isEmpty() ? 0 : Long.parseLong(hold.get("sinceUs"));
        var time = HeldTime.of(Long.parseLong(hold.get("askedUs")), since, resumedUs);
        return Map.of("hold", hold.get("hold"), "heldMs", "" + time.heldMs(), "pauseMs", "" + time.pauseMs(), "resumedUs", "" + resumedUs, "by", "runner");
    }
}
