package rekey.report.plot;

import java.awt.Color;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import rekey.report.facts.AttemptHistory;

/// Parts of each partition before, during and after.
public final class Bars {
    public static final int HEIGHT = 400;
    private static final int MOST_PARTITIONS = 18, LONGEST = 20;
    /// So many letters have room side by side below the bars.
    private static final int ABREAST = 90;
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
        chart.getStyler().setYAxisMin(0.0).setXAxisTickMarkSpacingHint(1); // else every second name is left out
        if (shown.stream().mapToInt(p -> label(p).length() + 2).sum() > ABREAST)
            chart.getStyler().setXAxisLabelRotation(45);
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
                        shown.stream().map(Bars::label).toList(),
                        shown.stream().map(p -> values.getOrDefault(p, 0L)).toList())
                .setFillColor(color);
    }

    /// The id of a partition whose key is no number is a hash, of which the beginning tells it from others.
    private static String label(String partition) {
        return partition.length() > LONGEST ? partition.substring(0, LONGEST / 2) + "…" : partition;
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
