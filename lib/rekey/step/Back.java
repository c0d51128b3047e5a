package rekey.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Sql;
import rekey.compare.Compared;
import rekey.compare.Sample;
import rekey.compare.Verification;
import rekey.copy.Direction;
import rekey.copy.Foreign;
import rekey.copy.Marks;
import rekey.copy.MergeHold;
import rekey.copy.Outline;
import rekey.copy.Rounds;
import rekey.model.Blocks;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Entry;
import rekey.session.Original;
import rekey.session.Session;

/// The swap undone without loss: the same algorithm in the other direction. Rounds carry what came since the swap from
/// the live table into the backup, ingestion is paused, a last round, EXCHANGE back, ingestion goes on. What rekey
/// itself had attached to the live table counts as carried and does not come back doubled.
///
/// Half done may be:
/// - rounds into the backup: the journal has what was carried back, and an open attach is settled by the backup's parts.
///   The live table is still the new one, so a person may as well go on forwards: nothing has changed for it;
/// - ingestion held, as in [Pause]: it is opened first, by whoever runs next, or by the guard;
/// - the live table under its name for the swap, or the EXCHANGE back without the rename: the old table's UUID tells, and a
///   whole swap is made of it first; then it goes on or back;
/// - the EXCHANGE back without the trailing round: the old table is live again, and the journal's last word of the swap is an
///   INTENT to go back. The target may be the only one that has rows of INSERTs that were running, so whoever would drop it or
///   fill it waits for these and carries them first.
final class Back {
    void run(Session s) {
        switch (Position.of(s)) {
            case Position.Exchanged e -> finish(s, e);
            case Position.Swapped b -> back(s, b);
            case Position.Created c when untrailed(s) -> { }
            default -> { return; }
        }
        Hold.end(s, () -> {
            ReadOn.look(s);
            if (Position.of(s) instanceof Position.Created c) Trailing.beforeNewer(s, c.target());
        });
        trail(s);
        ReadOn.mustBeWhole(s, "The old table is live again and ingestion goes on; run rollback once more, which ends it.");
    }

    /// The statements of [#run] from a position, the present one or the one after the swap.
    static List<String> statements(Session s, Position at) {
        boolean now = at.equals(Position.of(s));
        return switch (at) {
            case Position.Exchanged e -> {
                var out = new ArrayList<>(List.of(Swap.rename(e.displaced(), s.rewrite().backup())));
                out.addAll(back(s, s.source(), Position.old(s).named(s.rewrite().backup()), true));
                yield out;
            }
            case Position.Swapped b when now -> back(s, s.source(), Position.old(s), true);
            case Position.Swapped b -> {
                var swapped = Backfill.forward(s).named(b.backup(), s.rewrite().source());
                yield back(s, swapped.to(), swapped.from(), false);
            }
            case Position.Created c when now && untrailed(s) -> {
                var out = new ArrayList<>(new Pause().undoing(s, at));
                out.addAll(Trailing.statements(s, new Direction(s.catalog().table(c.target()).named(s.rewrite().target()), s.source()), true));
                yield out;
            }
            default -> List.of();
        };
    }

    private static List<String> back(Session s, Table live, Table backup, boolean now) {
        var source = s.rewrite().source();
        var target = s.rewrite().target();
        var direction = new Direction(live, backup);
        var out = new ArrayList<>(now ? new Pause().undoing(s, Position.of(s)) : List.of());
        if (now) out.addAll(Trailing.statements(s, new Direction(backup, live), true));
        out.add("-- what came since the swap goes back into " + backup.name());
        var rounds = new Outline(s, direction, now && MergeHold.held(backup));
        if (now) out.addAll(rounds.now(Backfill.nextRound(s), false));
        out.addAll(rounds.further("round after round, until one takes little time", false));
        if (direction.collapses()) out.addAll(Verify.holding(s, direction, "what was carried differs at first: it is compared once more with merges held, behind a round"));
        out.addAll(Held.holding(direction));
        var last = new Outline(s, direction, true);
        out.addAll(last.further(Pause.SHORT, false));
        out.addAll(Held.closing(s));
        out.addAll(last.further(Remaining.LAST, true));
        out.add("-- the tables are exchanged back");
        out.addAll(Swap.exchanging(backup.name(), Position.swapName(s.rewrite(), Outline.RUNNER), source, target));
        out.add("-- ingestion goes on, and merges");
        out.addAll(Held.opening(s));
        out.addAll(MergeHold.releasing(Original.known(s), source));
        out.addAll(MergeHold.releasing(Original.known(s), target));
        out.addAll(Trailing.statements(s, new Direction(live.named(target), backup.named(source)), false));
        return out;
    }

    /// Whether a runner died between the EXCHANGE back and its trailing round: an INSERT that was running may have left its
    /// rows in the target alone.
    static boolean untrailed(Session s) {
        return s.journal().last(e -> e.step().equals("swap") && (e.event() == Entry.Event.INTENT || e.event() == Entry.Event.DONE))
                .filter(e -> e.event() == Entry.Event.INTENT && e.get("back").equals("1")).isPresent();
    }

    /// EXCHANGE without the rename: forward it was the swap's, backward ours; both become a whole swap first.
    private void finish(Session s, Position.Exchanged e) {
        s.execute("rename", Swap.rename(e.displaced(), s.rewrite().backup()));
        back(s, new Position.Swapped(s.rewrite().backup()));
    }

    private void back(Session s, Position.Swapped swapped) {
        var live = s.rewrite().source();
        var backup = swapped.backup();
        Hold.end(s, () -> Trailing.beforeNewer(s, backup));
        Trailing.untilQuiet(s, backup);
        sameTtl(s, backup);
        s.progress().begin("undo-swap", 0);
        var rounds = new Rounds(s, live, backup);
        Staging.clean(s, Direction.of(s, live, backup));
        var asking = rounds.asking(d -> Equal.test(s, d));
        asking.untilSmall(Backfill.nextRound(s));
        compared(s, Direction.of(s, live, backup), asking);
        new Pause().runFor(s, () -> {
            new MergeHold(s).hold(live);
            new MergeHold(s).hold(backup);
            rounds.untilShort(Backfill.nextRound(s));
        });
        try {
            Remaining.rest(s, rounds);
            Hold.mustStand(s);
            Swap.sameCount(s, live, backup);
            var once = Position.swapName(s);
            s.journal().append("swap", Entry.Event.INTENT, Map.of("back", "1", "as", once.table()));
            s.control().fence();
            Swap.swapped(s, once, s.catalog().uuid(backup).orElse(""), Swap.exchanging(backup, once, live, s.rewrite().target()));
        } catch (Trouble.OutcomeUnknown e) {
            throw e;
        } catch (RuntimeException e) {
            Pause.back(s, e);
            throw e;
        }
    }

    /// By its own TTL the backup may have expired what the live table was to keep since.
    ///
    /// @throws Trouble.Refused where the live table's owner has changed its TTL
    private static void sameTtl(Session s, TableName backup) {
        var live = s.source();
        var old = s.catalog().table(backup);
        if (!Resume.ended(s) || Ddl.ttl(live, live.name()).equals(Ddl.ttl(old, live.name()))) return;
        throw new Trouble.Refused("The TTL of " + live.name() + " was changed since the swap, and that of " + backup + " was not, which may have expired rows that " + live.name() + " keeps. Nothing was carried. Make the same ALTER TABLE on "
                + backup + ", then roll back again: both are compared, and what one lacks is named.");
    }

    /// What else may have happened to the backup: somebody dropped a partition of it to make room, say. The live table's own blocks
    /// count as carried, so nobody would bring back what the backup has lost.
    private static boolean meddled(Session s, Direction back) {
        var then = Marks.read(s.journal().entries(), back.to().uuid(), back.from().uuid()).carried();
        var now = Catalog.blocks(s.catalog().parts(back.to().name()));
        boolean gone = then.entrySet().stream().anyMatch(e -> !e.getValue().minus(now.getOrDefault(e.getKey(), Blocks.NONE)).isEmpty());
        long swapped = s.journal().last(e -> e.is("swap", Entry.Event.INTENT) && e.get("back").isEmpty()).map(e -> e.at().getEpochSecond()).orElse(0L);
        // applied and merged, the patches of lightweight UPDATEs leave no trace: that they were allowed is one
        return gone || "1".equals(back.from().settings().get("enable_block_offset_column")) || !Original.of(s).changes(back.to()).isEmpty() || s.server().one("SELECT count() AS n FROM system.mutations WHERE database = " + Sql.text(back.to().name().database()) + " AND table = "
                + Sql.text(back.to().name().table()) + " AND create_time >= fromUnixTimestamp(" + swapped + ")").number("n") > 0;
    }

    /// Some things are told by rows alone, so there what was carried is compared, either way:
    /// - what became of a backup that is not as the swap left it, and of a live table that lightweight UPDATEs may have changed;
    /// - after a restart a block whose part had been dropped may have given its number to another, which then counts as carried
    ///   (DESIGN: exactness 6d), or as one of those that the swap brought;
    /// - an INSERT that ran through the EXCHANGE was carried into the live table behind a DELETE there, which is made on the backup
    ///   too and takes its rows from it;
    /// - where merges drop rows, or a TTL does, and counting tells nothing: a tombstone that a CLEANUP removed with its row before it
    ///   was carried, or rows that were merged while the live table's block numbers were off and read as carried ones.
    ///
    /// @throws Trouble.Refused where it differs
    private static void compared(Session s, Direction back, Rounds rounds) {
        new Foreign(s, back.from().name()).refuse();
        var forth = new Direction(back.to(), back.from());
        String live = back.from().uuid(), backup = back.to().uuid();
        var carried = s.journal().entries(e -> e.event() == Entry.Event.ATTACHED && (e.between(live, backup) || e.between(backup, live)));
        if (carried.isEmpty()) return;
        boolean restarted = s.server().one("SELECT toUnixTimestamp(now()) - uptime() AS started").number("started") >= carried.getFirst().at().getEpochSecond();
        boolean replayed = !s.journal().entries(e -> e.event() == Entry.Event.REPLAYED && e.between(live, backup)).isEmpty();
        if (!restarted && !replayed && !meddled(s, back) && Swap.countTells(s, back.from(), back.to())) return;
        for (var direction : List.of(forth, back)) {
            var verification = new Verification(s, direction, Sample.ALL, false);
            var all = verification.all(d -> true);
            if (all.stream().anyMatch(Compared::differs)) {
                // a DELETE that came meanwhile is made on the backup first
                rounds.once(Backfill.nextRound(s), false);
                all = direction.collapses() ? Verify.held(s, direction, all) : Verify.again(s, direction, all);
            }
            if (all.stream().noneMatch(Compared::differs)) continue;
            throw new Trouble.Refused("What was carried between " + back.to().name() + " and " + back.from().name() + " differs: "
                    + verification.end(all).differing().stream().limit(3).map(Compared::toString).collect(Collectors.joining("; ")) + ". Nothing was swapped back. Look at the keys named. Where " + back.from().name()
                    + " has the right rows, DELETE them there and INSERT them there anew (views that read from it are told again): then they are carried. Where it lacks some, INSERT them there, and DELETE them from " + back.to().name() + "; DELETE from that alone what is to stay deleted. Then roll back again.");
        }
    }

    private void trail(Session s) {
        if (!(Position.of(s) instanceof Position.Created created)) throw new Trouble.OutcomeUnknown("After the EXCHANGE back " + s.rewrite().source()
                + " is not the old table. Look with: SELECT name, uuid FROM system.tables WHERE database = " + Sql.text(s.rewrite().source().database()) + ".");
        var displaced = created.target();
        Trailing.untilQuiet(s, displaced);
        if (MergeHold.held(s.catalog().table(displaced))) new MergeHold(s).release(displaced);
        Staging.dropAll(s);
        s.journal().append("swap", Entry.Event.UNDONE, Map.of());
    }
}
