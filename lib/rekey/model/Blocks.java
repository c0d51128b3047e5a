package rekey.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// A set of block numbers of one partition, as disjoint closed intervals in rising order. A mark is such a set and
/// not one number, for on a replicated table a lower number may be committed after a higher one, and blocks that
/// rekey itself attached must be left out of the way back.
public record Blocks(List<Interval> intervals) {

    /// The blocks `from` to `to`, both included.
    public record Interval(long from, long to) {
        public Interval {
            if (from > to)
                throw new IllegalArgumentException(
                        "an interval of blocks can't end before it starts: " + from + " to " + to);
        }
    }

    public static final Blocks NONE = new Blocks(List.of());

    public static Blocks of(long from, long to) {
        return new Blocks(List.of(new Interval(from, to)));
    }

    /// The union of intervals given in any order, overlapping or not.
    public static Blocks union(List<Interval> any) {
        var sorted =
                any.stream().sorted(Comparator.comparingLong(Interval::from)).toList();
        var out = new ArrayList<Interval>();
        for (var i : sorted) {
            var last = out.isEmpty() ? null : out.getLast();
            if (last != null && i.from <= last.to + 1)
                out.set(out.size() - 1, new Interval(last.from, Math.max(last.to, i.to)));
            else out.add(i);
        }
        return new Blocks(List.copyOf(out));
    }

    public Blocks plus(Blocks other) {
        if (other.isEmpty()) return this;
        var all = new ArrayList<>(intervals);
        all.addAll(other.intervals);
        return union(all);
    }

    public Blocks minus(Blocks other) {
        if (isEmpty() || other.isEmpty()) return this;
        var out = new ArrayList<Interval>();
        for (var i : intervals) {
            long from = i.from;
            for (int at = other.reaching(from); at < other.intervals.size(); at++) {
                var o = other.intervals.get(at);
                if (o.from > i.to) break;
                if (o.from > from) out.add(new Interval(from, o.from - 1));
                from = o.to + 1;
            }
            if (from <= i.to) out.add(new Interval(from, i.to));
        }
        return new Blocks(List.copyOf(out));
    }

    public Blocks intersect(Blocks other) {
        var few = intervals.size() <= other.intervals.size() ? this : other;
        var many = few == this ? other : this;
        return few.minus(few.minus(many));
    }

    /// The first interval that ends at a number or behind it. Found by halving: a partition of ten thousand parts
    /// whose marks have as many intervals was gone through a hundred million times.
    private int reaching(long number) {
        int low = 0, high = intervals.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (intervals.get(middle).to < number) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /// With the gaps filled in which no block of another set lies.
    public Blocks joined(Blocks apart) {
        return isEmpty() ? this : of(min(), max()).minus(apart);
    }

    public boolean isEmpty() {
        return intervals.isEmpty();
    }

    /// Whether it is one interval.
    public boolean isInterval() {
        return intervals.size() == 1;
    }

    public boolean contains(long block) {
        int at = reaching(block);
        return at < intervals.size() && intervals.get(at).from <= block;
    }

    /// The lowest number, or -1 for none.
    public long min() {
        return isEmpty() ? -1 : intervals.getFirst().from;
    }

    /// The highest number, or -1 for none.
    public long max() {
        return isEmpty() ? -1 : intervals.getLast().to;
    }

    /// A condition on a column of block numbers.
    public String condition(String column) {
        if (isEmpty()) return "0";
        return intervals.stream()
                .map(i -> i.from == i.to ? column + " = " + i.from : column + " BETWEEN " + i.from + " AND " + i.to)
                .collect(Collectors.joining(" OR ", "(", ")"));
    }

    /// As `1-5,8`, for the journal and for people.
    @Override
    public String toString() {
        return intervals.stream()
                .map(i -> i.from == i.to ? "" + i.from : i.from + "-" + i.to)
                .collect(Collectors.joining(","));
    }

    /// Reads what [#toString] wrote.
    public static Blocks parse(String text) {
        if (text.isEmpty()) return NONE;
        var out = new ArrayList<Interval>();
        for (var piece : text.split(",")) {
            int dash = piece.indexOf('-', 1);
            long from = Long.parseLong(dash < 0 ? piece : piece.substring(0, dash));
            out.add(new Interval(from, dash < 0 ? from : Long.parseLong(piece.substring(dash + 1))));
        }
        return union(out);
    }

    /// Those of several partitions, as `202601:1-5,8 202602:6`, for the journal.
    public static String text(Map<String, Blocks> byPartition) {
        return new TreeMap<>(byPartition)
                .entrySet().stream().map(e -> e.getKey() + ':' + e.getValue()).collect(Collectors.joining(" "));
    }

    /// Reads what [#text] wrote.
    public static Map<String, Blocks> byPartition(String text) {
        var out = new TreeMap<String, Blocks>();
        for (var piece : text.split(" ")) {
            int colon = piece.lastIndexOf(':');
            if (colon > 0) out.put(piece.substring(0, colon), parse(piece.substring(colon + 1)));
        }
        return out;
    }
}
