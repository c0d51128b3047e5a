package rekey.step;

import java.util.ArrayList;
import java.util.List;
import rekey.clickhouse.Ddl;
import rekey.copy.Direction;
import rekey.copy.MergeHold;
import rekey.ingestion.Gate;
import rekey.session.Entry;
import rekey.session.Original;
import rekey.session.Session;

/// Operation 6: ingestion goes on where it left off. Then, with ingestion open: what INSERTs older than the swap left
/// behind is carried, the live table gets the TTLs it was spared, and the lag is watched until it is drained.
///
/// Half done may be any of these; each looks first, so a restart does what is left:
/// - the gates of some Kafka tables are open: their tables tell, and those that stand are dropped;
/// - ingestion is open and the journal has no RESUMED: it is written, held time then reaches to now;
/// - the journal has no DONE behind the swap's INTENT: writers older than the swap are awaited, what they left is carried;
/// - merges of the backup are held, by its own settings: they are given back;
/// - the live table lacks a TTL that the backup has: the definitions tell, and only what is missing is added;
/// - its carried parts have not been told of it: its mutations tell, of which the server forgets none;
/// - all of that is done, and the journal has no DONE of it behind the swap's INTENT: the lag is watched again.
public record Resume() implements Step {
    @Override public String name() { return "resume"; }

    @Override public Description describe(Session s) {
        var backup = s.rewrite().backup();
        var sql = new ArrayList<>(Held.opening(s));
        sql.addAll(MergeHold.releasing(Original.known(s), s.rewrite().source()));
        sql.addAll(Trailing.statements(s, Backfill.forward(s).named(backup, s.rewrite().source()), false));
        sql.add("-- merges of the old table, and the TTLs that the new one was spared while it was filled");
        sql.addAll(MergeHold.releasing(Original.known(s), backup));
        sql.addAll(Ddl.ttl(Position.old(s), s.rewrite().source()));
        sql.addAll(Ddl.due(Position.old(s), s.rewrite().source()));
        return new Description("Read from Kafka again, from where it stopped, into the table under its name.", sql, List.of());
    }

    /// The gates that stand, the merges that are held, what is to be carried, and the TTLs that the live table still lacks. Before the
    /// swap it is the pause that it takes back.
    @Override public Description left(Session s) {
        var sql = new ArrayList<>(new Pause().undoing(s, Position.of(s)));
        if (Position.of(s) instanceof Position.Swapped b) {
            var backup = s.catalog().table(b.backup());
            sql.addAll(Trailing.statements(s, new Direction(backup, s.source()), true));
            var last = new ArrayList<>(MergeHold.held(backup) ? MergeHold.releasing(Original.of(s), b.backup()) : List.of());
            last.addAll(missingTtl(s, b));
            if (!last.isEmpty()) sql.add("-- merges of the old table, and the TTLs that the new one lacks");
            sql.addAll(last);
        }
        return new Description(state(s).phase() == Phase.DONE && sql.isEmpty() ? "Nothing is left to do: " + state(s).saw() + "." : "Read from Kafka again, and bring the swap to its end: " + state(s).saw() + ".", sql, List.of());
    }

    @Override public State state(Session s) {
        if (!new Gate(s.server(), s.rewrite()).standing().isEmpty()) return State.of(false, "the gate stands");
        if (!(Position.of(s) instanceof Position.Swapped b)) return State.of(true, "ingestion is open");
        if (!Position.trailed(s.journal().entries())) return new State(Phase.UNDER_WAY, "INSERTs older than the swap are awaited");
        if (!missingTtl(s, b).isEmpty() || MergeHold.held(s.catalog().table(b.backup()))) return new State(Phase.UNDER_WAY, "the live table still lacks a TTL");
        return ended(s) ? State.of(true, "ingestion is open") : new State(Phase.UNDER_WAY, "what had waited in Kafka has not been looked at");
    }

    /// Whether it has been done to its end since the last swap. From then on the live table's definition is its owner's, also where
    /// a way back was begun and stopped: that swaps nothing forwards.
    static boolean ended(Session s) {
        var since = s.journal().entries(e -> e.is("swap", Entry.Event.INTENT) && e.get("back").isEmpty() || e.is("resume", Entry.Event.DONE));
        return !since.isEmpty() && since.getLast().event() == Entry.Event.DONE;
    }

    /// None where all was given before: what the owner has altered or removed since is not to come back, for it would expire rows
    /// that he wants to keep.
    private static List<String> missingTtl(Session s, Position.Swapped b) {
        if (ended(s)) return List.of();
        var live = s.source();
        var backup = s.catalog().table(b.backup());
        var wanted = new ArrayList<>(Ddl.ttl(backup, live.name()));
        wanted.removeAll(Ddl.ttl(live, live.name()));
        if (!wanted.isEmpty() || s.catalog().mutations(live.name()).stream().noneMatch(m -> m.command().equals("(MATERIALIZE TTL)"))) wanted.addAll(Ddl.due(backup, live.name()));
        return wanted;
    }

    @Override public void run(Session s) {
        s.progress().begin(name(), 0);
        Hold.end(s, () -> {
            ReadOn.look(s);
            if (Position.of(s) instanceof Position.Swapped b) Trailing.beforeNewer(s, b.backup());
        });
        if (!(Position.of(s) instanceof Position.Swapped swapped)) return;
        Trailing.untilQuiet(s, swapped.backup());
        if (MergeHold.held(s.catalog().table(swapped.backup()))) new MergeHold(s).release(swapped.backup());
        Staging.dropAll(s);
        for (var sql : missingTtl(s, swapped)) s.execute("ttl", sql);
        var drained = ReadOn.drain(s);
        ReadOn.mustBeWhole(s, "The new table is live and ingestion goes on.");
        if (!ended(s)) s.journal().append(name(), Entry.Event.DONE, drained);
    }

    /// There is nothing to take back: whoever undoes the swap pauses ingestion itself.
    @Override public void undo(Session s) { }
}
