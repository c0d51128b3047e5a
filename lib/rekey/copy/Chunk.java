package rekey.copy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import rekey.clickhouse.Sql;
import rekey.model.Blocks;
import rekey.model.Part;

/// What is carried at one go: blocks of one or several of the source's partitions.
///
/// @param slices the blocks, by partition, as the parts have them
/// @param reach  the same with the numbers in between that belong to other partitions: one interval instead of hundreds
/// @param parts  the parts it was planned from
/// @param whole  whether it takes all rows of those parts: then exactly so many must be copied
/// @param rows  how many rows those parts hold
/// @param bytes about how many bytes on disk
public record Chunk(Map<String, Blocks> slices, Map<String, Blocks> reach, Set<String> parts, boolean whole, long rows, long bytes) {

    /// Blocks alone, for a condition.
    public static Chunk of(Map<String, Blocks> blocks) {
        return new Chunk(blocks, blocks, Set.of(), false, 0, 0);
    }

    /// The rows of the chunk, whatever has been merged meanwhile: each row keeps the number of the block it came in.
    public String condition() {
        return reach.entrySet().stream()
                .map(s -> "(_partition_id = " + Sql.text(s.getKey()) + " AND " + s.getValue().condition("_block_number") + ")")
                .collect(Collectors.joining(" OR ", "(", ")"));
    }

    /// The same rows, looked for only in the parts that the chunk was planned from: right as long as these are the active
    /// parts that hold any of it, which is to be looked at before and after.
    public String conditionInParts() {
        return "_part IN " + Sql.list(parts) + " AND " + condition();
    }

    /// The active parts that hold any block of the chunk, by name. While this set stays the same nothing was merged,
    /// mutated or dropped in it.
    public Set<String> partNames(List<Part> active) {
        return active.stream().filter(p -> slices.containsKey(p.partition()) && !slices.get(p.partition()).intersect(p.blocks()).isEmpty())
                .map(Part::name).collect(Collectors.toCollection(java.util.TreeSet::new));
    }

    /// Several small chunks as one.
    public static Chunk join(List<Chunk> chunks) {
        var slices = new TreeMap<String, Blocks>();
        var reach = new TreeMap<String, Blocks>();
        var parts = new java.util.TreeSet<String>();
        for (var c : chunks) {
            c.slices.forEach((p, b) -> slices.merge(p, b, Blocks::plus));
            c.reach.forEach((p, b) -> reach.merge(p, b, Blocks::plus));
            parts.addAll(c.parts);
        }
        return new Chunk(slices, reach, parts, chunks.stream().allMatch(Chunk::whole), chunks.stream().mapToLong(Chunk::rows).sum(), chunks.stream().mapToLong(Chunk::bytes).sum());
    }

    @Override public String toString() {
        return slices.entrySet().stream().map(s -> s.getKey() + " blocks " + s.getValue()).collect(Collectors.joining("; "));
    }
}
