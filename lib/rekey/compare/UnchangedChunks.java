package rekey.compare;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import rekey.clickhouse.Sql;
import rekey.copy.CheckedChunk;
import rekey.copy.Checksum;
import rekey.model.Blocks;
import rekey.model.Part;

/// Chunks that need not be read on one side, for all their parts are still those that were checked.
///
/// @param sum    of their rows
/// @param blocks theirs, by partition
/// @param parts  those that hold nothing else that is compared
record UnchangedChunks(Checksum sum, Map<String, Blocks> blocks, Set<String> parts) {

    /// Of the table that was read: the parts which a chunk was read from.
    static UnchangedChunks read(ComparedTable side, String unit, List<CheckedChunk> chunks) {
        return of(side, unit, chunks, true);
    }

    /// Of the table that was filled: the parts which a chunk came as.
    static UnchangedChunks came(ComparedTable side, String unit, List<CheckedChunk> chunks) {
        return of(side, unit, chunks, false);
    }

    private static UnchangedChunks of(ComparedTable side, String unit, List<CheckedChunk> chunks, boolean read) {
        var sum = Checksum.NONE;
        var blocks = new TreeMap<String, Blocks>();
        var parts = side.parts().stream().collect(Collectors.groupingBy(Part::partition));
        var names = side.parts().stream().map(CheckedChunk::name).collect(Collectors.toSet());
        for (var chunk : chunks) {
            var its = read ? chunk.slices() : chunk.own();
            boolean there = read
                    ? !chunk.read().isEmpty() && names.containsAll(chunk.read())
                    : !its.isEmpty() && chunk.came().equals(prints(parts, its));
            boolean asked = RowHashes.byPartition(unit) ? its.keySet().equals(Set.of(unit)) : true;
            // blocks that are left out of the comparison, or counted already: then its sum is not the sum wanted
            if (!there || !asked || CheckedChunk.meet(its, side.rest()) || CheckedChunk.meet(its, blocks)) continue;
            sum = sum.plus(chunk.sum());
            its.forEach((partition, b) -> blocks.merge(partition, b, Blocks::plus));
        }
        var whole = new HashSet<String>();
        for (var p : side.parts())
            if (p.blocks()
                    .minus(side.rest().getOrDefault(p.partition(), Blocks.NONE))
                    .minus(blocks.getOrDefault(p.partition(), Blocks.NONE))
                    .isEmpty()) whole.add(p.name());
        return new UnchangedChunks(sum, blocks, whole);
    }

    /// The parts that lie in those blocks, as the staging table's were noted: by partition, in the order
    /// of their blocks.
    private static List<String> prints(Map<String, List<Part>> parts, Map<String, Blocks> blocks) {
        var out = new ArrayList<String>();
        new TreeMap<>(blocks).forEach((partition, within) -> {
            for (var p : parts.getOrDefault(partition, List.of()))
                if (within.contains(p.minBlock()) && within.contains(p.maxBlock()))
                    out.add(rekey.copy.Attachment.fingerprint(p));
        });
        return out;
    }

    boolean nothing() {
        return blocks.isEmpty();
    }

    /// What is left to read of that side.
    ComparedTable rest(ComparedTable side) {
        if (nothing()) return side;
        var left = new TreeMap<>(side.rest());
        blocks.forEach((partition, b) -> left.merge(partition, b, Blocks::plus));
        return ComparedTable.without(side.table(), side.parts(), left);
    }

    /// That whole parts are not opened for it. While one stands it holds nothing that is wanted; when it was merged
    /// meanwhile, the blocks tell.
    String passing(String unit, ComparedTable side) {
        var names = side.parts().stream()
                .filter(p -> parts.contains(p.name()))
                .filter(p -> !RowHashes.byPartition(unit) || p.partition().equals(unit))
                .map(Part::name)
                .collect(Collectors.toCollection(java.util.TreeSet::new));
        return names.isEmpty() ? "" : " AND _part NOT IN " + Sql.list(names);
    }
}
