package rekey.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import rekey.clickhouse.Catalog;
import rekey.copy.Attachment;
import rekey.copy.Direction;
import rekey.copy.Marks;
import rekey.model.Blocks;
import rekey.session.Entry;
import rekey.session.Session;

/// What is compared, fixed at one moment, so that neither ingestion nor a copy that goes on in another process makes a
/// difference of what only came later: the chunks that the journal called attached at that moment. The parts of both
/// tables are read after it. Of the filled table's parts those are left out which the journal, read once more after them,
/// knows as attached since, and those above the witness of an attach that was then under way; any other part that rekey
/// did not bring is compared, too, and so found.
///
/// @param since     before anything was read, by the server's clock in microseconds
/// @param chunks    so many chunks had been attached
/// @param unsettled whether an attach was under way, or was left so by a runner that died
/// @param gone      partitions of which something was carried that the table read no longer has
record Snapshot(Direction direction, Side from, Side to, long since, int chunks, boolean unsettled, List<String> gone) {

    static Snapshot take(Session session, Direction direction) {
        long since = session.server().one("SELECT toUnixTimestamp64Micro(now64(6)) AS us").number("us");
        var before = session.journal().entries();
        var then = Carried.read(before, direction);
        var there = session.catalog().parts(direction.to().name());
        var here = session.catalog().parts(direction.from().name());
        var journal = session.journal().entries();
        var from = Side.only(direction.from(), here, then.slices());
        var active = Catalog.blocks(here);
        var gone = then.slices().entrySet().stream().filter(e -> !e.getValue().minus(active.getOrDefault(e.getKey(), Blocks.NONE)).isEmpty()).map(Map.Entry::getKey).toList();
        // what stands in the live table and was not carried came from its writers
        if (direction.to().name().equals(session.rewrite().source())) return new Snapshot(direction, from, Side.only(direction.to(), there, then.own()), since, then.chunks(), false, gone);
        var now = Carried.read(journal, direction);
        var left = new TreeMap<>(then.back());
        now.own().forEach((p, blocks) -> left.merge(p, blocks.minus(then.own().getOrDefault(p, Blocks.NONE)), Blocks::plus));
        var open = underWay(session, direction, before, journal);
        for (long witness : open) there.forEach(part -> {
            if (part.minBlock() > witness) left.merge(part.partition(), part.blocks().minus(now.own().getOrDefault(part.partition(), Blocks.NONE)), Blocks::plus);
        });
        return new Snapshot(direction, from, Side.without(direction.to(), there, left), since, then.chunks(), !open.isEmpty(), gone);
    }

    /// The witnesses of the attaches that were not settled at the first reading, and not known as done at the second.
    private static List<Long> underWay(Session session, Direction direction, List<Entry> before, List<Entry> journal) {
        var out = new ArrayList<Long>();
        var attachment = new Attachment(session, direction);
        attachment.open(journal).forEach(e -> out.add(Long.parseLong(e.get("witness"))));
        for (var e : attachment.open(before))
            if (journal.stream().anyMatch(x -> x.event() == Entry.Event.ABANDONED && x.get("staging").equals(e.get("staging")))) out.add(Long.parseLong(e.get("witness")));
        return out;
    }

    /// What the journal says was carried.
    ///
    /// @param slices blocks of the table that is read
    /// @param own    the blocks that these became in the table that is filled
    /// @param back   blocks that came into the filled table while it was the live one, and were carried back
    private record Carried(Map<String, Blocks> slices, Map<String, Blocks> own, Map<String, Blocks> back, int chunks) {
        static Carried read(List<Entry> journal, Direction direction) {
            var slices = new TreeMap<String, Blocks>();
            var own = new TreeMap<String, Blocks>();
            var back = new TreeMap<String, Blocks>();
            int chunks = 0;
            for (var e : journal) {
                if (!e.is(Entry.Event.ATTACHED, Entry.Event.DROPPED)) continue;
                boolean came = e.event() == Entry.Event.ATTACHED;
                if (e.get("from").equals(direction.to().uuid()) && e.get("to").equals(direction.from().uuid())) change(back, e.get("slices"), came);
                if (!e.get("from").equals(direction.from().uuid()) || !e.get("to").equals(direction.to().uuid())) continue;
                change(slices, e.get("slices"), came);
                change(own, e.get("own"), came);
                if (came) chunks++;
            }
            return new Carried(slices, own, back, chunks);
        }

        private static void change(Map<String, Blocks> all, String blocks, boolean came) {
            Marks.decode(blocks).forEach((partition, b) -> all.put(partition, came ? all.getOrDefault(partition, Blocks.NONE).plus(b) : all.getOrDefault(partition, Blocks.NONE).minus(b)));
        }
    }
}
