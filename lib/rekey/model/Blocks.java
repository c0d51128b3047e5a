package rekey.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/// A set of block numbers of one partition, as disjoint closed intervals in rising order. A mark is such a set and not
/// one number, for on a replicated table a lower number may be committed after a higher one, and blocks that rekey
/// itself attached must be left out of the way back.
public record Blocks(List<Interval> intervals) {

    /// The blocks `from` to `to`, both included.
    public record Interval(long from, long to) {
        public Interval {
            if (from > to) throw new IllegalArgumentException("an interval of blocks can't end before it starts: " + from + " to " + to);
        }
    }

    public static final Blocks NONE = new Blocks(List.of());

    public static Blocks of(long from, long to) {
        return new Blocks(List.of(new Interval(from, to)));
    }

    /// The union of intervals given in any order, overlapping or not.
    public static Blocks union(List<Interval> any) {
        var sorted = any.stream().sorted(Comparator.comparingLong(Interval::from)).toList();
        var out = new ArrayList<Interval>();
        for (var i : sorted) {
            var last = out.isEmpty() ? null : out.getLast();
            if (last != null && i.from <= last.to + 1) out.set(out.size() - 1, new Interval(last.from, Math.max(last.to, i.to)));
            else out.add(i);
        }
        return new Blocks(List.copyOf(out));
    }

    public Blocks plus(Blocks other) {
        var all = new ArrayList<>(intervals);
        all.addAll(other.intervals);
        return union(all);
    }

    public Blocks minus(Blocks other) {
        var out = new ArrayList<Interval>();
        for (var i : intervals) {
            long from = i.from;
            for (var o : other.intervals) {
                if (o.to < from) continue;
                if (o.from > i.to) break;
                if (o.from > from) out.add(new Interval(from, o.from - 1));
                from = Math.max(from, o.to + 1);
            }
            if (from <= i.to) out.add(new Interval(from, i.to));
        }
        return new Blocks(List.copyOf(out));
    }

    public Blocks intersect(Blocks other) {
        return minus(minus(other));
    }

    /// With the gaps filled in which no block of another set lies.
    public Blocks joined(Blocks apart) {
        return isEmpty() ? this : of(min(), max()).minus(apart);
    }

    public boolean isEmpty() {
        return intervals.isEmpty();
    }

    public boolean contains(long block) {
        return intervals.stream().anyMatch(i -> i.from <= block && block <= i.to);
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
    @Override public String toString() {
        return intervals.stream().map(i -> i.from == i.to ? "" + i.from : i.from + "-" + i.to).collect(Collectors.joining(","));
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
}
