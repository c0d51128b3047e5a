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
/// Half done may be: a staging table; an attach whose outcome nobody noted. A restart tells by the target's parts
/// (see [rekey.copy.Attachment]), settles it, drops the staging tables and goes on from the journaled marks.
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
        new BlockNumbers(s).enable();
        var direction = Direction.of(s, s.rewrite().source(), created.target());
        Staging.clean(s, direction);
        Pause.releaseMerges(s);
        var rounds = new Rounds(s, direction.from().name(), direction.to().name());
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
        // a new table has a new UUID, so no mark of the old one counts for it
        s.execute("undo-backfill", "DROP TABLE " + created.target().sql() + " SYNC SETTINGS max_table_size_to_drop = 0");
        Staging.dropAll(s);
        s.journal().append(name(), Entry.Event.UNDONE, Map.of());
        new Create().run(s);
    }
}
