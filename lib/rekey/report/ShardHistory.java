package rekey.report;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import rekey.model.Amounts;
import rekey.report.facts.AttemptHistory;
import rekey.run.Status;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Entry.Event;
import rekey.session.Session;

/// What happened on one shard of a cluster in the last attempt, by the journal of the host that copies there.
///
/// @param shard    from 1
/// @param copier   that host
/// @param story    all that its journal tells
/// @param chunks   that were carried, each compared before it was attached
/// @param rows     of these
/// @param swapped  when its swap, or the way back, was done; null where neither was
/// @param verified when a comparison of the whole found no difference; null where none has
/// @param differs  the difference that was found since, and not cleared; null where none was
public record ShardHistory(
        int shard,
        String copier,
        AttemptHistory story,
        long chunks,
        long rows,
        Instant swapped,
        Instant verified,
        String differs) {

    /// None where there is one host only.
    static List<ShardHistory> of(Session session) {
        if (session.everyPeer().size() == 1) return List.of();
        var shards = session.shards();
        return IntStream.range(0, shards.size())
                .mapToObj(n -> of(n + 1, shards.get(n)))
                .toList();
    }

    private static ShardHistory of(int shard, Session s) {
        var story = AttemptHistory.last(s.journal().entries());
        var carried = Entry.all(story.lines(), Detail.Attached.class).toList();
        return new ShardHistory(
                shard,
                s.server().endpoint().host(),
                story,
                carried.size(),
                carried.stream().mapToLong(a -> a.chunk().rows()).sum(),
                story.lines().stream()
                        .filter(e -> e.is("swap", Event.DONE) || e.is("swap", Event.UNDONE))
                        .map(Entry::at)
                        .reduce((a, b) -> b)
                        .orElse(null),
                story.last(Event.VERIFIED).map(Entry::at).orElse(null),
                story.difference()
                        .map(e -> ((Detail.Poisoned) e.detail()).difference())
                        .orElse(null));
    }

    static List<Document.Block> told(List<ShardHistory> shards, Status status) {
        return List.of(
                new Document.Text((shards.size() == 1
                                ? ""
                                : "Pictures, rows and partitions are of all shards together; statements and what the"
                                        + " held time went into are told by the host that copies on shard 1.")
                        + (status.apartMs() == null
                                ? ""
                                : " In the last exchange hosts differed for **" + status.apartMs() + " ms**.")),
                new Document.Grid(
                        List.of("#Shard", "Copied by", "#Chunks", "#Rows carried", "Swap done (UTC)", "Compared (UTC)"),
                        shards.stream().map(ShardHistory::row).toList(),
                        false),
                new Document.Grid(
                        List.of("#Shard", "Host", "#Rows now", "#Seconds behind", "#In its queue"),
                        status.hosts().stream()
                                .map(h -> List.of(
                                        "" + h.shard(),
                                        h.host()
                                                + (h.copies() ? ", copies" : "")
                                                + (h.answers() ? "" : ", DOES NOT ANSWER"),
                                        h.rows() == null ? "" : Amounts.rows(h.rows()),
                                        h.delay() == null ? "" : "" + h.delay(),
                                        h.queue() == null ? "" : "" + h.queue()))
                                .toList(),
                        false));
    }

    Map<String, Object> json() {
        var out = new LinkedHashMap<String, Object>();
        out.put("shard", shard);
        out.put("copier", copier);
        out.put("chunks", chunks);
        out.put("rows", rows);
        out.put("swapped", Objects.toString(swapped, null));
        out.put("verified", Objects.toString(verified, null));
        out.put("differs", differs);
        return out;
    }

    private List<String> row() {
        return List.of(
                "" + shard,
                copier,
                "" + chunks,
                Amounts.rows(rows),
                swapped == null ? "" : Timeline.clock(swapped),
                differs != null ? "A DIFFERENCE: " + differs : verified == null ? "" : Timeline.clock(verified));
    }
}
