package rekey.step;

import java.util.List;
import java.util.Map;
import rekey.clickhouse.Row;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.session.Entry;
import rekey.session.Session;

/// Operation 7, optional: merge each partition into one part, which removes duplicates. One partition at a time; can be
/// stopped between two. A failure here takes nothing back: the migration has succeeded before it.
///
/// Half done: some partitions are one part, others not. A restart tells by the parts, and merges those that are several.
/// An OPTIMIZE without an answer may still run: the next run ends it first, and nothing is lost, for a merge is whole or has not been.
public record Optimize() implements Step {
    @Override public String name() { return "optimize"; }

    @Override public Description describe(Session s) {
        return new Description("Merge each partition of " + s.rewrite().source() + " that has several parts into one.",
                List.of("-- for each partition that has several parts, one after another", sql(s.rewrite().source(), "<partition>")), List.of());
    }

    public static String sql(TableName table, String partition) {
        return "OPTIMIZE TABLE " + table.sql() + " PARTITION ID " + Sql.text(partition) + " FINAL";
    }

    /// After the swap, for each partition that has several parts.
    @Override public Description left(Session s) {
        if (state(s).saw().equals("not swapped yet")) return describe(s);
        return new Description(describe(s).says(), several(s).stream().map(r -> sql(s.rewrite().source(), r.string("p"))).toList(), List.of());
    }

    private static List<Row> several(Session s) {
        return s.server().query("""
                SELECT partition_id AS p, sum(rows) AS n FROM system.parts WHERE active AND database = %s AND table = %s
                GROUP BY p HAVING count() > 1 ORDER BY p""".formatted(Sql.text(s.rewrite().source().database()), Sql.text(s.rewrite().source().table())));
    }

    @Override public State state(Session s) {
        if (!(Position.of(s) instanceof Position.Swapped) && !(Position.of(s) instanceof Position.Finalized)) return State.of(false, "not swapped yet");
        // of this attempt: what an attempt before a rollback merged was another table
        var last = s.journal().last(e -> e.step().equals(name()) && e.event() == Entry.Event.DONE || e.event() == Entry.Event.ROLLED_BACK);
        return State.of(last.isPresent() && last.get().event() == Entry.Event.DONE, "by the journal");
    }

    @Override public void run(Session s) {
        if (state(s).saw().equals("not swapped yet")) return;
        var all = several(s);
        s.progress().begin(name(), all.stream().mapToLong(r -> r.number("n")).sum());
        for (var r : all) {
            s.control().checkpoint();
            s.execute("optimize", sql(s.rewrite().source(), r.string("p")));
            s.progress().done(r.number("n"), 0);
        }
        s.journal().append(name(), Entry.Event.DONE, Map.of("partitions", "" + all.size()));
    }

    /// Merged parts stay merged.
    @Override public void undo(Session s) { }
}
