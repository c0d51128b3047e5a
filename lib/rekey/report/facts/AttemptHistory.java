package rekey.report.facts;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import rekey.session.Detail;
import rekey.session.Encoded;
import rekey.session.Entry;
import rekey.session.Entry.Event;

/// What the journal tells of one attempt: from its first line to now, or to the rollback that ended it.
///
/// @param lines    in the order in which they were written
/// @param attempts how many there have been, this one included
public record AttemptHistory(List<Entry> lines, int attempts) {

    /// Where a run was at a moment: rows carried and checked, rows of the live table, messages of lag. Null: not
    /// known.
    public record Point(Instant at, Long carried, Long live, Long lag) {}

    /// How long a step took, all its runs together.
    public record Spent(String step, Instant begun, long ms, long rows) {}

    /// The last attempt of a migration's journal.
    public static AttemptHistory last(List<Entry> journal) {
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
        return new AttemptHistory(List.copyOf(now), attempts.size() + 1);
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

    /// When something was last done: what somebody looks at or asks for hours later is no part of the run. A migrate
    /// that found all done once stretched the axis of a run of a minute to a day.
    public Instant worked() {
        return lines.stream()
                .filter(e -> switch (e.event()) {
                    case BEGUN, ATTACHED, DROPPED, REPLAYED, ROUND, DONE, HELD, RESUMED, UNDONE -> true;
                    case NOTE -> e.detail() instanceof Detail.Took;
                    default -> false;
                })
                .reduce((a, b) -> b)
                .map(Entry::at)
                .orElse(ended());
    }

    public Optional<Entry> last(Event event) {
        return lines.stream().filter(e -> e.event() == event).reduce((a, b) -> b);
    }

    /// What was found and has not been cleared since.
    public Optional<Entry> difference() {
        var verified = last(Event.VERIFIED);
        return last(Event.POISONED)
                .filter(p -> verified.map(v -> v.at().isBefore(p.at())).orElse(true));
    }

    public List<Entry> all(Event event) {
        return lines.stream().filter(e -> e.event() == event).toList();
    }

    /// From the runner's own word where a step ran by itself, and within the pause from line to line.
    public List<Spent> steps() {
        var out = new LinkedHashMap<String, Spent>();
        Instant begun = null;
        for (var e : lines) {
            switch (e.detail()) {
                case Detail.Took t ->
                    add(out, e.step(), e.at().minus(t.took()), t.took().toMillis(), 0);
                case Detail.Held h -> begun = e.at();
                default -> {
                    if (e.event() == Event.BEGUN) begun = e.at();
                    if (e.event() != Event.DONE) continue;
                    var rows = rows(e.detail());
                    if (begun != null
                            && List.of("pause", "remaining", "swap", "resume").contains(e.step()))
                        add(
                                out,
                                e.step(),
                                begun,
                                Duration.between(begun, e.at()).toMillis(),
                                rows.orElse(0L));
                    else if (rows.isPresent()) add(out, e.step(), e.at(), 0, rows.get());
                    begun = e.at();
                }
            }
        }
        out.remove("while paused");
        return List.copyOf(out.values());
    }

    private static Optional<Long> rows(Detail done) {
        return switch (done) {
            case Detail.Filled f -> Optional.of(f.rows());
            case Detail.Remained r -> Optional.of(r.rows());
            default -> Optional.empty();
        };
    }

    private static void add(Map<String, Spent> out, String step, Instant begun, long ms, long rows) {
        out.merge(
                step,
                new Spent(step, begun, ms, rows),
                (a, b) -> new Spent(step, a.begun.isBefore(b.begun) ? a.begun : b.begun, a.ms + b.ms, a.rows + b.rows));
    }

    /// Rows and lag over time: a point for each sample, and one for each chunk that was attached. A rollback before
    /// the swap drops what was carried; rows that a round carries back are not counted again.
    public List<Point> points() {
        var out = new ArrayList<Point>();
        var to = Entry.all(lines, Detail.Attached.class)
                .map(Detail.Attached::to)
                .findFirst()
                .orElse("");
        long carried = 0;
        for (var e : lines) {
            if (e.detail() instanceof Detail.Attached a && a.to().equals(to)) {
                carried += a.chunk().rows();
                out.add(new Point(e.at(), carried, null, null));
            }
            if (e.is("backfill", Event.UNDONE) || e.is("create", Event.UNDONE)) {
                carried = 0;
                out.add(new Point(e.at(), 0L, null, null));
            }
            if (e.detail() instanceof Detail.Sample s) {
                s.heldLag().map(Encoded.Readings::readings).orElse(List.of()).stream()
                        .map(r -> new Point(e.at().minus(r.before()), null, null, r.number()))
                        .forEach(out::add);
                out.add(new Point(
                        e.at(), carried, s.liveRows().orElse(null), s.lag().orElse(null)));
            }
        }
        out.sort(java.util.Comparator.comparing(Point::at));
        return out;
    }

    /// Parts of each partition.
    ///
    /// @param before of the live table, when the run began
    /// @param most   that it had at any sample: they pile up while merges are held
    /// @param filled the most that the new table had while it was filled
    /// @param after  of the live table at the last sample
    public record Parts(
            Map<String, Long> before, Map<String, Long> most, Map<String, Long> filled, Map<String, Long> after) {}

    public Parts parts() {
        var samples = Entry.all(lines, Detail.Sample.class).toList();
        if (samples.isEmpty()) return new Parts(Map.of(), Map.of(), Map.of(), Map.of());
        var most = new TreeMap<String, Long>();
        var filled = new TreeMap<String, Long>();
        for (var s : samples) {
            parts(s.liveParts()).forEach((p, n) -> most.merge(p, n, Math::max));
            parts(s.targetParts()).forEach((p, n) -> filled.merge(p, n, Math::max));
        }
        return new Parts(
                parts(samples.getFirst().liveParts()),
                most,
                filled,
                parts(samples.getLast().liveParts()));
    }

    private static Map<String, Long> parts(Optional<Encoded.Counts> sampled) {
        return sampled.map(Encoded.Counts::byName).orElse(Map.of());
    }
}
