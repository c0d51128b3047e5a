package rekey.preview;

import java.util.ArrayList;
import java.util.List;
import rekey.clickhouse.Ddl;
import rekey.copy.Direction;
import rekey.copy.MergeHold;
import rekey.copy.Way;
import rekey.session.IngestionHosts;
import rekey.session.Session;
import rekey.step.Position;
import rekey.step.Resume;
import rekey.step.Step;

/// Operation 6, told.
record ResumePreview(Resume step) implements Preview {
    @Override
    public Description describe(Session s) {
        var backup = s.rewrite().backup();
        var sql = new ArrayList<>(HoldsPreview.opening(s));
        sql.addAll(HoldsPreview.releasing(s, s.source(), s.rewrite().source()));
        sql.addAll(TrailingPreview.statements(
                s,
                Foreseen.named(
                        BackfillPreview.forward(s),
                        Way.BEHIND_SWAP,
                        backup,
                        s.rewrite().source()),
                false));
        sql.add("-- merges of the old table, and the TTLs that the new one was spared while it was filled");
        sql.addAll(HoldsPreview.releasing(s, s.source(), backup));
        sql.addAll(Ddl.ttl(Foreseen.old(s), s.rewrite().source()));
        sql.addAll(Ddl.due(Foreseen.old(s), s.rewrite().source()));
        return new Description(
                IngestionHosts.of(s).none()
                        ? "Carry what came in the moment of the exchange, and give merges back."
                        : "Read from Kafka again, from where it stopped, into the table under its name.",
                sql,
                List.of());
    }

    /// The gates that stand, the merges that are held, what is to be carried, and the TTLs that the live table still
    /// lacks. Before the swap it is the pause that it takes back.
    @Override
    public Description left(Session s) {
        var sql = new ArrayList<>(HoldsPreview.ending(s));
        if (Position.of(s) instanceof Position.Swapped b) {
            var backup = s.catalog().table(b.backup());
            sql.addAll(TrailingPreview.statements(s, new Direction(backup, s.source(), Way.BEHIND_SWAP), true));
            var last =
                    new ArrayList<>(MergeHold.held(backup) ? HoldsPreview.releasing(s, backup, b.backup()) : List.of());
            last.addAll(Resume.missingTtl(s, b));
            if (!last.isEmpty()) sql.add("-- merges of the old table, and the TTLs that the new one lacks");
            sql.addAll(last);
        }
        var state = step.state(s);
        return new Description(
                state.phase() == Step.Phase.DONE && sql.isEmpty()
                        ? "Nothing is left to do: " + state.saw() + "."
                        : "Read from Kafka again, and bring the swap to its end: " + state.saw() + ".",
                sql,
                List.of());
    }
}
