package rekey.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import rekey.clickhouse.Ddl;
import rekey.copy.BlockNumbers;
import rekey.copy.Direction;
import rekey.copy.Marks;
import rekey.copy.Outline;
import rekey.copy.Rounds;
import rekey.model.Table;
import rekey.model.TableName;
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
    private static final String ROUNDS = "round after round, until one takes little time";

    @Override public String name() { return "backfill"; }

    @Override public Description describe(Session s) {
        var sql = new ArrayList<>(List.of(Outline.settings(), BlockNumbers.enable(s.source())));
        sql.addAll(new Outline(s, forward(s), false).further(ROUNDS, false));
        return new Description("Copy " + s.rewrite().source() + " chunk by chunk, each checked before it is attached, then in rounds what came since.", sql, undoing(s, Position.filled(s)));
    }

    /// From the source to the target, which need not be there yet.
    static Direction forward(Session s) {
        var source = Position.old(s).named(s.rewrite().source());
        return new Direction(source, switch (Position.of(s)) {
            case Position.NotBegun n -> anew(s, source);
            case Position.Created c -> s.catalog().table(c.target());
            default -> s.source();
        }).named(s.rewrite().source(), s.rewrite().target());
    }

    private static Table anew(Session s, Table source) {
        return Ddl.filled(source, s.rewrite().target(), s.keys(source), s.rewrite().engine());
    }

    /// For each chunk that has not been carried; of very many the first.
    @Override public Description left(Session s) {
        if (!(Position.of(s) instanceof Position.Created) && !(Position.of(s) instanceof Position.NotBegun)) return Step.super.left(s);
        return rest(s, forward(s), false);
    }

    /// The same behind what settles an open attach and gives merges back.
    public Description released(Session s) {
        return rest(s, forward(s), true);
    }

    /// The same when it has been undone.
    public Description afresh(Session s) {
        return rest(s, new Direction(s.source(), anew(s, s.source())), false);
    }

    private Description rest(Session s, Direction forward, boolean released) {
        var outline = new Outline(s, forward, false);
        var sql = new ArrayList<>(List.of(Outline.settings()));
        if (unmarked(s, outline.direction())) sql.addAll(BlockNumbers.enabling(s.source()));
        if (!released) sql.addAll(outline.open());
        if (!released) sql.addAll(Held.releasing(s));
        sql.addAll(outline.now(nextRound(s), false));
        sql.addAll(outline.further(ROUNDS, false));
        return new Description(describe(s).says(), sql, undoing(s, Position.filled(s)));
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
        if (unmarked(s, direction)) new BlockNumbers(s).enable();
        Staging.clean(s, direction);
        Pause.releaseMerges(s);
        var rounds = new Rounds(s, direction.from().name(), direction.to().name()).asking(d -> Equal.test(s, d));
        var done = rounds.untilSmall(nextRound(s));
        s.journal().append(name(), Entry.Event.DONE, Map.of("target", direction.to().uuid(), "rounds", "" + done.size(),
                "rows", "" + done.stream().mapToLong(Rounds.Round::rows).sum()));
    }

    private static boolean unmarked(Session s, Direction direction) {
        return Marks.read(s.journal().entries(), direction.from().uuid(), direction.to().uuid()).carried().isEmpty();
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
        s.execute("undo-backfill", dropping(created.target()));
        Staging.dropAll(s);
        s.journal().append(name(), Entry.Event.UNDONE, Map.of());
        new Create().run(s);
    }

    private static String dropping(TableName target) {
        return "DROP TABLE " + target.sql() + " SYNC SETTINGS max_table_size_to_drop = 0";
    }

    @Override public List<String> undoing(Session s, Position at) {
        if (!(at instanceof Position.Created)) return List.of();
        boolean now = at.equals(Position.of(s));
        var out = new ArrayList<>(now ? Back.statements(s, at) : List.of());
        out.addAll(Trailing.rescuing(s));
        out.add("-- what was copied goes");
        out.add(dropping(s.rewrite().target()));
        out.addAll(Create.statements(s, now ? s.source() : Held.released(s, Position.old(s))));
        return out;
    }
}
