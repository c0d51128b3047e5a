package rekey.compare;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import rekey.check.Deduplication;
import rekey.clickhouse.ReplicatedEngine;
import rekey.copy.Direction;
import rekey.model.Blocks;
import rekey.model.Part;
import rekey.model.Table;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Session;

/// The partitions in which merges have folded rows that were carried, as they do again behind a swap.
/// Such rows are no longer those that were copied, so what they mean is compared: see [Meaning]. A
/// partition where they were folded with rows that came since can't be compared: nothing tells these
/// apart any more.
///
/// What their meaning says counts for less than a comparison of all rows: it clears no difference.
///
/// @param meant     those that are compared by what they mean
/// @param untold    those that can't be compared
/// @param rows      what of them is compared; empty where there is nothing to be compared by
/// @param meanwhile those that were folded while they were read
record FoldedPartitions(
        Session session,
        Snapshot snapshot,
        Set<String> meant,
        Set<String> untold,
        Optional<RowHashes> rows,
        Set<String> meanwhile) {

    /// @param old the table with the old keys
    static FoldedPartitions of(Session session, Snapshot snapshot, Table old, RowHashes all) {
        var folded = snapshot.folded();
        if (folded.isEmpty())
            return new FoldedPartitions(
                    session, snapshot, folded, folded, Optional.empty(), new ConcurrentSkipListSet<>());
        var rows = keyed(session, snapshot.direction(), old).map(k -> all.meaning(k, Meaning.of(k)));
        var untold = rows.isEmpty() ? folded : new TreeSet<>(mixed(snapshot));
        var meant = new TreeSet<>(folded);
        meant.removeAll(untold);
        return new FoldedPartitions(session, snapshot, meant, untold, rows, new ConcurrentSkipListSet<>());
    }

    /// By whose keys rows mean the same in both: by those which merge more of them. A TTL drops rows of one table
    /// sooner than of the other, and folded rows can't be left out.
    private static Optional<Table> keyed(Session session, Direction direction, Table old) {
        var other = old.uuid().equals(direction.from().uuid()) ? direction.to() : direction.from();
        boolean expires = List.of(old, other).stream()
                .anyMatch(t -> !t.ttl().isEmpty()
                        || t.columns().stream().anyMatch(c -> !c.ttl().isEmpty()));
        if (expires || !engine(old).equals(engine(other))) return Optional.empty();
        if (Deduplication.determines(session, other.keys(), old.keys())) return Optional.of(old);
        return Deduplication.determines(session, old.keys(), other.keys()) ? Optional.of(other) : Optional.empty();
    }

    /// Of a replicated table without its path in Keeper, which is another for each.
    private static String engine(Table table) {
        return ReplicatedEngine.of(table.engineClause())
                .map(e -> e.family() + e.rest())
                .orElse(table.engineClause());
    }

    /// Those with a part in which what was carried is one with other rows.
    private static Set<String> mixed(Snapshot snapshot) {
        var direction = snapshot.direction();
        var carried = Snapshot.Carried.read(snapshot.journal(), direction);
        var none = Map.<String, Blocks>of();
        var out = mixed(direction.from(), snapshot.from().parts(), carried.slices(), none);
        out.addAll(mixed(
                direction.to(),
                snapshot.to().parts(),
                carried.own(),
                direction.intoLive() ? nobodys(snapshot.journal(), direction) : none));
        return out;
    }

    /// A number that is in none of what was carried, of any partition, may be that of other rows. A replicated table
    /// numbers the blocks of each partition by itself.
    private static Set<String> mixed(
            Table table, List<Part> parts, Map<String, Blocks> carried, Map<String, Blocks> nobodys) {
        var everywhere = Stream.concat(carried.values().stream(), nobodys.values().stream())
                .reduce(Blocks.of(0, 0), Blocks::plus);
        return parts.stream()
                .filter(p -> {
                    var its = carried.getOrDefault(p.partition(), Blocks.NONE);
                    var known = table.replicated()
                            ? its.plus(Blocks.of(0, 0)).plus(nobodys.getOrDefault(p.partition(), Blocks.NONE))
                            : everywhere;
                    return !p.blocks().intersect(its).isEmpty()
                            && !p.blocks().minus(known).isEmpty();
                })
                .map(Part::partition)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /// Up to these numbers the table that is live now was nobody's: it had no rows but those that were brought.
    private static Map<String, Blocks> nobodys(List<Entry> journal, Direction direction) {
        var most = new TreeMap<String, Blocks>();
        for (var e : journal) {
            if (e.detail() instanceof Detail.Exchanging && !most.isEmpty()) break;
            if (e.detail() instanceof Detail.Attached a
                    && a.between(direction.from().uuid(), direction.to().uuid()))
                a.own().forEach((partition, own) -> most.merge(partition, Blocks.of(0, own.max()), Blocks::plus));
        }
        return most;
    }

    /// Whether a unit is compared by what its rows mean.
    boolean means(String unit) {
        return RowHashes.byPartition(unit) ? meant.contains(unit) : !meant.isEmpty();
    }

    /// Whether something can still be said of one.
    boolean tells(String unit) {
        boolean same = snapshot.direction().samePartitions();
        return RowHashes.byPartition(unit) == same && (same ? !untold.contains(unit) : untold.isEmpty());
    }

    /// By what the keys of a unit mean: both sides as a whole first, and bucket by bucket only where these differ.
    ///
    /// @param deleted the conditions of DELETEs that were made on one table and not yet on the other
    ComparedPartition compare(
            String unit, ComparedTable from, ComparedTable to, List<String> deleted, Map<String, String> settings) {
        var by = rows.orElseThrow().without(deleted);
        var search = new DifferenceSearch(session, by, settings);
        var one = search.sum(from, unit, "");
        var two = search.sum(to, unit, "");
        session.progress().done(one.rows(), 0);
        if (one.equals(two))
            return new ComparedPartition(
                    unit, ComparedPartition.Verdict.SAME, ComparedPartition.Proof.MEANING, one, two, "", List.of());
        var found = search.in(
                unit,
                Math.max(one.rows(), two.rows()),
                !snapshot.direction().from().foldsByOrder());
        return new ComparedPartition(
                unit,
                found.equal() ? ComparedPartition.Verdict.SAME : ComparedPartition.Verdict.DIFFERS,
                ComparedPartition.Proof.MEANING,
                found.from(),
                found.to(),
                "",
                found.keys());
    }

    boolean none() {
        return meant.isEmpty() && untold.isEmpty() && meanwhile.isEmpty();
    }

    /// Whether merges folded rows of a unit since the comparison was fixed; then what was read says nothing of it.
    boolean meanwhile(String unit) {
        if (!snapshot.direction().folds() || stand(unit, snapshot.from()) && stand(unit, snapshot.to())) return false;
        meanwhile.add(unit);
        return true;
    }

    private boolean stand(String unit, ComparedTable side) {
        return shapes(unit, session.catalog().parts(side.table().name())).containsAll(shapes(unit, side.parts()));
    }

    /// Parts by what a mutation leaves as it was and a merge does not.
    private static Set<String> shapes(String unit, Collection<Part> parts) {
        return parts.stream()
                .filter(p -> !RowHashes.byPartition(unit) || p.partition().equals(unit))
                .map(p -> p.partition() + " " + p.blocks() + " " + p.level())
                .collect(Collectors.toSet());
    }

    /// What of it is not known as where all rows are compared; empty where it is.
    Optional<String> note() {
        if (none()) return Optional.empty();
        boolean samePartitions = snapshot.direction().samePartitions();
        var left = new TreeSet<>(untold);
        left.addAll(meanwhile);
        var out = new java.util.ArrayList<String>();
        if (!left.isEmpty())
            out.add(what(left, samePartitions)
                    + " can't be compared any more: merges have folded what was carried with rows that came since."
                    + " Before the swap it was compared row by row");
        if (!meant.isEmpty() && (samePartitions || left.isEmpty())) {
            var meaning = rows.orElseThrow().meaning().orElseThrow();
            var columns = meaning.untold();
            out.add(what(meant, samePartitions)
                    + " was compared by what its keys mean, for merges have folded its rows"
                    + (columns.isEmpty()
                            ? ""
                            : ". Of the columns " + String.join(", ", columns)
                                    + " the engine keeps any value, or one that depends on the order of merges: they"
                                    + " were not compared")
                    + (meaning.paired().equals("1")
                            ? ""
                            : ". Keys whose signs do not pair say nothing yet, and were left out"));
        }
        return Optional.of(String.join("; ", out));
    }

    private static String what(Set<String> partitions, boolean samePartitions) {
        return samePartitions
                ? (partitions.size() == 1 ? "partition " : "partitions ") + String.join(", ", partitions)
                : "the whole table";
    }
}
