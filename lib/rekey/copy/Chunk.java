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
/// @param rows  about how many rows, for the estimate: what the parts in question hold
/// @param bytes about how many bytes on disk
public record Chunk(Map<String, Blocks> slices, long rows, long bytes) {

    /// The rows of the chunk, whatever has been merged meanwhile: each row keeps the number of the block it came in.
    public String condition() {
        return slices.entrySet().stream()
                .map(s -> "(_partition_id = " + Sql.text(s.getKey()) + " AND " + s.getValue().condition("_block_number") + ")")
                .collect(Collectors.joining(" OR ", "(", ")"));
    }

    /// The active parts that hold any block of the chunk, by name. While this set stays the same nothing was merged,
    /// mutated or dropped in it.
    public Set<String> partNames(List<Part> active) {
        return active.stream().filter(p -> slices.containsKey(p.partition()) && !slices.get(p.partition()).intersect(p.blocks()).isEmpty())
                .map(Part::name).collect(Collectors.toCollection(java.util.TreeSet::new));
    }

    /// Several small chunks as one.
    public static Chunk join(List<Chunk> chunks) {
        var all = new TreeMap<String, Blocks>();
        for (var c : chunks) c.slices.forEach((p, b) -> all.merge(p, b, Blocks::plus));
        return new Chunk(all, chunks.stream().mapToLong(Chunk::rows).sum(), chunks.stream().mapToLong(Chunk::bytes).sum());
    }

    @Override public String toString() {
        return slices.entrySet().stream().map(s -> s.getKey() + " blocks " + s.getValue()).collect(Collectors.joining("; "));
    }
}
