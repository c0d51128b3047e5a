package rekey.copy;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import rekey.model.Blocks;
import rekey.model.Part;
import rekey.session.Entry;
import rekey.session.Journal;

/// What has been carried from one table to another, by partition, read from the journal. Blocks that rekey itself attached
/// to the table from that other one count as carried: carrying them back would double them.
///
/// @param carried by partition of the table that is read
public record Marks(Map<String, Blocks> carried) {

    /// @param from the UUID of the table that is read
    /// @param to   the UUID of the table that is filled
    public static Marks read(List<Entry> journal, String from, String to) {
        var carried = new TreeMap<String, Blocks>();
        for (var e : journal) {
            if (!e.is(Entry.Event.ATTACHED, Entry.Event.DROPPED)) continue;
            boolean came = e.event() == Entry.Event.ATTACHED;
            if (e.get("from").equals(from) && e.get("to").equals(to)) change(carried, decode(e.get("slices")), came);
            // only what came from this very table: what an earlier target gave back before it was dropped is not in a new one
            if (e.get("to").equals(from) && e.get("from").equals(to)) change(carried, decode(e.get("own")), came);
        }
        carried.values().removeIf(Blocks::isEmpty);
        return new Marks(carried);
    }

    private static void change(Map<String, Blocks> all, Map<String, Blocks> blocks, boolean came) {
        blocks.forEach((partition, b) -> all.merge(partition, came ? b : Blocks.NONE, (have, more) -> came ? have.plus(more) : have.minus(b)));
    }

    /// What the parts hold and has not been carried, in chunks of about so many rows: parts in the order of their blocks,
    /// each chunk within one partition. A part that was merged from carried and new blocks counts with all its rows.
    public List<Chunk> pending(List<Part> parts, long chunkRows) {
        var chunks = new ArrayList<Chunk>();
        for (var partition : parts.stream().map(Part::partition).collect(Collectors.toCollection(LinkedHashSet::new))) {
            var group = new ArrayList<Part>();
            for (var part : parts) {
                if (!part.partition().equals(partition) || fresh(part).isEmpty()) continue;
                long rows = group.stream().mapToLong(Part::rows).sum();
                if (rows > 0 && rows + part.rows() > chunkRows) {
                    chunks.add(chunk(partition, group));
                    group.clear();
                }
                group.add(part);
            }
            if (!group.isEmpty()) chunks.add(chunk(partition, group));
        }
        return chunks;
    }

    private Blocks fresh(Part part) {
        return part.blocks().minus(carried.getOrDefault(part.partition(), Blocks.NONE));
    }

    /// A number between two of a partition's blocks that no part of it has belongs to another partition and never comes:
    /// outside of replication numbers are given over the whole table, in the moment of the commit.
    private Chunk chunk(String partition, List<Part> parts) {
        var blocks = parts.stream().map(this::fresh).reduce(Blocks.NONE, Blocks::plus);
        boolean whole = parts.stream().allMatch(p -> !p.masked() && fresh(p).equals(p.blocks()));
        return new Chunk(Map.of(partition, blocks), Map.of(partition, blocks.joined(carried.getOrDefault(partition, Blocks.NONE))),
                parts.stream().map(Part::name).collect(Collectors.toSet()), whole,
                parts.stream().mapToLong(Part::rows).sum(), parts.stream().mapToLong(Part::bytes).sum());
    }

    /// For the journal.
    public static String encode(Map<String, Blocks> slices) {
        var out = new StringBuilder();
        new TreeMap<>(slices).forEach((partition, blocks) -> out.append(out.isEmpty() ? "" : " ").append(partition).append(':').append(blocks));
        return out.toString();
    }

    public static Map<String, Blocks> decode(String text) {
        var out = new TreeMap<String, Blocks>();
        for (var piece : text.split(" ")) {
            int colon = piece.lastIndexOf(':');
            if (colon > 0) out.put(piece.substring(0, colon), Blocks.parse(piece.substring(colon + 1)));
        }
        return out;
    }
}
