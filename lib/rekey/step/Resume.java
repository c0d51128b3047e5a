package rekey.step;

import java.util.ArrayList;
import java.util.List;
import rekey.clickhouse.Ddl;
import rekey.copy.MergeHold;
import rekey.ingestion.HostGates;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Session;

/// Operation 6: ingestion goes on where it left off. Then, with ingestion open: what INSERTs older than the swap
/// left behind is carried, the live table gets the TTLs it was spared, and the lag is watched until it is drained.
///
/// Half done may be any of these; each looks first, so a restart does what is left:
/// - the gates of some Kafka tables are open: their tables tell, and those that stand are dropped;
/// - ingestion is open and the journal has no RESUMED: it is written, held time then reaches to now;
/// - the journal has no DONE behind the swap's INTENT: writers older than the swap are awaited, what
///   they left is carried;
/// - merges of the backup are held, by its own settings: they are given back;
/// - the live table lacks a TTL that the backup has: the definitions tell, and only what is missing is added;
/// - its carried parts have not been told of it: its mutations tell, of which the server forgets none;
/// - all of that is done, and the journal has no DONE of it behind the swap's INTENT: the lag is watched again.
public record Resume() implements Step {
    @Override
    public String name() {
        return "resume";
    }

    @Override
    public State state(Session s) {
        if (!HostGates.of(s).standing().isEmpty()) return State.of(false, "the gate stands");
        if (!(Position.of(s) instanceof Position.Swapped b)) return State.of(true, "ingestion is open");
        if (!Position.trailed(s.journal().entries()))
            return new State(Phase.UNDER_WAY, "INSERTs older than the swap are awaited");
        var backup = s.catalog().table(b.backup());
        if (backup.folds() && MergeHold.held(s.source()))
            return new State(Phase.UNDER_WAY, "merges of the live table are held");
        if (!missingTtl(s, b).isEmpty() || MergeHold.held(backup) && !backup.folds())
            return new State(Phase.UNDER_WAY, "the live table still lacks a TTL");
        var left = Trailing.left(s, b.backup());
        if (left.isPresent())
            return new State(
                    Phase.UNDER_WAY,
                    Trailing.carriedByNobody(b.backup(), left.get().getValue()));
        return ended(s)
                ? State.of(true, "ingestion is open")
                : new State(Phase.UNDER_WAY, "what had waited in Kafka has not been looked at");
    }

    /// Whether it has been done to its end since the last swap. From then on the live table's definition is its
    /// owner's, also where a way back was begun and stopped: that swaps nothing forwards.
    static boolean ended(Session s) {
        var since = s.journal()
                .entries(e ->
                        e.detail() instanceof Detail.Exchanging x && !x.back() || e.is("resume", Entry.Event.DONE));
        return !since.isEmpty() && since.getLast().event() == Entry.Event.DONE;
    }

    /// The statements that give the live table the TTLs which it lacks. None where all was given before: what the
    /// owner has altered or removed since is not to come back, for it would expire rows that he wants to keep.
    public static List<String> missingTtl(Session s, Position.Swapped b) {
        if (ended(s)) return List.of();
        var live = s.source();
        var backup = s.catalog().table(b.backup());
        var wanted = new ArrayList<>(Ddl.ttl(backup, live.name()));
        wanted.removeAll(Ddl.ttl(live, live.name()));
        if (!wanted.isEmpty()
                || s.catalog().mutations(live.name()).stream()
                        .noneMatch(m -> m.command().equals("(MATERIALIZE TTL)")))
            wanted.addAll(Ddl.due(backup, live.name()));
        return wanted;
    }

    @Override
    public void run(Session s) {
        run(List.of(s));
    }

    @Override
    public void run(List<Session> shards) {
        run(shards, List.of());
    }

    /// @param looked those whose displaced table was looked at right behind their EXCHANGE, a moment ago: what comes
    ///               into it later is carried when ingestion is open
    void run(List<Session> shards, List<Session> looked) {
        shards.forEach(s -> s.progress().begin(name(), 0));
        StandingPause.end(shards, s -> {
            if (looked.stream().noneMatch(l -> l == s) && Position.of(s) instanceof Position.Swapped b)
                Trailing.beforeNewer(s, b.backup());
        });
        var swapped = shards.stream()
                .filter(s -> Position.of(s) instanceof Position.Swapped)
                .toList();
        if (swapped.isEmpty()) return;
        Shards.all(swapped, Resume::trailed);
        var drained = KafkaCatchUp.drain(swapped.getFirst());
        KafkaCatchUp.mustBeWhole(swapped, "The new table is live and ingestion goes on.");
        Shards.all(swapped, s -> {
            if (!ended(s)) s.journal().append(name(), drained);
        });
    }

    /// Ingestion is open: what was stranded is carried, and merges and TTLs are given back.
    static void trailed(Session s) {
        if (!(Position.of(s) instanceof Position.Swapped swapped)) return;
        Trailing.untilQuiet(s, swapped.backup());
        if (s.source().folds() && MergeHold.anywhere(s, s.source()))
            new MergeHold(s).giveBack(s.rewrite().source());
        if (MergeHold.anywhere(s, s.catalog().table(swapped.backup()))) new MergeHold(s).release(swapped.backup());
        Staging.dropAll(s);
        for (var sql : missingTtl(s, swapped)) s.execute("ttl", sql);
    }

    /// There is nothing to take back: whoever undoes the swap pauses ingestion itself.
    @Override
    public void undo(Session s) {}
}
