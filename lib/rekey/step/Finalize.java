package rekey.step;

import java.util.List;
import rekey.clickhouse.Ddl;
import rekey.compare.ComparisonVerdict;
import rekey.copy.Peers;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Original;
import rekey.session.Session;

/// By hand only: drops the backup. From then on there is no way back.
///
/// Half done may be: the backup dropped and the line about it, or a setting given back, missing. A restart tells by
/// the old table's UUID, which is on no table any more, and does what is left. Before the drop it looks once more
/// whether the backup has rows that were carried by nobody.
public record Finalize() implements Step {
    @Override
    public String name() {
        return "finalize";
    }

    /// Gives the live table its own settings.
    public static List<String> restoring(Session s, Original original) {
        return original.settled(s.rewrite().source());
    }

    @Override
    public State state(Session s) {
        return switch (Position.of(s)) {
            case Position.Finalized f -> State.of(true, "there is no backup");
            case Position.Swapped b -> State.of(false, b.backup() + " is kept");
            default -> State.of(false, "not swapped yet");
        };
    }

    @Override
    public void run(Session s) {
        run(List.of(s));
    }

    /// No backup is dropped before that of every shard may go.
    @Override
    public void run(List<Session> shards) {
        Shards.all(shards, Finalize::mayGo);
        Shards.all(shards, this::let);
    }

    /// @throws Trouble.Refused where its backup is still wanted
    private static void mayGo(Session s) {
        var position = Position.of(s);
        if (position instanceof Position.Swapped swapped) {
            if (Position.trailed(s.journal().entries())) nothingLeft(s, swapped.backup());
            if (new Resume().state(s).phase() != Step.Phase.DONE)
                throw new Trouble.Refused("Ingestion has not been resumed wholly: run resume first, then finalize.");
            ComparisonVerdict.poison(s).ifPresent(p -> {
                throw new Trouble.Refused("A comparison found a difference between " + swapped.backup() + " and "
                        + s.rewrite().source() + " at " + p.at() + ": "
                        + p.difference()
                        + ". The backup is the only other copy, so it is kept. Look at the keys named; then run"
                        + " 'verify', which must find nothing, or go back with 'rollback'. If the live table was"
                        + " changed on purpose, run " + Ddl.dropping(swapped.backup())
                        + " by hand, and then finalize.");
            });
            nothingLeft(s, swapped.backup());
            DetachedRows.refuse(s, swapped.backup());
        } else if (!(position instanceof Position.Finalized)) {
            throw new Trouble.Refused("There is nothing to finalize: "
                    + s.rewrite().source() + " has not been swapped. Run migrate first.");
        }
    }

    private void let(Session s) {
        if (Position.of(s) instanceof Position.Swapped b) s.everywhere("finalize", Ddl.dropping(b.backup()));
        Original.find(s.journal().entries())
                .ifPresent(o -> restoring(s, o).forEach(sql -> s.everywhere("finalize", sql)));
        if (s.journal().last(Entry.Event.FINALIZED).isEmpty())
            s.journal().append(name(), new Detail.Bare(Entry.Event.FINALIZED));
    }

    /// @throws Trouble.Refused when rows came into the backup that are nowhere else
    private static void nothingLeft(Session s, TableName backup) {
        new Peers(s).awaitFetched(backup); // a row that another host has acknowledged, and this one not fetched
        Trailing.left(s, backup).ifPresent(left -> {
            throw new Trouble.Refused(backup + " got " + left.getValue() + " row" + (left.getValue() == 1 ? "" : "s")
                    + " since the swap that " + s.rewrite().source()
                    + " has not got from it: somebody wrote to it by its name, or had it open for long. They would be"
                    + " dropped with it. Look at them with SELECT * FROM "
                    + backup.sql() + " WHERE " + left.getKey()
                    + ". To keep them run resume, which carries them, and then finalize; if they may go, "
                    + Ddl.droppingThere(backup, true) + ", and finalize.");
        });
    }

    @Override
    public void undo(Session s) {
        throw new Trouble.Refused(
                "A finalized migration can't be undone: its backup was dropped. To go back, migrate to the old keys.");
    }
}
