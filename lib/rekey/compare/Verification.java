package rekey.compare;

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
import rekey.copy.Marks;
import rekey.session.Entry;
import rekey.session.Session;

/// One comparison of two tables, journaled partition by partition, so that one that was cut short goes on where it was,
/// and a later one passes over partitions whose parts are still the same. Of a sample nothing is journaled but its end,
/// which counts for nothing: unless a difference was found, which counts as any.
///
/// @param afresh whether unchanged partitions are compared, too
public record Verification(Session session, Direction direction, Comparison comparison, Sample sample, boolean afresh) {
    private static final int READONLY = 164;

    public Verification(Session session, Direction direction, Sample sample, boolean afresh) {
        this(session, direction, new Comparison(session, direction, sample), sample, afresh);
    }

    /// All partitions.
    ///
    /// @param between is asked after each whether the tables are still those two
    /// @throws Moved when they are not
    public List<Compared> all(Predicate<Direction> between) {
        var before = before();
        // known since it was compared last: no partition of it need be counted to find that out again
        return all(before.keySet().stream().allMatch(RowHashes::byPartition) ? comparison.units() : comparison.buckets(), before, between);
    }

    private List<Compared> all(List<String> units, Map<String, Entry> before, Predicate<Direction> between) {
        var out = new ArrayList<Compared>();
        session.progress().begin("verify", direction.from().rows());
        for (var unit : units) {
            session.control().checkpoint();
            session.progress().note("comparing " + (RowHashes.byPartition(unit) ? "partition " : "all partitions, bucket ") + unit);
            var seal = comparison.seal(unit);
            var known = Optional.ofNullable(before.get(unit)).filter(e -> e.get("seal").equals(seal)).map(Verification::unchanged);
            var found = known.orElseGet(() -> comparison.compare(unit));
            if (!between.test(direction)) throw new Moved();
            if (found.differs() && RowHashes.byPartition(unit) && comparison.misplaced()) return all(comparison.buckets(), before, between);
            if (found.verdict() == Compared.Verdict.SAME && sample.whole()) journal(Entry.Event.COMPARED, Map.of("partition", unit, "seal", seal,
                    "rows", "" + found.from().rows(), "sum", found.from().sum(), "xor", found.from().xor()));
            if (known.isPresent()) session.progress().done(found.from().rows(), 0);
            out.add(found);
        }
        session.progress().note("");
        return out;
    }

    /// Journals what came of it.
    public Verified end(List<Compared> all) {
        var told = Verified.of(direction, sample, all, notes());
        var detail = new TreeMap<>(Map.of("sinceUs", "" + comparison.snapshot().since(), "chunks", "" + comparison.snapshot().chunks(),
                "rows", "" + told.rows(), "partitions", "" + all.size(), "unchanged", "" + told.unchanged()));
        if (sample.whole()) detail.put("there", Marks.encode(Catalog.blocks(comparison.snapshot().to().parts())));
        else detail.put("sample", sample.toString());
        if (!told.differing().isEmpty()) detail.put("difference", told.differing().getFirst().toString());
        var event = !told.differing().isEmpty() ? Entry.Event.POISONED : sample.whole() ? Entry.Event.VERIFIED : Entry.Event.SAMPLED;
        if (journal(event, detail)) return told;
        var notes = new ArrayList<>(told.notes());
        notes.add("user '" + session.server().endpoint().user() + "' may not write the journal: this outcome is known to nobody else, and blocks or clears nothing");
        return Verified.of(direction, sample, all, notes);
    }

    private List<String> notes() {
        var out = new ArrayList<String>();
        if (!sample.whole()) out.add("only " + sample + " was compared: it does not count as the comparison that the swap waits for");
        if (comparison.snapshot().unsettled()) out.add("an attach was under way, or was left so by a runner that died: what it brings was not compared");
        return out;
    }

    /// @return whether this user may
    private boolean journal(Entry.Event event, Map<String, String> more) {
        var detail = new TreeMap<>(more);
        detail.put("from", direction.from().uuid());
        detail.put("to", direction.to().uuid());
        try {
            session.journal().append("verify", event, detail);
            return true;
        } catch (ServerError e) {
            if (e.code() == ServerError.ACCESS_DENIED || e.code() == READONLY) return false;
            throw e;
        }
    }

    /// What comparisons of these two tables said of each partition last.
    private Map<String, Entry> before() {
        var out = new HashMap<String, Entry>();
        if (afresh || !sample.whole()) return out;
        for (var e : session.journal().entries(e -> e.event() == Entry.Event.COMPARED))
            if (e.get("from").equals(direction.from().uuid()) && e.get("to").equals(direction.to().uuid())) out.put(e.get("partition"), e);
        return out;
    }

    private static Compared unchanged(Entry e) {
        var sum = new Checksum(Long.parseLong(e.get("rows")), e.get("sum"), e.get("xor"));
        return new Compared(e.get("partition"), Compared.Verdict.UNCHANGED, sum, sum, e.at().toString(), List.of());
    }

    /// Another process exchanged, renamed or dropped one of the tables meanwhile: what was read belongs to no one pair.
    public static final class Moved extends RuntimeException {
        public Moved() {
            super("the tables were exchanged, renamed or dropped while they were compared", null, false, false);
        }
    }
}
