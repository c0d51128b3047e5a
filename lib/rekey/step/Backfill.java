package rekey.step;

import java.util.List;
import java.util.Map;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Sql;
import rekey.copy.BlockNumbers;
import rekey.copy.Direction;
import rekey.copy.Marks;
import rekey.copy.Rounds;
import rekey.session.Entry;
import rekey.session.Session;

/// Operation 2, online: all that is there, then round after round what came since, until what is left is small.
///
/// Half done may be:
/// - block numbers that are on, and merges from before that have not ended: nothing has been carried, so they are waited for anew;
/// - a staging table with some or all rows of a chunk: it is dropped, and its name is never used again;
/// - an attach whose outcome nobody noted: the running statement is ended, its staging table dropped, and the target's parts
///   tell whether all, some or nothing is there (see [rekey.copy.Attachment]); it is noted, or taken back;
/// - a round of which some chunks were carried: the journaled marks tell, and the next one carries the others;
/// - a DELETE that was made on the source and not on the target, or whose note is missing: it is made again, which changes nothing;
/// - merges of the target held for the moment of an attach, or of the source for a chunk whose rows its merges changed under the
///   copy again and again: they are given back.
///
/// To undo it is to drop the target; killed in it there is none, and the next run makes it anew.
public record Backfill() implements Step {
    /// Of so many chunks the statements are shown.
    private static final int SHOWN = 20;

    @Override public String name() { return "backfill"; }

    @Override public Description describe(Session s) {
        var source = s.source();
        var target = s.rewrite().target();
        var staging = s.rewrite().staging("N");
        var columns = source.columnList();
        var sql = new java.util.ArrayList<>(Ddl.staging(source, staging, s.keys(source)));
        sql.addAll(List.of(
                "INSERT INTO " + staging.sql() + " (" + columns + ") SELECT " + columns + " FROM " + source.name().sql()
                        + " WHERE _partition_id = 'P' AND _block_number BETWEEN A AND B",
                "ALTER TABLE " + target.sql() + " ATTACH PARTITION ID 'Q' FROM " + staging.sql(),
                "DROP TABLE " + staging.sql() + " SYNC"));
        return new Description("Copy " + source.name() + " chunk by chunk, each checked before it is attached, then in rounds what came since.", sql,
                List.of("DROP TABLE " + target.sql() + " SYNC", "(and create it again, empty)"));
    }

    /// For each chunk that has not been carried; of very many the first.
    @Override public Description left(Session s) {
        var source = s.source();
        if (!(Position.of(s) instanceof Position.Created) && !(Position.of(s) instanceof Position.NotBegun)) return Step.super.left(s);
        var target = s.rewrite().target();
        var to = Position.of(s) instanceof Position.Created c ? c.targetUuid() : "";
        var chunks = Marks.read(s.journal().entries(), source.uuid(), to).pending(s.catalog().parts(source.name()), s.limits().chunkRows());
        var sql = new java.util.ArrayList<String>();
        if (!BlockNumbers.enabled(source)) sql.add(BlockNumbers.enable(source));
        int n = 0;
        for (var chunk : chunks.stream().limit(SHOWN).toList()) {
            var staging = s.rewrite().staging("" + ++n);
            sql.addAll(Ddl.staging(source, staging, s.keys(source)));
            sql.add("INSERT INTO " + staging.sql() + " (" + source.columnList() + ") SELECT " + source.columnList() + " FROM " + source.name().sql() + " WHERE " + chunk.condition());
            sql.add("ALTER TABLE " + target.sql() + " ATTACH PARTITION ID " + (source.keys().partitionBy().equals(s.keys(source).partitionBy())
                    ? Sql.text(chunk.slices().keySet().iterator().next()) : "'Q'") + " FROM " + staging.sql());
            sql.add("DROP TABLE " + staging.sql() + " SYNC");
        }
        if (chunks.size() > SHOWN) sql.add("(and the same for " + (chunks.size() - SHOWN) + " more chunks)");
        if (chunks.isEmpty()) sql.add("(all that is there has been carried; a round carries what comes until then)");
        return new Description(describe(s).says(), sql, describe(s).undo());
    }

    @Override public State state(Session s) {
        return switch (Position.of(s)) {
            case Position.NotBegun n -> State.of(false, "there is no target");
            case Position.Created c -> {
                var done = s.journal().last(e -> e.step().equals(name()) && e.event() == Entry.Event.DONE && e.get("target").equals(c.targetUuid()));
                yield done.isPresent() ? State.of(true, "rounds were short at " + done.get().at()) : new State(Phase.UNDER_WAY, "rounds go on");
            }
            default -> State.of(true, s.rewrite().source() + " has the new keys");
        };
    }

    @Override public void run(Session s) {
        if (!(Position.of(s) instanceof Position.Created created)) return;
        s.progress().begin(name(), s.source().rows());
        var direction = Direction.of(s, s.rewrite().source(), created.target());
        // where something was carried they are on, or else were switched off by somebody: the first round says so
        if (Marks.read(s.journal().entries(), direction.from().uuid(), direction.to().uuid()).carried().isEmpty()) new BlockNumbers(s).enable();
        Staging.clean(s, direction);
        Pause.releaseMerges(s);
        var rounds = new Rounds(s, direction.from().name(), direction.to().name()).asking(d -> Equal.test(s, d));
        var done = rounds.untilSmall(nextRound(s));
        s.journal().append(name(), Entry.Event.DONE, Map.of("target", direction.to().uuid(), "rounds", "" + done.size(),
                "rows", "" + done.stream().mapToLong(Rounds.Round::rows).sum()));
    }

    /// Rounds are counted through over restarts.
    static int nextRound(Session s) {
        return 1 + s.journal().entries(e -> e.is(Entry.Event.ROUND)).stream().mapToInt(e -> Integer.parseInt(e.get("round"))).max().orElse(0);
    }

    @Override public void undo(Session s) {
        if (!(Position.of(s) instanceof Position.Created created)) return;
        if (Back.untrailed(s)) new Back().run(s);
        Trailing.rescue(s, created);
        Detached.refuse(s, created.target());
        // a new table has a new UUID, so no mark of the old one counts for it
        s.execute("undo-backfill", "DROP TABLE " + created.target().sql() + " SYNC SETTINGS max_table_size_to_drop = 0");
        Staging.dropAll(s);
        s.journal().append(name(), Entry.Event.UNDONE, Map.of());
        new Create().run(s);
    }
}
