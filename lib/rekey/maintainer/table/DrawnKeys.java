package rekey.maintainer.table;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import rekey.model.Keys;

/// The keys that a drawn table has, and those it is to have.
///
/// @param finer whether rows of one key before may have several after
record DrawnKeys(Keys before, Keys after, boolean finer) {
    private static final List<String> EXPRESSIONS = List.of(
            "toDate(at)", "toStartOfHour(at)", "toYYYYMM(at)", "cityHash64(seq)", "intHash32(seq)", "seq % 100");
    private static final List<String> PARTITIONS =
            List.of("", "toYYYYMM(at)", "toMonday(at)", "toDate(at)", "kind", "tenant", "toYYYYMM(at), kind");

    static DrawnKeys draw(Draw draw, DrawnEngine engine) {
        while (true) {
            var keys = engine.merges ? merging(draw, engine) : keeping(draw);
            if (!keys.before.equals(keys.after)) return keys;
        }
    }

    /// Of an engine that keeps every row any two keys will do.
    private static DrawnKeys keeping(Draw draw) {
        return new DrawnKeys(any(draw, draw.oneIn(12)), any(draw, false), false);
    }

    private static Keys any(Draw draw, boolean none) {
        var parts = new ArrayList<>(draw.some(List.of("tenant", "kind", "at", "seq"), 1, 4));
        parts.addAll(draw.some(EXPRESSIONS, 0, 2));
        return keys(draw, none ? List.of() : draw.shuffled(parts), draw.one(PARTITIONS));
    }

    /// Where rows merge the new keys have the columns of the old ones, in another order, and what follows from them:
    /// else rows would be merged that were apart.
    private static DrawnKeys merging(Draw draw, DrawnEngine engine) {
        var columns = new ArrayList<>(List.of("key"));
        columns.addAll(draw.some(List.of("tenant", "kind", "at"), 1, 3));
        var partitions = PARTITIONS.stream()
                .filter(p -> p.isEmpty()
                        || columns.stream().filter(c -> p.contains(c)).count() == p.split(", ").length)
                .toList();
        var before = draw.one(partitions);
        boolean finer = engine.toldUnderFinerKeys() && draw.oneIn(4);
        return new DrawnKeys(
                keys(draw, draw.shuffled(columns), before),
                keys(draw, after(draw, columns, finer), engine.foldsByOrder() ? before : draw.one(partitions)),
                finer);
    }

    private static List<String> after(Draw draw, List<String> columns, boolean finer) {
        var out = new ArrayList<>(columns);
        if (columns.contains("at") && draw.oneIn(2)) out.add("toDate(at)");
        if (draw.oneIn(3)) out.add("cityHash64(key)");
        if (finer) out.add("seq % 2");
        return draw.shuffled(out);
    }

    private static Keys keys(Draw draw, List<String> elements, String partitionBy) {
        var hashed = elements.stream().filter(e -> e.contains("Hash")).toList();
        var sampleBy = hashed.isEmpty() || draw.oneIn(3) ? "" : hashed.getFirst();
        boolean down = sampleBy.isEmpty() && elements.size() > 1 && draw.oneIn(8);
        var orderBy = elements.stream()
                .map(e -> down && e.equals(elements.getLast()) ? e + " DESC" : e)
                .collect(Collectors.joining(", "));
        int least = sampleBy.isEmpty() ? 1 : elements.indexOf(sampleBy) + 1;
        boolean prefix = !down && elements.size() > least && draw.oneIn(3);
        return new Keys(partitionBy, prefix ? String.join(", ", elements.subList(0, least)) : "", orderBy, sampleBy);
    }

    @Override
    public String toString() {
        return text(before) + " -> " + text(after);
    }

    private static String text(Keys keys) {
        return "(" + keys.orderBy() + ")"
                + (keys.primaryKey().isEmpty() ? "" : " PRIMARY KEY (" + keys.primaryKey() + ")")
                + (keys.partitionBy().isEmpty() ? "" : " PARTITION BY (" + keys.partitionBy() + ")")
                + (keys.sampleBy().isEmpty() ? "" : " SAMPLE BY " + keys.sampleBy());
    }
}
