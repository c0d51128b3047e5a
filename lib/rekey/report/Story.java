package rekey.report;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import rekey.session.Entry;
import rekey.session.Entry.Event;

/// What the journal tells of one attempt: from its first line to now, or to the rollback that ended it.
///
/// @param lines    in the order in which they were written
/// @param attempts how many there have been, this one included
public record Story(List<Entry> lines, int attempts) {

    /// Where a run was at a moment: rows carried and checked, rows of the live table, messages of lag. Null: not known.
    public record Point(Instant at, Long carried, Long live, Long lag) { }

    /// How long a step took, all its runs together.
    public record Spent(String step, Instant begun, long ms, long rows) { }

    /// The last attempt of a migration's journal.
    public static Story last(List<Entry> journal) {
        var attempts = new ArrayList<List<Entry>>();
        var now = new ArrayList<Entry>();
        boolean over = false;
        for (var e : journal) {
            if (over && e.event() == Event.LOCKED) {
                attempts.add(List.copyOf(now));
                now.clear();
                over = false;
            }
            now.add(e);
            over |= e.event() == Event.ROLLED_BACK;
        }
        return new Story(List.copyOf(now), attempts.size() + 1);
    }

    public boolean none() {
        return lines.isEmpty();
    }

    public Instant begun() {
        return lines.getFirst().at();
    }

    public Instant ended() {
        return lines.getLast().at();
    }

    public Optional<Entry> last(Event event) {
        return lines.stream().filter(e -> e.event() == event).reduce((a, b) -> b);
    }

    public List<Entry> all(Event event) {
        return lines.stream().filter(e -> e.event() == event).toList();
    }

    /// From the runner's own word where a step ran by itself, and within the pause from line to line.
    public List<Spent> steps() {
        var out = new LinkedHashMap<String, Spent>();
        Instant begun = null;
        for (var e : lines) {
            switch (e.event()) {
                case BEGUN -> begun = e.at();
                case NOTE -> { if (!e.get("ms").isEmpty()) add(out, e.step(), e.at().minusMillis(number(e, "ms")), number(e, "ms"), 0); }
                case HELD -> begun = e.at();
                case DONE -> {
                    if (begun != null && List.of("pause", "remaining", "swap", "resume").contains(e.step())) add(out, e.step(), begun, Duration.between(begun, e.at()).toMillis(), number(e, "rows"));
                    else if (!e.get("rows").isEmpty()) add(out, e.step(), e.at(), 0, number(e, "rows"));
                    begun = e.at();
                }
                default -> { }
            }
        }
        out.remove("while paused");
        return List.copyOf(out.values());
    }

    private static void add(Map<String, Spent> out, String step, Instant begun, long ms, long rows) {
        out.merge(step, new Spent(step, begun, ms, rows), (a, b) -> new Spent(step, a.begun.isBefore(b.begun) ? a.begun : b.begun, a.ms + b.ms, a.rows + b.rows));
    }

    /// Rows and lag over time: a point for each sample, and one for each chunk that was attached. A rollback before the swap
    /// drops what was carried; rows that a round carries back are not counted again.
    public List<Point> points() {
        var out = new ArrayList<Point>();
        var to = lines.stream().filter(e -> e.event() == Event.ATTACHED).map(e -> e.get("to")).findFirst().orElse("");
        long carried = 0;
        for (var e : lines) {
            if (e.event() == Event.ATTACHED && e.get("to").equals(to)) {
                carried += number(e, "rows");
                out.add(new Point(e.at(), carried, null, null));
            }
            if (e.is("backfill", Event.UNDONE) || e.is("create", Event.UNDONE)) {
                carried = 0;
                out.add(new Point(e.at(), 0L, null, null));
            }
            if (e.event() == Event.SAMPLE) {
                heldLag(e).forEach((at, lag) -> out.add(new Point(at, null, null, lag)));
                out.add(new Point(e.at(), carried, e.get("live.rows").isEmpty() ? null : number(e, "live.rows"), e.get("lag").isEmpty() ? null : number(e, "lag")));
            }
        }
        out.sort(java.util.Comparator.comparing(Point::at));
        return out;
    }

    private static Map<Instant, Long> heldLag(Entry sample) {
        var out = new TreeMap<Instant, Long>();
        if (sample.get("heldLag").isEmpty()) return out;
        for (var reading : sample.get("heldLag").split(" ")) {
            var pair = reading.split("=");
            out.put(sample.at().minusMillis(Long.parseLong(pair[0])), Long.valueOf(pair[1]));
        }
        return out;
    }

    /// Parts of each partition.
    ///
    /// @param before of the live table, when the run began
    /// @param most   that it had at any sample: they pile up while merges are held
    /// @param filled the most that the new table had while it was filled
    /// @param after  of the live table at the last sample
    public record Parts(Map<String, Long> before, Map<String, Long> most, Map<String, Long> filled, Map<String, Long> after) { }

    public Parts parts() {
        var samples = all(Event.SAMPLE);
        if (samples.isEmpty()) return new Parts(Map.of(), Map.of(), Map.of(), Map.of());
        var most = new TreeMap<String, Long>();
        var filled = new TreeMap<String, Long>();
        for (var s : samples) {
            parts(s, "live").forEach((p, n) -> most.merge(p, n, Math::max));
            parts(s, "target").forEach((p, n) -> filled.merge(p, n, Math::max));
        }
        return new Parts(parts(samples.getFirst(), "live"), most, filled, parts(samples.getLast(), "live"));
    }

    private static Map<String, Long> parts(Entry sample, String table) {
        var out = new TreeMap<String, Long>();
        if (sample.get(table + ".parts").isEmpty()) return out;
        for (var p : sample.get(table + ".parts").split(" ")) out.put(p.substring(0, p.lastIndexOf('=')), Long.valueOf(p.substring(p.lastIndexOf('=') + 1)));
        return out;
    }

    static long number(Entry e, String key) {
        return e.get(key).isEmpty() ? 0 : Long.parseLong(e.get(key));
    }
}
