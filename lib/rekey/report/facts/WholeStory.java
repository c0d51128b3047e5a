package rekey.report.facts;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import rekey.session.Entry;
import rekey.session.Entry.Event;

/// What the journals of all shards tell of one attempt. Shards are carried side by side: their rows and parts are
/// summed, and what several of them say of one moment is one line.
///
/// @param shards each with its own journal, in the cluster's order; a table of one host has one
public record WholeStory(List<AttemptHistory> shards) {
    /// What two shards say alike within this is said once: of thirty a timeline could not be read.
    private static final Duration TOGETHER = Duration.ofSeconds(2);

    /// @param shards such as `all` or `1, 3`
    public record Line(Instant at, String said, String shards) {}

    private record Said(Instant at, int shard, String text) {}

    private Stream<AttemptHistory> told() {
        return shards.stream().filter(s -> !s.none());
    }

    public Instant begun() {
        return told().map(AttemptHistory::begun).min(Comparator.naturalOrder()).orElse(Instant.EPOCH);
    }

    public Instant ended() {
        return told().map(AttemptHistory::ended).max(Comparator.naturalOrder()).orElse(Instant.EPOCH);
    }

    /// As of [AttemptHistory#worked].
    public Instant worked() {
        return told().map(AttemptHistory::worked).max(Comparator.naturalOrder()).orElse(Instant.EPOCH);
    }

    /// The steps of the first shard: the others make each in the same moment.
    public List<AttemptHistory.Spent> steps() {
        return shards.getFirst().steps();
    }

    /// When the last shard's comparison found no difference; empty where one has not been compared.
    public Optional<Instant> verified() {
        var each = shards.stream().map(s -> s.last(Event.VERIFIED)).toList();
        return each.stream().anyMatch(Optional::isEmpty)
                ? Optional.empty()
                : each.stream().map(e -> e.get().at()).max(Comparator.naturalOrder());
    }

    /// The first shard's difference that was not cleared since.
    public Optional<Entry> difference() {
        return shards.stream().flatMap(s -> s.difference().stream()).findFirst();
    }

    /// Rows and lag over time. Rows are the sum of what each shard had when it was last seen; those of the live
    /// table are told once every shard's were. Kafka's lag is the group's, over all hosts: the first shard's is it.
    public List<AttemptHistory.Point> points() {
        if (shards.size() == 1) return shards.getFirst().points();
        record Of(int shard, AttemptHistory.Point point) {}
        var all = new ArrayList<Of>();
        for (int n = 0; n < shards.size(); n++) for (var p : shards.get(n).points()) all.add(new Of(n, p));
        all.sort(Comparator.comparing(o -> o.point.at()));
        var carried = new Long[shards.size()];
        var live = new Long[shards.size()];
        var out = new ArrayList<AttemptHistory.Point>();
        for (var o : all) {
            if (o.point.carried() != null) carried[o.shard] = o.point.carried();
            if (o.point.live() != null) live[o.shard] = o.point.live();
            out.add(new AttemptHistory.Point(
                    o.point.at(),
                    o.point.carried() == null ? null : sum(carried, false),
                    o.point.live() == null ? null : sum(live, true),
                    o.shard == 0 ? o.point.lag() : null));
        }
        return out;
    }

    private static Long sum(Long[] each, boolean whole) {
        long sum = 0;
        for (var n : each) {
            if (n == null && whole) return null;
            sum += n == null ? 0 : n;
        }
        return sum;
    }

    /// Those of all shards together. Each has its most at a moment of its own.
    public AttemptHistory.Parts parts() {
        var each = shards.stream().map(AttemptHistory::parts).toList();
        return new AttemptHistory.Parts(
                sum(each, AttemptHistory.Parts::before),
                sum(each, AttemptHistory.Parts::most),
                sum(each, AttemptHistory.Parts::filled),
                sum(each, AttemptHistory.Parts::after));
    }

    private static Map<String, Long> sum(
            List<AttemptHistory.Parts> each, Function<AttemptHistory.Parts, Map<String, Long>> of) {
        var out = new TreeMap<String, Long>();
        each.forEach(p -> of.apply(p).forEach((name, n) -> out.merge(name, n, Long::sum)));
        return out;
    }

    /// What happened, in the order in which it did.
    ///
    /// @param told how a line is told; empty for one that is not
    public List<Line> lines(Function<Entry, String> told) {
        var all = new ArrayList<Said>();
        for (int n = 0; n < shards.size(); n++)
            for (var e : shards.get(n).lines()) {
                var text = told.apply(e);
                if (!text.isEmpty()) all.add(new Said(e.at(), n + 1, text));
            }
        all.sort(Comparator.comparing(Said::at));
        record Open(Instant at, TreeSet<Integer> shards) {}
        var last = new HashMap<String, Open>();
        var out = new ArrayList<Map.Entry<String, Open>>();
        for (var s : all) {
            var before = last.get(s.text);
            if (before != null && !s.at.isAfter(before.at.plus(TOGETHER)) && before.shards.add(s.shard)) continue;
            var open = new Open(s.at, new TreeSet<>(List.of(s.shard)));
            last.put(s.text, open);
            out.add(Map.entry(s.text, open));
        }
        return out.stream()
                .map(e -> new Line(e.getValue().at, e.getKey(), name(e.getValue().shards)))
                .toList();
    }

    private String name(TreeSet<Integer> of) {
        return of.size() == shards.size()
                ? "all"
                : of.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }
}
