package rekey.step;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import rekey.check.Check;
import rekey.check.Checks;
import rekey.check.Feeders;
import rekey.check.RefreshableViews;
import rekey.copy.Direction;
import rekey.copy.MergeHold;
import rekey.copy.Peers;
import rekey.copy.Rounds;
import rekey.copy.UnmergedParts;
import rekey.copy.Way;
import rekey.ingestion.Consumers;
import rekey.ingestion.Continuity;
import rekey.ingestion.Guard;
import rekey.ingestion.HeldTime;
import rekey.ingestion.HostGates;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.IngestionHosts;
import rekey.session.Micros;
import rekey.session.Session;

/// Operation 3: all views of the Kafka tables stop together, and stay stopped through a restart of the server.
///
/// Half done may be:
/// - merges that are held and no gate yet: the table's own settings tell; the next run, `resume`, `rollback` or the
///   guard of the one who died gives them back, and until then every command says so;
/// - a gate with its target still there, or of some Kafka tables only: nothing of those has stopped. The gates'
///   tables tell;
/// - a gate that stands and nobody waited for it, or after the wait no line about it: `migrate` opens it and goes
///   back to rounds, `pause` opens it and begins anew, `resume` and `rollback` open it, and so does the guard at the
///   deadline, which runs from the journal's HELD line, written before the gate is closed.
public record Pause() implements Step {
    @Override
    public String name() {
        return "pause";
    }

    @Override
    public State state(Session s) {
        if (IngestionHosts.of(s).none()) return unfed(s);
        var gate = HostGates.of(s);
        if (gate.standing().isEmpty()) return State.of(false, "ingestion is open");
        return gate.leftTargets().isEmpty()
                ? State.of(true, "the gate stands: " + gate.standing())
                : new State(Phase.UNDER_WAY, "the gate is half made");
    }

    /// Without ingestion there is no gate: what shows that the swap was prepared is that merges are held.
    private static State unfed(Session s) {
        boolean before = Position.of(s) instanceof Position.Created;
        return State.of(
                !before || MergeHold.held(s.source()),
                "nothing feeds it"
                        + (before ? "; its merges are " + (MergeHold.held(s.source()) ? "held" : "not held") : ""));
    }

    /// What came since the last round is carried first, so that little is left to carry while held. Not begun while
    /// the swap is postponed. Where ingestion is paused it stays so, by the deadline that it has: each one more
    /// would make the hold longer.
    @Override
    public void run(Session s) {
        run(List.of(s));
    }

    /// One over all shards: what a host of one reads is written to any.
    @Override
    public void run(List<Session> shards) {
        var first = shards.getFirst();
        if (!HostGates.of(first).standing().isEmpty()) {
            if (shards.stream().allMatch(StandingPause::stands)) {
                Guard.start(shards, StandingPause.id(first)); // its first one may have died with its machine
                return;
            }
            undo(shards);
        }
        while (first.control().postponed()) {
            // what is left stays little, and what others do to a part is seen while the server knows it
            Shards.all(shards, s -> {
                if (Position.of(s) instanceof Position.Created created)
                    rounds(s, Direction.of(s, Way.FORWARD, created.target()), true);
            });
            first.progress().note("the swap is postponed");
            for (int i = 0; i < 50 && first.control().postponed(); i++)
                first.control().sleep(100);
        }
        Shards.all(shards, s -> {
            if (Position.of(s) instanceof Position.Created created) compared(s, created);
        });
        runFor(shards, this::ahead, this::beforehand);
    }

    private static void compared(Session s, Position.Created created) {
        Swap.unpoisoned(s);
        if (Verify.missing(s, created).isPresent()) new Verify().run(s);
    }

    /// @param ahead      what is done before merges are held on any shard: those of one piled up while another made
    ///                   DELETEs
    /// @param beforehand what is done last before the gate is closed, on each shard
    void runFor(List<Session> shards, Consumer<Session> ahead, Consumer<Session> beforehand) {
        var s = shards.getFirst();
        // a colleague may see less
        Shards.all(
                shards,
                each -> mustNotRefuse(Checks.look(
                        each, List.of(new Feeders(Check.When.AT_SWAP), new RefreshableViews(Check.When.AT_SWAP)))));
        shards.forEach(each -> each.progress().begin(name(), 0));
        Shards.all(shards, ahead);
        var intake = IngestionHosts.of(s);
        if (intake.none()) Shards.all(shards, MergeHoldRelease::guard); // else the pause's own looks after merges too
        var hold = UUID.randomUUID().toString().substring(0, 8);
        var guard = intake.none() ? Optional.<Process>empty() : Optional.of(Guard.start(shards, hold));
        boolean closing = false;
        var continuity = Continuity.of(intake, s.kafkaConfig());
        try {
            var consumers = Consumers.of(intake);
            var kafka = intake.none()
                    ? List.<CompletableFuture<List<Check.Verdict>>>of()
                    : Checks.atSwap().stream()
                            .map(c -> CompletableFuture.supplyAsync(
                                    () -> Checks.look(s, List.of(c)), Thread::startVirtualThread))
                            .toList();
            var leader = consumers.leader(s.control());
            kafka.forEach(Pause::mustNotRefuse);
            Shards.all(shards, each -> fitting(each, beforehand));
            boolean merged =
                    !intake.none() && Shards.each(shards, Pause::merged).contains(true);
            // one has waited for another meanwhile, or for merges
            if (shards.size() > 1 || merged) Shards.all(shards, each -> fitting(each, beforehand));
            if (intake.none()) return;
            // so that little is left to be sent on while held
            intake.flush(s, Instant.now().plus(s.limits().deadline()));
            consumers.awaitEnd(leader, s.control());
            // to wait for the leader takes up to a flush interval, and an operator had his answer meanwhile
            if (s.control().postponed())
                throw Trouble.PutOff.busy("Nothing was paused: the swap was postponed meanwhile.");
            closing = true;
            close(shards, intake, consumers, hold, continuity);
        } catch (RuntimeException e) {
            continuity.close();
            boolean reopened = reopen(shards, e);
            // it would look on for as long as the run lasts, beside that of the next try: on two shards each put-off
            // left one, which asked twice a second, and the more there were the longer the next round took; but what
            // could not be given back is its to give
            if (!closing && reopened) guard.ifPresent(Process::destroy);
            throw e;
        }
    }

    private static boolean merged(Session s) {
        var r = s.rewrite();
        return new MergeHold(s).awaitBegun(List.of(r.source(), r.target(), r.backup()));
    }

    /// Where parts have become too many for merges to be held any longer, they are given back by the next round.
    private static void fitting(Session s, Consumer<Session> beforehand) {
        try {
            beforehand.accept(s);
        } catch (UnmergedParts.Full e) {
            throw new Trouble.PutOff(e.getMessage());
        }
    }

    /// Whoever else is in the group takes over the partitions of consumers that pause, and goes on inserting
    /// elsewhere; and what waits in Kafka must outlast a pause as it did when the migration began. Looked at while
    /// the consumers are watched.
    private static void mustNotRefuse(CompletableFuture<List<Check.Verdict>> looked) {
        try {
            mustNotRefuse(looked.join());
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException r ? r : e;
        }
    }

    private static void mustNotRefuse(List<Check.Verdict> verdicts) {
        for (var v : verdicts)
            if (v.verdict() == Check.Level.REFUSAL)
                throw new Trouble.Refused("Nothing was paused: " + v.name() + ": " + v.saw() + ". " + v.todo());
    }

    /// Every shard has the lines of it, each by its own server's clock.
    ///
    /// Where a hold of 582 ms went, 95 statements from the gate to the resume (100,000 rows, 2,000 messages a
    /// second, two busy cores): 150 ms from the end of the first consumer's last batch until all had stopped,
    /// 40 to write that down, 250 the last round, 145 the swap. So what does not hang on one another is asked
    /// side by side from here on: in [Swap], [StandingPause], and where a chunk is copied.
    private void close(
            List<Session> shards, IngestionHosts intake, Consumers consumers, String hold, Continuity continuity) {
        var s = shards.getFirst();
        var deadline = Instant.now().plus(s.limits().deadline());
        var asked = Shards.each(shards, each -> asked(each, hold));
        shards.forEach(each -> each.progress().ingestionHeld(Instant.now(), deadline));
        s.control().ingestionHeld(true);
        s.control().onlooker(continuity);
        HostGates.of(s).close(intake, s.control()::fence);
        long since = consumers.awaitStopped(s.control(), deadline);
        intake.flush(s, deadline);
        var committed = continuity.committed();
        Shards.all(shards, each -> {
            long own = asked.get(shards.indexOf(each));
            each.journal()
                    .append(
                            name(),
                            new Detail.Paused(
                                    hold,
                                    Micros.instant(since == 0 ? 0 : since - asked.getFirst() + own),
                                    Micros.instant(own),
                                    Optional.of(committed)));
        });
    }

    private long asked(Session s, String hold) {
        long asked = HeldTime.now(s.server());
        s.journal()
                .append(
                        name(),
                        new Detail.Held(
                                hold,
                                Micros.instant(asked),
                                Micros.instant(asked).plus(s.limits().deadline())));
        return asked;
    }

    /// Where the server is away ingestion can't be opened now: the guard does at the deadline, or the runner when
    /// it is back. Where another runner took over, the gate is that one's if it has closed it; so also where the
    /// server can't tell whether one did.
    static boolean reopen(List<Session> shards, RuntimeException why) {
        var s = shards.getFirst();
        try {
            if (s.control().successor().isEmpty()) new Pause().undo(shards);
            else if (!StandingPause.isAnothers(s)) HostGates.of(s).open();
            return true;
        } catch (RuntimeException e) {
            why.addSuppressed(e);
            return false;
        }
    }

    /// Merges of the source are held for these seconds, so that what is new lies in small parts and held time does
    /// not grow with the table.
    private void ahead(Session s) {
        if (!(Position.of(s) instanceof Position.Created created)) return;
        compared(s, created);
        shortly(s, Direction.of(s, Way.FORWARD, created.target()));
        // a DELETE that was made in these rounds may tell versions of a row apart, and they may have taken long
        Verify.missing(s, created).ifPresent(why -> {
            throw Trouble.PutOff.busy("Nothing was paused: " + why + ".");
        });
    }

    private void beforehand(Session s) {
        if (!(Position.of(s) instanceof Position.Created created)) return;
        new MergeHold(s).hold(s.rewrite().source());
        new MergeHold(s).hold(created.target());
        new Rounds(s, Way.FORWARD, created.target()).untilShort(Backfill.nextRound(s));
        if (s.control().postponed()) throw new Trouble.PutOff("Nothing was paused: the swap was postponed meanwhile.");
    }

    /// What came since the last round is carried before merges are held, and DELETEs are made: under the hold none
    /// is, and what is behind one waits for the rounds after the EXCHANGE. Between a comparison and a swap at night
    /// there were hours, all of which a single DELETE kept out of the live table in that moment. Hosts that lag
    /// behind are waited for while ingestion goes on.
    static void shortly(Session s, Direction direction) {
        rounds(s, direction, false);
        if (s.control().postponed()) throw new Trouble.PutOff("Nothing was paused: the swap was postponed meanwhile.");
        var peers = new Peers(s);
        peers.awaitFetched(direction.from().name());
        peers.awaitSame(direction.from().name());
        peers.awaitSameAndMutated(direction.to().name());
    }

    private static void rounds(Session s, Direction direction, boolean waiting) {
        Backfill.untilSmall(s, new Rounds(s, direction).asking(d -> SameRows.test(s, d)), direction, waiting);
    }

    /// Whether one that was begun before the swap has not been ended: by a runner that died, say.
    public static boolean leftStanding(Session s) {
        return Position.of(s) instanceof Position.Created
                && !HostGates.of(s).standing().isEmpty();
    }

    @Override
    public void undo(Session s) {
        undo(List.of(s));
    }

    @Override
    public void undo(List<Session> shards) {
        try {
            HostGates.of(shards.getFirst()).open();
        } catch (RuntimeException away) {
            // a host that is away has its gate still; the others' merges do not wait for it
            try {
                Shards.all(shards, MergeHoldRelease::release);
            } catch (RuntimeException e) {
                away.addSuppressed(e);
            }
            throw away;
        }
        Shards.all(shards, this::opened);
    }

    private void opened(Session s) {
        var held = StandingPause.last(s);
        long now = HeldTime.now(s.server());
        s.progress().resumed();
        s.control().ingestionHeld(false);
        // where the guard has opened it and said so, it was not held until now
        long opened = held.isEmpty()
                ? now
                : s.journal().fresh("event = 'RESUMED'").stream()
                        .filter(e -> e.detail() instanceof Detail.Resumed r
                                && r.hold().equals(held.get().hold()))
                        .mapToLong(e -> Micros.of(e.at()))
                        .findFirst()
                        .orElse(now);
        if (held.isPresent()) s.journal().append(name(), resumed(held.get(), opened));
        MergeHoldRelease.release(s);
    }

    static Detail.Resumed resumed(StandingPause.Last last, long resumedUs) {
        var time = HeldTime.of(Micros.of(last.asked()), Micros.of(last.since()), resumedUs);
        return new Detail.Resumed(
                last.hold(),
                "runner",
                Optional.of(Duration.ofMillis(time.heldMs())),
                Optional.of(Duration.ofMillis(time.pauseMs())),
                Optional.of(Micros.instant(resumedUs)),
                Optional.empty());
    }
}
