package rekey.cli.text;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import rekey.model.Amounts;
import rekey.run.KeyComparison;
import rekey.run.KeyComparison.Measured;

/// A comparison of keys as a person reads it: a block a query, a line a key in it, and what it comes to at the end.
public final class KeyComparisonText {
    private KeyComparisonText() {}

    public static String of(KeyComparison c) {
        var out = new ArrayList<String>();
        out.add("A sample of " + Amounts.count(c.rows(), "row") + " of " + c.table() + ", from its largest partition");
        out.add("");
        for (int n = 0; n < c.sizes().size(); n++) {
            var size = c.sizes().get(n);
            out.add("  %-4s %10s  %5s  ORDER BY (%s)%s"
                    .formatted(
                            name(n),
                            Amounts.bytes(size.compressed()),
                            ratio(size.compressed(), c.sizes().getFirst().compressed()),
                            size.orderBy(),
                            n == 0 ? ", as it is" : ""));
        }
        for (var query : c.queries()) block(out, query);
        out.add("");
        for (int n = 1; n < c.sizes().size(); n++) out.add(sum(c, n));
        return String.join("\n", out);
    }

    private static String name(int n) {
        return n == 0 ? "now" : "key" + n;
    }

    private static void block(List<String> out, Measured query) {
        out.add("");
        out.add(query.query().replaceAll("\\s+", " ") + (query.ran() == 0 ? "" : "  (" + query.ran() + " times)"));
        if (!query.said().isEmpty()) {
            out.add("  not measured: " + query.said());
            return;
        }
        for (int n = 0; n < query.costs().size(); n++) {
            var cost = query.costs().get(n);
            out.add("  %-4s %14s rows %12s %9.1f ms  %5s%s"
                    .formatted(
                            name(n),
                            Amounts.rows(cost.rows()),
                            Amounts.bytes(cost.bytes()),
                            cost.ms(),
                            ratio(cost.rows(), query.costs().getFirst().rows()),
                            query.slower(n) ? "  reads more" : ""));
        }
    }

    /// `1 query`, `2 queries`.
    public static String queries(int n) {
        return n == 1 ? "1 query" : n + " queries";
    }

    private static String ratio(long is, long was) {
        return was == 0 ? "" : "%.2f".formatted((double) is / was);
    }

    private static String sum(KeyComparison c, int n) {
        long less = c.queries().stream().filter(q -> q.faster(n)).count();
        var more = IntStream.range(0, c.queries().size())
                .filter(q -> c.queries().get(q).slower(n))
                .mapToObj(q -> "" + (q + 1))
                .toList();
        return name(n) + ": " + less + " of " + queries(c.queries().size()) + " read less"
                + (more.isEmpty() ? ", none more" : ", more is read by number " + String.join(", ", more));
    }
}
