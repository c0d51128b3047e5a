package rekey.compare;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import rekey.clickhouse.Catalog;
import rekey.copy.Chunk;
import rekey.model.Blocks;
import rekey.model.Part;
import rekey.model.Table;

/// One of the two tables, and which blocks of it are compared.
///
/// @param parts the active ones, as they were when this was fixed
/// @param rest  the blocks of them that are left out, by partition
/// @param last  the highest block that is looked at: what comes later is left alone
record Side(Table table, List<Part> parts, Map<String, Blocks> rest, long last) {

    /// All but those blocks.
    static Side without(Table table, List<Part> parts, Map<String, Blocks> left) {
        var active = Catalog.blocks(parts);
        var rest = new TreeMap<String, Blocks>();
        active.forEach((partition, blocks) -> {
            var out = blocks.intersect(left.getOrDefault(partition, Blocks.NONE));
            // one interval where the list has hundreds: the numbers between two that no part of this partition has are others'
            if (!out.isEmpty()) rest.put(partition, out.joined(blocks.minus(out)));
        });
        return new Side(table, parts, rest, active.values().stream().mapToLong(Blocks::max).max().orElse(0));
    }

    /// Those blocks alone.
    static Side only(Table table, List<Part> parts, Map<String, Blocks> these) {
        var left = new TreeMap<String, Blocks>();
        Catalog.blocks(parts).forEach((partition, blocks) -> left.put(partition, blocks.minus(these.getOrDefault(partition, Blocks.NONE))));
        return without(table, parts, left);
    }

    /// The partitions of which something is compared.
    List<String> partitions() {
        return Catalog.blocks(parts).entrySet().stream().filter(e -> !e.getValue().minus(rest.getOrDefault(e.getKey(), Blocks.NONE)).isEmpty()).map(Map.Entry::getKey).toList();
    }

    /// What is left out.
    String others() {
        return rest.isEmpty() ? "0" : Chunk.of(rest).condition();
    }

    /// What is compared.
    String condition() {
        return "(_block_number <= " + last + " AND NOT " + others() + ")";
    }
}
