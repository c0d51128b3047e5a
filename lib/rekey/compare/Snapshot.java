package rekey.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import rekey.clickhouse.Catalog;
import rekey.copy.Attachment;
import rekey.copy.CheckedChunk;
import rekey.copy.Direction;
import rekey.copy.ReorderedRows;
import rekey.copy.UnmergedParts;
import rekey.copy.VoidedCopies;
import rekey.model.Blocks;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.HighestBlock;
import rekey.session.LinePart;
import rekey.session.Session;

/// What is compared, fixed at one moment: the chunks that the journal called attached at that moment. So
/// neither ingestion nor a copy that goes on in another process makes a difference of what only came
/// later. The parts of both tables are read after that moment, and then the journal once more. Two kinds
/// of parts of the filled table are left out: those that the journal now knows as attached since, and
/// those above the witness of an attach that was then under way. Any other part that rekey did not bring
/// is compared, too, and so found.
///
/// @param since     before anything was read, by the server's clock in microseconds
/// @param chunks    so many chunks had been attached
/// @param unsettled whether an attach was under way, or was left so by a runner that died
/// @param gone      partitions of which something was carried that the table read no longer has
/// @param weighed   the chunks that were attached, with their checksums
/// @param journal   as it was before anything was read
record Snapshot(
        Direction direction,
        ComparedTable from,
        ComparedTable to,
        long since,
        int chunks,
        boolean unsettled,
        List<String> gone,
        List<CheckedChunk> weighed,
        List<Entry> journal) {

    static Snapshot take(Session session, Direction direction) {
        long since = session.server()
                .one("SELECT toUnixTimestamp64Micro(now64(6)) AS us")
                .number("us");
        var before = session.journal().entries();
        var then = Carried.read(before, direction);
        var there = session.catalog().parts(direction.to().name());
        var here = session.catalog().parts(direction.from().name());
        var journal = session.journal().entries();
        var from = ComparedTable.only(direction.from(), here, then.slices());
        var weighed = CheckedChunk.all(before, direction);
        var active = Catalog.blocks(here);
        var gone = then.slices().entrySet().stream()
                .filter(e -> !e.getValue()
                        .minus(active.getOrDefault(e.getKey(), Blocks.NONE))
                        .isEmpty())
                .map(Map.Entry::getKey)
                .toList();
        // what stands in the live table and was not carried came from its writers
        if (direction.intoLive())
            return new Snapshot(
                    direction,
                    from,
                    ComparedTable.only(direction.to(), there, then.own()),
                    since,
                    then.chunks(),
                    false,
                    gone,
                    weighed,
                    before);
        var now = Carried.read(journal, direction);
        var left = new TreeMap<>(then.carriedBack());
        now.own()
                .forEach((p, blocks) ->
                        left.merge(p, blocks.minus(then.own().getOrDefault(p, Blocks.NONE)), Blocks::plus));
        var open = underWay(session, direction, before, journal);
        for (var witness : open)
            there.forEach(part -> {
                if (witness.above(part))
                    left.merge(
                            part.partition(),
                            part.blocks().minus(now.own().getOrDefault(part.partition(), Blocks.NONE)),
                            Blocks::plus);
            });
        return new Snapshot(
                direction,
                from,
                ComparedTable.without(direction.to(), there, left),
                since,
                then.chunks(),
                !open.isEmpty(),
                gone,
                weighed,
                before);
    }

    /// Whether rows of a partition came in the order in which they lie in the table that was read, as far as chunks
    /// tell it: where it is so, equal sums of all rows say that the same row of each key is kept, too.
    boolean inOrder(String partition) {
        var before = Blocks.NONE;
        var came = Blocks.NONE;
        for (var chunk : weighed.stream()
                .filter(w -> w.slices().containsKey(partition))
                .sorted(java.util.Comparator.comparingLong(
                        w -> w.slices().get(partition).min()))
                .toList()) {
            var slices = chunk.slices().get(partition);
            var own = chunk.own().getOrDefault(partition, Blocks.NONE);
            if (slices.min() <= before.max() || !own.isEmpty() && own.min() <= came.max()) return false;
            before = slices;
            came = own.isEmpty() ? came : own;
        }
        return true;
    }

    /// The partitions in which merges of either table have folded rows that were carried.
    java.util.Set<String> folded() {
        if (!direction.folds()) return java.util.Set.of();
        var out = new java.util.TreeSet<>(UnmergedParts.merged(journal, direction, from.parts()));
        out.addAll(UnmergedParts.merged(journal, direction.reversed(), to.parts()));
        return out;
    }

    /// The witnesses of the attaches that were not settled at the first reading, and not known as done
    /// at the second.
    private static List<HighestBlock> underWay(
            Session session, Direction direction, List<Entry> before, List<Entry> journal) {
        var out = new ArrayList<HighestBlock>();
        var attachment = new Attachment(session, direction);
        attachment.open(journal).forEach(a -> out.add(a.chunk().witness()));
        var abandoned = Entry.all(journal, Detail.Abandoned.class)
                .map(a -> a.chunk().staging())
                .toList();
        for (var a : attachment.open(before))
            if (abandoned.contains(a.chunk().staging())) out.add(a.chunk().witness());
        return out;
    }

    /// What the journal says was carried.
    ///
    /// @param slices blocks of the table that is read
    /// @param own    the blocks that these became in the table that is filled
    /// @param carriedBack blocks that came into the filled table while it was the live one, and were carried back
    record Carried(Map<String, Blocks> slices, Map<String, Blocks> own, Map<String, Blocks> carriedBack, int chunks) {
        static Carried read(List<Entry> journal, Direction direction) {
            var slices = new TreeMap<String, Blocks>();
            var own = new TreeMap<String, Blocks>();
            var back = new TreeMap<String, Blocks>();
            int chunks = 0;
            String from = direction.from().uuid(), to = direction.to().uuid();
            for (var e : journal)
                switch (e.detail()) {
                    case Detail.Attached a
                    when a.between(to, from) -> change(back, a.chunk().slices(), true);
                    case Detail.Dropped d
                    when d.between(to, from) -> {
                        change(back, d.slices(), false);
                        if (!VoidedCopies.folded(d)) continue;
                        change(slices, d.own(), false);
                        change(own, d.slices(), false);
                    }
                    // in no other table, and nothing by the engine's meaning
                    case Detail.Attached a when a.between(from, to) && ReorderedRows.again(a) -> {}
                    case Detail.Attached a
                    when a.between(from, to) -> {
                        // the keys of rows that stayed out are passed over
                        change(slices, without(a.chunk()), true);
                        change(own, a.own(), true);
                        chunks++;
                    }
                    case Detail.Dropped d
                    when d.between(from, to) -> {
                        change(slices, d.slices(), false);
                        change(own, d.own(), false);
                    }
                    default -> {}
                }
            return new Carried(slices, own, back, chunks);
        }

        private static Map<String, Blocks> without(LinePart.Staged chunk) {
            var out = new TreeMap<>(chunk.slices());
            chunk.left().ifPresent(left -> left.forEach((p, b) -> out.computeIfPresent(p, (_, all) -> all.minus(b))));
            out.values().removeIf(Blocks::isEmpty);
            return out;
        }

        private static void change(Map<String, Blocks> all, Map<String, Blocks> blocks, boolean came) {
            blocks.forEach((partition, b) -> all.put(
                    partition,
                    came
                            ? all.getOrDefault(partition, Blocks.NONE).plus(b)
                            : all.getOrDefault(partition, Blocks.NONE).minus(b)));
        }
    }

    /// Whether there are patch parts: a lightweight UPDATE changes what a part shows, and leaves the part as it is.
    boolean patched() {
        return Stream.of(from, to)
                .flatMap(side -> side.parts().stream())
                .anyMatch(p -> p.partition().startsWith("patch-"));
    }
}
