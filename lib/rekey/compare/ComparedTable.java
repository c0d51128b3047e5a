package rekey.compare;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
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
record ComparedTable(Table table, List<Part> parts, Map<String, Blocks> rest, long last) {

    /// All but those blocks.
    static ComparedTable without(Table table, List<Part> parts, Map<String, Blocks> left) {
        var active = Catalog.blocks(parts);
        var rest = new TreeMap<String, Blocks>();
        active.forEach((partition, blocks) -> {
            var out = blocks.intersect(left.getOrDefault(partition, Blocks.NONE));
            // one interval where the list has hundreds: the numbers between two that no part of this partition has
            // are others'
            if (!out.isEmpty()) rest.put(partition, table.replicated() ? out : out.joined(blocks.minus(out)));
        });
        return new ComparedTable(
                table,
                parts,
                rest,
                active.values().stream().mapToLong(Blocks::max).max().orElse(0));
    }

    /// Those blocks alone.
    static ComparedTable only(Table table, List<Part> parts, Map<String, Blocks> these) {
        var left = new TreeMap<String, Blocks>();
        Catalog.blocks(parts)
                .forEach((partition, blocks) ->
                        left.put(partition, blocks.minus(these.getOrDefault(partition, Blocks.NONE))));
        return without(table, parts, left);
    }

    /// Each partition of it by itself. Whatever is asked of one is then asked of its own parts: with 5,000
    /// partitions of 20 parts each, to go through all parts for each took the comparison's whole time.
    Map<String, ComparedTable> apart() {
        var own = parts.stream().collect(Collectors.groupingBy(Part::partition));
        var out = new TreeMap<String, ComparedTable>();
        own.forEach((partition, its) -> out.put(partition, in(partition, its)));
        return out;
    }

    private ComparedTable in(String partition, List<Part> its) {
        return new ComparedTable(
                table, its, rest.containsKey(partition) ? Map.of(partition, rest.get(partition)) : Map.of(), last);
    }

    /// One of them.
    ComparedTable in(String partition) {
        return in(
                partition,
                parts.stream().filter(p -> p.partition().equals(partition)).toList());
    }

    /// The same without a part: of a partition that this side does not have.
    ComparedTable without() {
        return new ComparedTable(table, List.of(), Map.of(), last);
    }

    /// The partitions of which something is compared.
    List<String> partitions() {
        return Catalog.blocks(parts).entrySet().stream()
                .filter(e -> !e.getValue()
                        .minus(rest.getOrDefault(e.getKey(), Blocks.NONE))
                        .isEmpty())
                .map(Map.Entry::getKey)
                .toList();
    }

    /// What is left out.
    String others() {
        return rest.isEmpty() ? "0" : Chunk.of(rest).condition();
    }

    /// What is compared.
    String condition() {
        // a lower number may come meanwhile
        if (table.replicated() && parts.isEmpty()) return "0";
        if (table.replicated()) return "(" + Chunk.of(Catalog.blocks(parts)).condition() + " AND NOT " + others() + ")";
        return "(_block_number <= " + last + " AND NOT " + others() + ")";
    }

    /// What both sides of a partition consist of, in a few letters: parts never change, so while it is the same
    /// nothing has changed in them. Nor have the columns: one that came since is filled by its DEFAULT in parts
    /// that lack it, and DEFAULTs may differ. What is left out by time alone, for a TTL, makes no equal
    /// rows unequal.
    static String seal(String unit, List<ComparedTable> sides) {
        try {
            var text = sides.stream()
                            .map(side -> side.parts().stream()
                                            .map(p -> p.name() + "/" + p.hash())
                                            .sorted()
                                            .collect(Collectors.joining(" "))
                                    + " without "
                                    + (RowHashes.byPartition(unit) ? side.rest().get(unit) : side.rest()))
                            .collect(Collectors.joining("; "))
                    + "; " + unit + " "
                    + sides.stream().map(side -> "" + side.table().columns()).collect(Collectors.joining(" "));
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)), 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
