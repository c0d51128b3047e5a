package rekey.report.plot;

import java.awt.Color;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import rekey.report.AttemptHistory;
import rekey.report.QueryCosts;

/// Parts of each partition before, during and after; rows read by queries under the old and the new keys.
public final class Bars {
    public static final int HEIGHT = 400;
    private static final int MOST_PARTITIONS = 18, MOST_QUERIES = 14, LONGEST = 40, WIDE = 14;
    /// How much of a category's room its bars take.
    private static final double FILLED = 0.75;

    private Bars() {}

    /// @return null where no sample tells
    public static byte[] parts(AttemptHistory.Parts parts) {
        var all = new TreeSet<String>();
        for (var one : List.of(parts.before(), parts.most(), parts.filled(), parts.after())) all.addAll(one.keySet());
        if (all.isEmpty()) return null;
        var shown = all.stream()
                .sorted(Comparator.comparingLong((String p) -> -most(parts, p)))
                .limit(MOST_PARTITIONS)
                .sorted()
                .toList();
        var chart = chart(
                "Active parts by partition"
                        + (all.size() > shown.size() ? " (" + shown.size() + " of " + all.size() + ")" : ""),
                "partition",
                "parts");
        bars(chart, "live table before", shown, parts.before(), Drawing.PALE);
        bars(chart, "at most meanwhile", shown, parts.most(), Drawing.MIDDLE);
        bars(chart, "new table while filled", shown, parts.filled(), Drawing.DARK);
        bars(chart, "after", shown, parts.after(), Drawing.LIGHT);
        chart.getStyler().setYAxisMin(0.0);
        if (shown.size() > 9) chart.getStyler().setXAxisLabelRotation(45);
        return Drawing.png(List.of(chart));
    }

    private static long most(AttemptHistory.Parts parts, String partition) {
        return Math.max(
                parts.most().getOrDefault(partition, 0L),
                Math.max(
                        parts.before().getOrDefault(partition, 0L),
                        parts.after().getOrDefault(partition, 0L)));
    }

    private static void bars(
            CategoryChart chart, String name, List<String> shown, Map<String, Long> values, Color color) {
        if (values.isEmpty()) return;
        chart.addSeries(
                        name,
                        shown,
                        shown.stream().map(p -> values.getOrDefault(p, 0L)).toList())
                .setFillColor(color);
    }

    /// Those that the new keys change most, with the figures above the bars, for a good key reads a thousandth.
    ///
    /// @return null where there is no query
    public static byte[] queries(List<QueryCosts.Cost> costs) {
        if (costs.isEmpty()) return null;
        var most = costs.stream()
                .sorted(Comparator.comparingDouble((QueryCosts.Cost c) -> -change(c)))
                .limit(MOST_QUERIES)
                .toList();
        var shown = costs.stream().filter(most::contains).toList();
        var names = names(shown);
        var chart = chart(
                "Rows read by a query"
                        + (costs.size() > shown.size() ? " (" + shown.size() + " of " + costs.size() + ")" : ""),
                "filtered by",
                "rows");
        chart.addSeries(
                        "old keys",
                        names,
                        shown.stream().map(QueryCosts.Cost::rowsBefore).toList())
                .setFillColor(Drawing.PALE);
        chart.addSeries(
                        "new keys",
                        names,
                        shown.stream().map(QueryCosts.Cost::rowsAfter).toList())
                .setFillColor(Drawing.DARK);
        chart.getStyler().setYAxisMin(0.0).setYAxisDecimalPattern("#,##0");
        double top = shown.stream()
                        .mapToDouble(c -> Math.max(c.rowsBefore(), c.rowsAfter()))
                        .max()
                        .orElse(1)
                * 1.12;
        chart.getStyler().setYAxisMax(top);
        for (int i = 0; i < shown.size(); i++) {
            double middle = i + 0.5;
            above(chart, middle - FILLED / 4, shown.get(i).rowsBefore(), top);
            above(chart, middle + FILLED / 4, shown.get(i).rowsAfter(), top);
        }
        if (names.stream().anyMatch(n -> n.length() > WIDE)) chart.getStyler().setXAxisLabelRotation(20);
        return Drawing.png(List.of(chart));
    }

    private static void above(CategoryChart chart, double place, long rows, double top) {
        chart.addAnnotation(new AnnotationText(Drawing.amount(rows), place, rows + top * 0.035, false));
    }

    /// How far apart the rows are that are read, the same for a tenth and for ten times as many; a person's own
    /// queries come first.
    private static double change(QueryCosts.Cost c) {
        return c.msBefore() != null
                ? Double.MAX_VALUE
                : Math.abs(Math.log((c.rowsAfter() + 1.0) / (c.rowsBefore() + 1.0)));
    }

    /// A person's own queries by number; of a long filter the columns at its end, by which it differs from others.
    private static List<String> names(List<QueryCosts.Cost> costs) {
        var out = new ArrayList<String>();
        for (var c : costs) {
            var name = c.msBefore() != null ? "query " + (out.size() + 1) : c.name();
            while (name.length() > LONGEST && name.indexOf(", ", 3) > 0)
                name = "…, " + name.substring(name.indexOf(", ", 3) + 2);
            if (name.length() > LONGEST) name = name.substring(0, LONGEST - 1) + "…";
            out.add(out.contains(name) ? name + " (" + (out.size() + 1) + ")" : name);
        }
        return out;
    }

    private static CategoryChart chart(String title, String x, String y) {
        var chart = new CategoryChartBuilder()
                .width(Drawing.WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle(x)
                .yAxisTitle(y)
                .build();
        Drawing.style(chart.getStyler());
        chart.getStyler().setAvailableSpaceFill(FILLED).setYAxisTickLabelsFormattingFunction(Drawing::amount);
        return chart;
    }
}
