package rekey.compare;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ServerError;
import rekey.copy.Checksum;
import rekey.copy.Direction;
import rekey.session.Detail;
import rekey.session.Encoded;
import rekey.session.LinePart;
import rekey.session.Micros;
import rekey.session.Session;

/// One comparison of two tables, journaled partition by partition. One that was cut short goes on where
/// it was, and a later one passes over partitions whose parts are still the same. Of a sample only the
/// end is journaled. It counts for nothing, unless it found a difference: that counts as any.
///
/// @param afresh whether unchanged partitions are compared, too
public record JournaledComparison(
        Session session, Direction direction, Comparison comparison, ComparedShare sample, boolean afresh) {
    private static final int READONLY = 164, AT_ONCE = 500;

    public JournaledComparison(Session session, Direction direction, ComparedShare sample, boolean afresh) {
        this(session, direction, new Comparison(session, direction, sample, afresh), sample, afresh);
    }

    /// All partitions.
    ///
    /// @param between is asked after each whether the tables are still those two
    /// @throws Moved when they are not
    public List<ComparedPartition> all(Predicate<Direction> between) {
        var before = before();
        // known since it was compared last: no partition of it need be counted to find that out again
        return all(
                comparison.folded().isPresent() || before.keySet().stream().allMatch(RowHashes::byPartition)
                        ? comparison.units()
                        : comparison.buckets(),
                before,
                between);
    }

    private List<ComparedPartition> all(List<String> units, Map<String, Before> before, Predicate<Direction> between) {
        var out = new ArrayList<ComparedPartition>();
        var told = new ArrayList<Detail.Compared>();
        // a line of each partition that nothing was read of took longer than all else: of six as of thousands
        int since = 0;
        session.progress().begin("verify", direction.from().rows());
        for (var unit : units) {
            session.control().checkpoint();
            session.progress()
                    .note("comparing " + (RowHashes.byPartition(unit) ? "partition " : "all partitions, bucket ")
                            + unit);
            long begun = System.nanoTime();
            var seal = comparison.seal(unit);
            var known = Optional.ofNullable(before.get(unit))
                    .filter(b -> b.said.seal().equals(seal))
                    .map(JournaledComparison::unchanged);
            var found = known.orElseGet(() -> comparison.compare(unit));
            boolean untold = found.differs() && comparison.foldedMeanwhile(unit);
            if (found.verdict() == ComparedPartition.Verdict.SAME && sample.whole() && comparison.leftNothingOut())
                told.add(line(unit, seal, found));
            if (known.isPresent()) session.progress().done(found.from().rows(), 0);
            if (!untold) out.add(found);
            boolean read = known.isEmpty() && found.by() != ComparedPartition.Proof.PARTS;
            if (read) session.control().rest(Duration.ofNanos(System.nanoTime() - begun));
            if (read || ++since >= AT_ONCE || unit.equals(units.getLast())) {
                if (!between.test(direction)) throw new Moved();
                journal(List.copyOf(told));
                told.clear();
                since = 0;
            }
            if (!untold && found.differs() && RowHashes.byPartition(unit) && comparison.misplaced())
                return all(comparison.buckets(), before, between);
        }
        session.progress().note("");
        return out;
    }

    private Detail.Compared line(String unit, String seal, ComparedPartition found) {
        return new Detail.Compared(
                direction.from().uuid(),
                direction.to().uuid(),
                unit,
                seal,
                Optional.of(found.by().name()),
                found.from().rows(),
                found.from().sum(),
                found.from().xor());
    }

    /// Journals what came of it.
    public ComparisonResult end(List<ComparedPartition> all) {
        return end(all, List.of());
    }

    /// @param doubts what differed and can't be told any more, or less exactly: then it was no comparison of all
    ///               rows
    public ComparisonResult end(List<ComparedPartition> all, List<String> doubts) {
        var told = ComparisonResult.of(direction, sample, all, notes(doubts));
        boolean whole = sample.whole() && comparison.folded().isEmpty() && doubts.isEmpty();
        var found = new LinePart.Comparison(
                Micros.instant(comparison.snapshot().since()),
                direction.from().uuid(),
                direction.to().uuid(),
                comparison.snapshot().chunks(),
                told.rows(),
                all.size(),
                told.unchanged(),
                whole ? Optional.of(Catalog.blocks(comparison.snapshot().to().parts())) : Optional.empty(),
                whole
                        ? Optional.empty()
                        : Optional.of(comparison
                                .folded()
                                .orElse(doubts.isEmpty() ? sample.toString() : String.join("; ", doubts))),
                Optional.of(proofs(all)),
                comparison.leftOut().isEmpty()
                        ? Optional.empty()
                        : Optional.of(new Encoded.Words(comparison.leftOut().stream()
                                .map(String::valueOf)
                                .toList())));
        Detail line = whole ? new Detail.Verified(found) : new Detail.Sampled(found);
        if (!told.differing().isEmpty())
            line = new Detail.Poisoned(told.differing().getFirst().toString(), Optional.of(found));
        if (journal(line)) return told;
        var notes = new ArrayList<>(told.notes());
        notes.add("user '" + session.server().endpoint().user()
                + "' may not write the journal: this outcome is known to nobody else, and blocks or clears nothing");
        return ComparisonResult.of(direction, sample, all, notes);
    }

    /// By what how many of them are known, as `PARTS 5, SUMS 1`.
    private static String proofs(List<ComparedPartition> all) {
        var counts = new TreeMap<ComparedPartition.Proof, Integer>();
        all.forEach(c -> counts.merge(c.by(), 1, Integer::sum));
        return counts.entrySet().stream()
                .map(e -> e.getKey() + " " + e.getValue())
                .collect(java.util.stream.Collectors.joining(", "));
    }

    private List<String> notes(List<String> doubts) {
        var out = new ArrayList<>(doubts);
        if (!sample.whole())
            out.add("only " + sample + " was compared: it does not count as the comparison that the swap waits for");
        comparison.folded().ifPresent(out::add);
        if (!comparison.leftOut().isEmpty())
            out.add("rows that DELETEs of " + direction.from().name() + " or "
                    + direction.to().name()
                    + " take were left out on both sides, for these are not made on both: "
                    + (direction.intoLive()
                            ? "the displaced table keeps what its owner deletes from the live one"
                            : "the next round does it"));
        if (comparison.snapshot().unsettled())
            out.add("an attach was under way, or was left so by a runner that died: what it brings was not compared");
        return out;
    }

    /// @return whether this user may
    private boolean journal(Detail line) {
        return journal(List.of(line));
    }

    private boolean journal(List<? extends Detail> lines) {
        try {
            if (lines.size() == 1) session.journal().append("verify", lines.getFirst());
            else if (!lines.isEmpty()) session.journal().append("verify", lines);
            return true;
        } catch (ServerError e) {
            if (e.code() == ServerError.ACCESS_DENIED || e.code() == READONLY) return false;
            throw e;
        }
    }

    /// A partition that was found the same.
    private record Before(Instant at, Detail.Compared said) {}

    /// What comparisons of these two tables said of each partition last.
    private Map<String, Before> before() {
        var out = new HashMap<String, Before>();
        if (afresh || !sample.whole() || comparison.snapshot().patched()) return out;
        for (var e : session.journal().entries())
            if (e.detail() instanceof Detail.Compared c
                    && c.between(direction.from().uuid(), direction.to().uuid()))
                out.put(c.partition(), new Before(e.at(), c));
        return out;
    }

    private static ComparedPartition unchanged(Before before) {
        var said = before.said;
        var sum = new Checksum(said.rows(), said.sum(), said.xor());
        return new ComparedPartition(
                said.partition(),
                ComparedPartition.Verdict.UNCHANGED,
                said.by().map(ComparedPartition.Proof::valueOf).orElse(ComparedPartition.Proof.ROWS),
                sum,
                sum,
                before.at.toString(),
                List.of());
    }

    /// Another process exchanged, renamed or dropped one of the tables meanwhile: what was read belongs
    /// to no one pair.
    public static final class Moved extends RuntimeException {
        public Moved() {
            super("the tables were exchanged, renamed or dropped while they were compared", null, false, false);
        }
    }
}
