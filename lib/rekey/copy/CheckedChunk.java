package rekey.copy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import rekey.model.Blocks;
import rekey.model.Part;
import rekey.session.Detail;
import rekey.session.Encoded;
import rekey.session.Entry;

/// What the journal knows of a chunk that was checked and attached: its checksum, the parts it was read
/// from, and the parts it came as. A part never changes. So while these parts stand under the same hash
/// the checksum is theirs, and nothing need be read again.
///
/// @param slices  its blocks, by partition of the table that was read
/// @param own     the blocks that these became
/// @param sum     of all its rows, equal on both sides when it was checked
/// @param read    the parts it was read from, name and hash; empty where they are not known
/// @param came    the parts that were attached, by partition in the order of their blocks:
///                see [Attachment#fingerprint]
/// @param columns what was hashed: see [#columns(Direction)]
public record CheckedChunk(
        Map<String, Blocks> slices,
        Map<String, Blocks> own,
        Checksum sum,
        Set<String> read,
        List<String> came,
        String columns) {

    /// Those that still count: what was dropped since, or counts as not carried, is in neither table's sums.
    public static List<CheckedChunk> all(List<Entry> journal, Direction direction) {
        var intents = new HashMap<String, Detail.Attaching>();
        var out = new ArrayList<CheckedChunk>();
        String from = direction.from().uuid(), to = direction.to().uuid();
        for (var e : journal)
            switch (e.detail()) {
                case Detail.Attaching a
                when a.between(from, to) -> intents.put(a.chunk().staging(), a);
                case Detail.Attached a
                when a.between(from, to) ->
                    of(intents.get(a.chunk().staging()), a).forEach(out::add);
                case Detail.Dropped d
                when d.between(from, to) -> out.removeIf(w -> meet(w.slices, d.slices()) || meet(w.own, d.own()));
                case Detail.Dropped d
                when d.between(to, from) && VoidedCopies.folded(d) ->
                    out.removeIf(w -> meet(w.slices, d.own()) || meet(w.own, d.slices()));
                default -> {}
            }
        return out;
    }

    private static List<CheckedChunk> of(Detail.Attaching intent, Detail.Attached attached) {
        // where rows stayed out of the live table its checksum is that of no part that was read: see [NewerRows]
        if (intent == null
                || ReorderedRows.again(attached)
                || intent.chunk().behind().isPresent()) return List.of();
        var chunk = attached.chunk();
        var whole = new CheckedChunk(
                chunk.slices(),
                attached.own(),
                new Checksum(chunk.rows(), chunk.sum(), chunk.xor()),
                Set.copyOf(intent.read().map(Encoded.Words::words).orElse(List.of())),
                intent.parts().words(),
                intent.columns().orElse(""));
        return intent.sums().map(s -> whole.apart(Checksum.decode(s))).orElse(List.of(whole));
    }

    /// Each partition of a chunk by itself, for each was weighed by itself. A table of 2,000 small partitions goes
    /// in chunks of 200, and as long as these had one sum for all, nothing was known of any partition: each was
    /// read again on both sides.
    private List<CheckedChunk> apart(Map<String, Checksum> sums) {
        var readBy = read.stream().collect(Collectors.groupingBy(p -> upTo(p, '_'), Collectors.toSet()));
        var cameBy = came.stream().collect(Collectors.groupingBy(p -> upTo(p, '/')));
        return slices.entrySet().stream()
                .map(s -> new CheckedChunk(
                        Map.of(s.getKey(), s.getValue()),
                        own.containsKey(s.getKey()) ? Map.of(s.getKey(), own.get(s.getKey())) : Map.of(),
                        sums.getOrDefault(s.getKey(), Checksum.NONE),
                        readBy.getOrDefault(s.getKey(), Set.of()),
                        cameBy.getOrDefault(s.getKey(), List.of()),
                        columns))
                .toList();
    }

    /// The partition's id, with which a part's name begins and a fingerprint too: it has neither of
    /// these signs in it.
    private static String upTo(String text, char sign) {
        return text.substring(0, text.indexOf(sign));
    }

    /// Whether two sets of blocks have one in common.
    public static boolean meet(Map<String, Blocks> one, Map<String, Blocks> other) {
        return one.entrySet().stream()
                .anyMatch(e -> other.containsKey(e.getKey())
                        && !e.getValue().intersect(other.get(e.getKey())).isEmpty());
    }

    /// What a row's hash is made of: the columns in their order with their types, and by which DEFAULT a part that
    /// lacks one shows it.
    public static String columns(Direction direction) {
        var shown = direction.from().columns().stream()
                .map(c -> c.sql() + " " + c.type() + " " + c.expression())
                .toList();
        var hashed = direction.to().storedColumns().stream()
                .map(c -> c.sql() + " " + c.type())
                .toList();
        return Integer.toHexString(hashed.hashCode()) + "-" + Integer.toHexString(shown.hashCode());
    }

    /// For the journal.
    static Encoded.Words names(List<Part> parts) {
        return new Encoded.Words(parts.stream().map(CheckedChunk::name).toList());
    }

    /// A part by its name and hash.
    public static String name(Part part) {
        return part.name() + "/" + part.hash();
    }
}
