package rekey.copy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import rekey.model.Blocks;
import rekey.model.Part;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Session;

/// Drops what was copied of a partition whose merges could not be held, or were given back, while it was
/// copied. Its rows were folded with others, and no part tells any more which of them were carried. So
/// all that was carried of it is void: it is dropped from the table that is filled, and copied anew.
///
/// That table has nothing of the partition but what was carried, and the table that is read has all of it: a target
/// is nobody's, and a backup was compared with the live table before the swap. Under another partition key nothing
/// less than the whole copy is void.
///
/// Killed in it, parts of the partition are gone and no line says so: what was carried still stands as carried, the
/// same partition is found merged, and it is dropped once more.
public record VoidedCopies(Session session, Direction direction) {
    /// In a DROPPED line: why so.
    private static final String FOLDED = "folded";
    /// Copies begun anew before a migration gives up and says that merges can't be held.
    private static final int TRIES = 5;

    /// Whether a line says that what was carried between two tables, either way, is void.
    public static boolean folded(Detail.Dropped d) {
        return d.why().equals(FOLDED);
    }

    /// Whether a line tells people so.
    public static boolean is(Entry e) {
        return e.step().equals("void") && e.detail() instanceof Detail.Text;
    }

    /// @param merged the partitions
    /// @param parts  the active ones of the table that is read
    /// @param held   whether ingestion stands still
    /// @throws Trouble.PutOff  when there is no time for it now
    /// @throws Trouble.Refused where rows are in a displaced table alone, or it came too often
    void settle(Set<String> merged, Map<String, Blocks> carried, List<Part> parts, boolean held) {
        var from = direction.from().name();
        if (direction.intoLive()) {
            mustTell(merged, carried, parts);
            return;
        }
        var which = (merged.size() == 1 ? "partition " : "partitions ") + String.join(", ", merged) + " of " + from;
        if (held)
            throw new Trouble.PutOff("Parts of " + which + " were merged in this moment though merges are held, so"
                    + " nothing was swapped: what was copied of them is void, and is copied anew first.");
        if (before() >= TRIES)
            throw new Trouble.Refused("Parts of " + which + " were merged though merges are held, and this is the "
                    + (TRIES + 1) + "th time that a copy of this migration became void so. Nothing was swapped. Find"
                    + " out who runs OPTIMIZE on " + from + " or resets its settings (system.query_log, system.part_log"
                    + " with event_type = 'MergeParts'), have it rest, then run again; or roll back.");
        session.journal()
                .append(
                        "void",
                        new Detail.Text("Rows of " + which
                                + " were folded by merges while they were copied: what was copied of"
                                + (direction.samePartitions() ? " them" : " the table")
                                + " is void, and is copied anew."));
        // a DROP PARTITION takes rows, too, that another host has acknowledged and this one not fetched
        new Peers(session).awaitFetched(direction.to().name());
        var own = Marks.read(
                        session.journal().entries(),
                        direction.to().uuid(),
                        direction.from().uuid())
                .carried();
        var there = new TreeSet<String>();
        for (var part : session.catalog().parts(direction.to().name()))
            if (!direction.samePartitions() || merged.contains(part.partition())) {
                mustBeKnown(part, own.getOrDefault(part.partition(), Blocks.NONE));
                there.add(part.partition());
            }
        for (var partition : there)
            session.execute(
                    "drop-partition", VanishedBlocks.dropping(direction.to().name(), partition));
        if (direction.samePartitions()) merged.forEach(p -> journal(only(carried, p), only(own, p)));
        else journal(carried, own);
    }

    /// Somebody may have written to a backup by its name in this moment: its rows are in no other table. Numbers
    /// within a merged part may be those of other partitions.
    private void mustBeKnown(Part part, Blocks own) {
        if (own.contains(part.minBlock()) && own.contains(part.maxBlock())) return;
        throw new Trouble.Refused(
                "Part " + part.name() + " of " + direction.to().name()
                        + " was not brought by rekey, and what was carried of its partition is void and would be"
                        + " dropped with it. Nothing was dropped. Find out who wrote to "
                        + direction.to().name() + ", INSERT its rows into "
                        + direction.from().name() + " where they are missing, drop that part, then run again.");
    }

    /// So often it came in this run: one that is begun again is not shut, neither there nor back.
    private int before() {
        int n = 0;
        for (var e : session.journal().entries()) {
            if (e.detail() instanceof Detail.Locked || e.detail() instanceof Detail.Exchanging) n = 0;
            if (is(e)) n++;
        }
        return n;
    }

    /// Into the live table a displaced one is emptied, whose merges are held: what merges of it did is nothing where
    /// all of the part had been carried.
    private void mustTell(Set<String> merged, Map<String, Blocks> carried, List<Part> parts) {
        for (var part : parts) {
            var known = carried.getOrDefault(part.partition(), Blocks.NONE);
            if (!merged.contains(part.partition())
                    || part.blocks().intersect(known).isEmpty()
                    || part.blocks().minus(known).isEmpty()) continue;
            throw new Trouble.Refused(
                    "Part " + part.name() + " of " + direction.from().name()
                            + " was merged though merges are held, of rows that "
                            + direction.to().name() + " has and of rows that it has not (blocks "
                            + part.blocks().minus(known)
                            + "): which is which can't be told any more. Drop nothing: system.part_log tells of which"
                            + " parts it was merged, and their rows are in none but this one. INSERT into "
                            + direction.to().name() + " what it lacks of them.");
        }
    }

    private static Map<String, Blocks> only(Map<String, Blocks> of, String partition) {
        return of.containsKey(partition) ? Map.of(partition, of.get(partition)) : Map.of();
    }

    private void journal(Map<String, Blocks> slices, Map<String, Blocks> own) {
        session.journal()
                .append(
                        "round",
                        new Detail.Dropped(
                                direction.from().uuid(), direction.to().uuid(), FOLDED, slices, own));
    }
}
