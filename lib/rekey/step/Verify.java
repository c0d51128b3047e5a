package rekey.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.compare.ComparedPartition;
import rekey.compare.ComparedShare;
import rekey.compare.Comparison;
import rekey.compare.ComparisonResult;
import rekey.compare.ComparisonVerdict;
import rekey.compare.JournaledComparison;
import rekey.copy.Direction;
import rekey.copy.ForeignBlockNumbers;
import rekey.copy.MergeHold;
import rekey.copy.Rounds;
import rekey.copy.Way;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Session;

/// The whole comparison, online: source and target before the swap, backup and live table after it. A
/// difference blocks the swap. It is written into the journal, and no later run passes it until a person
/// has acted: see [ComparisonVerdict].
///
/// As a step of a run it holds the merges of a ReplacingMergeTree while a partition is compared that differed at
/// first, for its merges drop rows while they are counted. By [#look] it only reads, needs no lock, and may be made
/// beside a runner in another process; a difference is then looked at anew until the same keys differ twice.
///
/// Half done may be:
/// - partitions that the journal has as compared: those whose parts are still the same are passed over;
/// - a round, which it makes first: as in [Backfill];
/// - merges of both tables held while a partition is looked at again: their own settings tell, and whoever runs
///   `migrate`, `backfill`, `resume` or `rollback` next gives them back.
public record Verify() implements Step {
    /// So often a partition is looked at anew whose rows change while they are counted.
    private static final int LOOKS = 6;

    @Override
    public String name() {
        return "verify";
    }

    @Override
    public State state(Session s) {
        var position = Position.of(s);
        if (!(position instanceof Position.Created c))
            return State.of(
                    !(position instanceof Position.NotBegun),
                    position instanceof Position.NotBegun ? "there is no target" : "after the swap it is made by hand");
        var missing = missing(s, c);
        return State.of(missing.isEmpty(), missing.orElse("compared, no difference"));
    }

    /// Why the two tables don't count as compared; empty where they do.
    static Optional<String> missing(Session s, Position.Created c) {
        return ComparisonVerdict.poison(s.journal().entries())
                .map(p -> "a difference was found at " + p.at())
                .or(() -> ComparisonVerdict.missing(s, c.target(), c.targetUuid(), ComparisonVerdict.BEFORE_THE_PAUSE));
    }

    @Override
    public void run(Session s) {
        var position = Position.of(s);
        // a DELETE since the last round is made on the target first, else it would be found as a difference
        if (position instanceof Position.Created c) {
            // a row that is carried into the target no longer counts as newer: what was stranded there comes back
            // first
            if (SwapBack.untrailed(s)) MergeHoldRelease.trail(s, c.target());
            MergeHoldRelease.guard(s); // of a run that goes on behind the backfill
            new Rounds(s, Way.FORWARD, c.target())
                    .asking(d -> SameRows.test(s, d))
                    .once(Backfill.nextRound(s), false);
        }
        var direction =
                switch (position) {
                    case Position.Created c -> settled(s, c);
                    case Position.Swapped b -> Direction.of(s, Way.BEHIND_SWAP, b.backup());
                    default -> throw nothing(s);
                };
        if (position instanceof Position.Created)
            new ForeignBlockNumbers(s, direction.from().name()).refuse();
        var verification = new JournaledComparison(s, direction, ComparedShare.ALL, false);
        var all = new Looked(verification.all(d -> true), List.of());
        if (all.differs() && direction.collapses()) all = withMergesHeld(s, direction, all.partitions());
        refuse(verification.end(all.partitions(), all.doubts()));
    }

    /// @throws Trouble.Refused where something differs
    public static void refuse(ComparisonResult told) {
        var differing = told.differing();
        if (!differing.isEmpty())
            throw new Trouble.Refused(differing.size() + " of "
                    + told.partitions().size() + " partitions of " + told.to() + " differ from " + told.from() + ": "
                    + differing.stream()
                            .limit(3)
                            .map(ComparedPartition::toString)
                            .collect(Collectors.joining("; "))
                    + ". Nothing is swapped while this stands. Look at the keys named; then copy anew with"
                    + " 'backfill --again', or put the rows right and run 'verify', or go back with 'rollback'.");
    }

    private static Trouble nothing(Session s) {
        if (Position.byHand(s) instanceof Optional<String> told && told.isPresent())
            return new Trouble.Refused(told.get());
        return new Trouble.Refused("There are not two tables to compare: migration "
                + s.rewrite().migration() + " has made none, or is finalized.");
    }

    /// Compares the two tables as they are now, by reading alone, whoever runs the migration meanwhile.
    ///
    /// @param afresh partitions that were compared before and still have the same parts, too
    /// @throws Trouble.Refused where there are not two tables, or they are being exchanged
    public static ComparisonResult look(Session session, ComparedShare sample, boolean afresh) {
        var s = session.looking();
        for (int tries = 1; ; tries++) {
            try {
                var direction = twoTables(s);
                if (direction != null) {
                    var verification = new JournaledComparison(s, direction, sample, afresh);
                    var all = Looked.at(verification.all(still(s)), c -> confirmed(s, direction, c, sample));
                    var told = verification.end(all.partitions(), all.doubts());
                    uncarried(s, told);
                    return told;
                }
            } catch (JournaledComparison.Moved e) {
                s.progress().note(e.getMessage() + ": they are compared anew");
            } catch (ServerError e) {
                if (e.code() != ServerError.UNKNOWN_TABLE) throw e;
            }
            if (tries == 10)
                throw new Trouble.Refused(
                        "The tables of migration " + s.rewrite().migration()
                                + " are being exchanged or dropped by another process: run verify again when that has"
                                + " ended.");
            s.control().sleep(500);
        }
    }

    /// What was carried may be the same, and rows may have come into the backup since: by its name, or of a stream
    /// that nobody saw.
    ///
    /// @throws Trouble.Refused where there are any
    private static void uncarried(Session s, ComparisonResult told) {
        if (!told.differing().isEmpty()) return;
        Trailing.uncarried(s).ifPresent(rows -> {
            throw new Trouble.Refused("What was carried is the same, but " + rows + ": somebody writes to the old table"
                    + " by its name, or a stream feeds it. Find out who; migrate carries them.");
        });
    }

    /// Those that it compares as they stand now; null while they are exchanged.
    public static Direction twoTables(Session s) {
        return switch (Position.of(s)) {
            case Position.Created c -> Direction.of(s, Way.FORWARD, c.target());
            case Position.Swapped b -> Direction.of(s, Way.BEHIND_SWAP, b.backup());
            case Position.Exchanged e -> null;
            default -> throw nothing(s);
        };
    }

    private static Predicate<Direction> still(Session s) {
        return d -> s.catalog()
                        .uuid(d.from().name())
                        .equals(java.util.Optional.of(d.from().uuid()))
                && s.catalog().uuid(d.to().name()).equals(java.util.Optional.of(d.to().uuid()));
    }

    /// A difference by reading alone: rows of a collapsing table may vanish in a merge while they are counted, for a
    /// newer one that came meanwhile; at the next look that is known as not carried, and its key is left out. So a
    /// difference is one when the same key differs twice running and no newer row of it has come; no key at all is
    /// one that says nothing yet.
    ///
    /// @return empty where merges have folded its rows since, so that nothing can be said of it
    private static Optional<ComparedPartition> confirmed(
            Session s, Direction direction, ComparedPartition first, ComparedShare sample) {
        var before = first;
        for (int looks = 1; looks < LOOKS; looks++) {
            var again = new Comparison(s, direction, sample);
            if (direction.folds() && !again.tells(first.partition())) return Optional.empty();
            var now = again.compare(first.partition());
            if (!still(s).test(direction)) throw new JournaledComparison.Moved();
            if (!now.differs()) return Optional.of(now);
            if (again.foldedMeanwhile(first.partition())) continue;
            if (!direction.intoLive())
                again.ahead().ifPresent(what -> {
                    throw new Trouble.Refused("Partition " + first.partition() + " differs, and that says nothing yet: "
                            + what + ", and the next round does the same to "
                            + direction.to().name() + ". Run backfill, or wait for the runner that goes; then verify.");
                });
            var keys = before.keys().stream().map(k -> k.key()).toList();
            if (!direction.collapses() || now.keys().stream().anyMatch(k -> keys.contains(k.key())))
                return Optional.of(now);
            before = now;
        }
        throw new Trouble.Refused("Rows of partition " + first.partition() + " of "
                + direction.from().name()
                + " are replaced faster than they can be counted, so nothing can be said of it by reading"
                + " alone: run verify at a quieter time; migrate compares it with merges held.");
    }

    /// The target must hold nothing but what rekey brought: what a dead runner left open is settled first.
    private static Direction settled(Session s, Position.Created created) {
        if (SwapBack.untrailed(s)) MergeHoldRelease.trail(s, created.target());
        var direction = Direction.of(s, Way.FORWARD, created.target());
        Staging.clean(s, direction);
        return direction;
    }

    /// Those that differed once more, with merges held on both sides, so that no row vanishes between two counts.
    static Looked withMergesHeld(Session s, Direction direction, List<ComparedPartition> first) {
        var hold = new MergeHold(s);
        hold.hold(direction.from().name());
        hold.hold(direction.to().name());
        try {
            awaitMerges(s, direction.from());
            awaitMerges(s, direction.to());
            if (Position.of(s) instanceof Position.Created) new Rounds(s, direction).once(Backfill.nextRound(s), false);
            hold.hold(direction.to().name());
            return again(s, direction, first);
        } finally {
            hold.release(direction.to().name());
            hold.release(direction.from().name());
        }
    }

    /// Those that differed once more, as they are now.
    static Looked again(Session s, Direction direction, List<ComparedPartition> first) {
        var again = new Comparison(s, direction, ComparedShare.ALL);
        return Looked.at(
                first, c -> again.tells(c.partition()) ? Optional.of(again.compare(c.partition())) : Optional.empty());
    }

    /// What a second look at those that differed said.
    ///
    /// A partition of a folding table differed row by row; by the time of the second look merges had folded its
    /// rows, and nothing could be said of it, or only what its keys mean. It fell out of the list, and a whole
    /// comparison without a difference was journaled, which cleared an earlier one: `finalize` would have dropped
    /// the backup.
    ///
    /// @param doubts of each that differed first and is told less exactly now, or not at all
    public record Looked(List<ComparedPartition> partitions, List<String> doubts) {
        public static Looked at(
                List<ComparedPartition> first, Function<ComparedPartition, Optional<ComparedPartition>> second) {
            var all = new ArrayList<ComparedPartition>();
            var doubts = new ArrayList<String>();
            for (var c : first) {
                var now = c.differs() ? second.apply(c) : Optional.of(c);
                now.ifPresent(all::add);
                boolean less = now.isEmpty()
                        || c.differs()
                                && !now.get().differs()
                                && now.get().by() == ComparedPartition.Proof.MEANING
                                && c.by() != ComparedPartition.Proof.MEANING;
                if (less)
                    doubts.add("partition " + c.partition() + " differed at the first look, and merges have folded its"
                            + " rows since"
                            + (now.isEmpty() ? ": nothing can be said of it" : ": what its keys mean is the same"));
            }
            return new Looked(List.copyOf(all), List.copyOf(doubts));
        }

        boolean differs() {
            return partitions.stream().anyMatch(ComparedPartition::differs);
        }
    }

    private static void awaitMerges(Session s, Table table) {
        TableName t = table.name();
        while (s.server()
                        .one("SELECT count() AS n FROM system.merges WHERE database = " + Sql.text(t.database())
                                + " AND table = " + Sql.text(t.table()))
                        .number("n")
                > 0) s.control().sleep(50);
    }

    @Override
    public void undo(Session s) {}
}
