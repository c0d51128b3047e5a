package rekey.copy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import rekey.clickhouse.Sql;
import rekey.model.Blocks;
import rekey.model.Part;
import rekey.model.Table;

/// What is carried at one go: blocks of one or several of the source's partitions.
///
/// @param slices the blocks, by partition, as the parts have them
/// @param reach  the same with the numbers in between that belong to other partitions: one interval
///               instead of hundreds
/// @param parts  the parts it was planned from
/// @param whole  whether it takes all rows of those parts: then exactly so many must be copied
/// @param rows  how many rows those parts hold
/// @param bytes about how many bytes on disk
public record Chunk(
        Map<String, Blocks> slices,
        Map<String, Blocks> reach,
        Set<String> parts,
        boolean whole,
        long rows,
        long bytes) {

    /// Blocks alone, for a condition.
    public static Chunk of(Map<String, Blocks> blocks) {
        return new Chunk(blocks, blocks, Set.of(), false, 0, 0);
    }

    /// The same without the numbers in between.
    public Chunk exact() {
        return new Chunk(slices, slices, parts, whole, rows, bytes);
    }

    /// More partitions of one interval each are looked up.
    private static final int FEW = 4;

    /// The rows of the chunk, whatever has been merged meanwhile: each row keeps the number of the block it came in.
    ///
    /// A term for each of 200 partitions, each computed for every block that is read, and each partition at least a
    /// block: that was nine tenths of what a copy of 3,000 small partitions took.
    public String condition() {
        var single =
                reach.entrySet().stream().filter(s -> s.getValue().isInterval()).toList();
        boolean many = single.size() > FEW;
        var terms = reach.entrySet().stream()
                .filter(s -> !many || !s.getValue().isInterval())
                .map(s -> "(_partition_id = " + Sql.text(s.getKey()) + " AND "
                        + s.getValue().condition("_block_number") + ")");
        return Stream.concat(many ? Stream.of(lookedUp(single)) : Stream.of(), terms)
                .collect(Collectors.joining(" OR ", "(", ")"));
    }

    /// The same of partitions whose blocks are one interval each: its ends are found by the partition's id, once for
    /// a block of rows.
    private static String lookedUp(List<Map.Entry<String, Blocks>> single) {
        var ids = Sql.list(single.stream().map(Map.Entry::getKey).toList());
        var among = "transform(_partition_id, [" + ids.substring(1, ids.length() - 1) + "], [";
        return "(_partition_id IN " + ids + " AND _block_number BETWEEN "
                + among + ends(single, Blocks::min) + "], 0) AND "
                + among + ends(single, Blocks::max) + "], 0))";
    }

    private static String ends(List<Map.Entry<String, Blocks>> single, ToLongFunction<Blocks> which) {
        return single.stream().map(s -> "" + which.applyAsLong(s.getValue())).collect(Collectors.joining(", "));
    }

    /// The same rows, looked for only in the parts that the chunk was planned from: right as long as these are the
    /// active parts that hold any of it, which is to be looked at before and after.
    public String conditionInParts() {
        return "_part IN " + Sql.list(parts) + " AND " + condition();
    }

    /// The parts that are there now, however mutations and merges name them later; a part's name is
    /// `PARTITION_MIN_MAX_LEVEL`, and a partition's id has no such line in it. A table that folds rows has no
    /// numbers of its own in them, and one that a dead runner had sent took rows that were inserted again since.
    ///
    /// A replicated table numbers the blocks of each partition by itself.
    static String inPartsUpTo(Table to, Map<String, Blocks> there) {
        long max = there.values().stream().mapToLong(Blocks::max).max().getAsLong();
        var block = "toInt64OrZero(splitByChar('_', _part)[3]) <= ";
        if (!to.replicated()) return block + max;
        var each = List.copyOf(there.entrySet());
        return block + "transform(splitByChar('_', _part)[1], ["
                + each.stream().map(e -> Sql.text(e.getKey())).collect(Collectors.joining(", ")) + "], ["
                + each.stream().map(e -> "toInt64(" + e.getValue().max() + ")").collect(Collectors.joining(", "))
                + "], toInt64(-1))";
    }

    /// The active parts that hold any block of the chunk, by name. While this set stays the same nothing was merged,
    /// mutated or dropped in it.
    public Set<String> partNames(List<Part> active) {
        return active.stream()
                .filter(p -> slices.containsKey(p.partition())
                        && !slices.get(p.partition()).intersect(p.blocks()).isEmpty())
                .map(Part::name)
                .collect(Collectors.toCollection(java.util.TreeSet::new));
    }

    /// So many partitions go in one chunk at most: each is a term of its condition and a command of its ATTACH.
    private static final int PARTITIONS = 200;

    /// Where a table has many small partitions, several of them as one chunk: each chunk costs a staging table, and
    /// a table of 400 partitions with a thousand rows each took two minutes, all of it in these. A partition that
    /// has chunks of its own, one behind the other, keeps them.
    ///
    /// @param rows  about so many in a chunk
    /// @param least so many chunks are left where there are that many, for as many threads
    public static List<Chunk> grouped(List<Chunk> chunks, long rows, int least) {
        var all = chunks.stream().collect(Collectors.groupingBy(c -> c.slices.keySet(), Collectors.counting()));
        int partitions = Math.clamp((chunks.size() + least - 1) / least, 1, PARTITIONS);
        var out = new ArrayList<Chunk>();
        var group = new ArrayList<Chunk>();
        long have = 0;
        for (var c : chunks) {
            if (all.get(c.slices.keySet()) > 1) {
                out.add(c);
                continue;
            }
            if (!group.isEmpty() && (have + c.rows > rows || group.size() == partitions)) {
                out.add(join(group));
                group.clear();
                have = 0;
            }
            group.add(c);
            have += c.rows;
        }
        if (!group.isEmpty()) out.add(join(group));
        return List.copyOf(out);
    }

    /// The same blocks cut by their numbers over all partitions, oldest first: of a plain table these tell which of
    /// two rows came first, in whatever partitions they are. A part is cut only where its last block is the
    /// last of a chunk.
    ///
    /// @param rows about so many in a chunk
    public static List<Chunk> byBlocks(List<Chunk> chunks, long rows) {
        if (chunks.isEmpty()) return chunks;
        var all = join(chunks);
        var ends = new TreeMap<Long, Long>();
        for (var c : chunks) for (var b : c.slices.values()) ends.merge(b.max(), c.rows, Long::sum);
        var out = new ArrayList<Chunk>();
        long first = 0, have = 0;
        for (var end : ends.entrySet()) {
            have += end.getValue();
            if (have < rows && !end.getKey().equals(ends.lastKey())) continue;
            var between = Blocks.of(first, end.getKey());
            var slices = cut(all.slices, between);
            var parts = chunks.stream()
                    .filter(c -> c.slices.entrySet().stream()
                            .anyMatch(s -> !s.getValue()
                                    .intersect(slices.getOrDefault(s.getKey(), Blocks.NONE))
                                    .isEmpty()))
                    .flatMap(c -> c.parts.stream())
                    .filter(name -> has(slices, name))
                    .collect(Collectors.toSet());
            out.add(new Chunk(slices, cut(all.reach, between), parts, false, have, all.bytes / chunks.size()));
            first = end.getKey() + 1;
            have = 0;
        }
        return out.size() == 1 ? List.of(all) : List.copyOf(out);
    }

    /// Whether a part has any of some blocks, by its name, such as `202601_1_4_1`.
    private static boolean has(Map<String, Blocks> slices, String part) {
        var words = part.split("_");
        return !slices.getOrDefault(words[0], Blocks.NONE)
                .intersect(Blocks.of(Long.parseLong(words[1]), Long.parseLong(words[2])))
                .isEmpty();
    }

    private static Map<String, Blocks> cut(Map<String, Blocks> blocks, Blocks between) {
        var out = new TreeMap<String, Blocks>();
        blocks.forEach((partition, b) -> {
            var some = b.intersect(between);
            if (!some.isEmpty()) out.put(partition, some);
        });
        return out;
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
        return new Chunk(
                slices,
                reach,
                parts,
                chunks.stream().allMatch(Chunk::whole),
                chunks.stream().mapToLong(Chunk::rows).sum(),
                chunks.stream().mapToLong(Chunk::bytes).sum());
    }

    @Override
    public String toString() {
        return slices.entrySet().stream()
                .map(s -> s.getKey() + " blocks " + s.getValue())
                .collect(Collectors.joining("; "));
    }
}
