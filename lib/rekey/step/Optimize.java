package rekey.step;

import java.time.Duration;
import java.util.List;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Session;

/// Operation 7, optional: merge each partition into one part, which removes duplicates. One partition at a time; can
/// be stopped between two. A failure here takes nothing back: the migration has succeeded before it.
///
/// Half done: some partitions are one part, others not. A restart tells by the parts, and merges those that are
/// several. An OPTIMIZE without an answer may still run: the next run ends it first, and nothing is lost, for a
/// merge is whole or has not been.
public record Optimize() implements Step {
    @Override
    public String name() {
        return "optimize";
    }

    public static String sql(TableName table, String partition) {
        return "OPTIMIZE TABLE " + table.sql() + " PARTITION ID " + Sql.text(partition) + " FINAL";
    }

    /// A partition of several parts.
    public record Partition(String id, long rows) {}

    /// Those that are not one part yet.
    public static List<Partition> several(Session s) {
        var table = s.rewrite().source();
        return s.server().query("""
            SELECT partition_id AS p, sum(rows) AS n FROM system.parts
            WHERE active AND database = %s AND table = %s GROUP BY p HAVING count() > 1 ORDER BY p\
            """.formatted(Sql.text(table.database()), Sql.text(table.table()))).stream()
                .map(r -> new Partition(r.string("p"), r.number("n")))
                .toList();
    }

    /// Whether the live table is the new one: the old one is not merged for nothing.
    public static boolean swapped(Session s) {
        var position = Position.of(s);
        return position instanceof Position.Swapped || position instanceof Position.Finalized;
    }

    @Override
    public State state(Session s) {
        if (!swapped(s)) return State.of(false, "not swapped yet");
        // of this attempt: what an attempt before a rollback merged was another table
        var last = s.journal()
                .last(e -> e.step().equals(name()) && e.event() == Entry.Event.DONE
                        || e.event() == Entry.Event.ROLLED_BACK);
        return State.of(last.isPresent() && last.get().event() == Entry.Event.DONE, "by the journal");
    }

    @Override
    public void run(Session s) {
        if (!swapped(s)) return;
        var all = several(s);
        s.progress().begin(name(), all.stream().mapToLong(Partition::rows).sum());
        for (var partition : all) {
            s.control().checkpoint();
            long begun = System.nanoTime();
            s.execute("optimize", sql(s.rewrite().source(), partition.id()));
            s.control().rest(Duration.ofNanos(System.nanoTime() - begun));
            s.progress().done(partition.rows(), 0);
        }
        s.journal().append(name(), new Detail.Optimized(all.size()));
    }

    /// Merged parts stay merged.
    @Override
    public void undo(Session s) {}
}
