package rekey.report.plot;

import java.awt.Color;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import rekey.report.Costs;
import rekey.report.Story;

/// Parts of each partition before, during and after; rows read by queries under the old and the new keys.
public final class Bars {
    public static final int HEIGHT = 400;
    private static final int MOST_PARTITIONS = 18, MOST_QUERIES = 6;

    private Bars() { }

    /// @return null where no sample tells
    public static byte[] parts(Story.Parts parts) {
        var all = new TreeSet<String>();
        for (var one : List.of(parts.before(), parts.most(), parts.filled(), parts.after())) all.addAll(one.keySet());
        if (all.isEmpty()) return null;
        var shown = all.stream().sorted(Comparator.comparingLong((String p) -> -most(parts, p))).limit(MOST_PARTITIONS).sorted().toList();
        var chart = chart("Active parts by partition" + (all.size() > shown.size() ? " (" + shown.size() + " of " + all.size() + ")" : ""), "partition", "parts");
        bars(chart, "live table before", shown, parts.before(), Drawing.PALE);
        bars(chart, "at most meanwhile", shown, parts.most(), Drawing.MIDDLE);
        bars(chart, "new table while filled", shown, parts.filled(), Drawing.DARK);
        bars(chart, "after", shown, parts.after(), Drawing.LIGHT);
        chart.getStyler().setYAxisMin(0.0);
        if (shown.size() > 9) chart.getStyler().setXAxisLabelRotation(45);
        return Drawing.png(List.of(chart));
    }

    private static long most(Story.Parts parts, String partition) {
        return Math.max(parts.most().getOrDefault(partition, 0L), Math.max(parts.before().getOrDefault(partition, 0L), parts.after().getOrDefault(partition, 0L)));
    }

    private static void bars(CategoryChart chart, String name, List<String> shown, Map<String, Long> values, Color color) {
        if (values.isEmpty()) return;
        chart.addSeries(name, shown, shown.stream().map(p -> values.getOrDefault(p, 0L)).toList()).setFillColor(color);
    }

    /// Those that the new keys change most, with the figures on the bars, for a good key reads a thousandth.
    ///
    /// @return null where there is no query
    public static byte[] queries(List<Costs.Cost> costs) {
        if (costs.isEmpty()) return null;
        var most = costs.stream().sorted(Comparator.comparingDouble((Costs.Cost c) -> -change(c))).limit(MOST_QUERIES).toList();
        var shown = costs.stream().filter(most::contains).toList();
        var names = names(shown);
        var chart = chart("Rows read by a query", "filtered by", "rows");
        chart.addSeries("old keys", names, shown.stream().map(Costs.Cost::rowsBefore).toList()).setFillColor(Drawing.PALE);
        chart.addSeries("new keys", names, shown.stream().map(Costs.Cost::rowsAfter).toList()).setFillColor(Drawing.DARK);
        chart.getStyler().setYAxisMin(0.0).setYAxisDecimalPattern("#,##0");
        chart.getStyler().setLabelsVisible(true).setLabelsPosition(1).setLabelsFont(Drawing.font(java.awt.Font.PLAIN, 11)).setLabelsFontColorAutomaticEnabled(true);
        return Drawing.png(List.of(chart));
    }

    /// How far apart the rows are that are read, the same for a tenth and for ten times as many; a person's own queries come first.
    private static double change(Costs.Cost c) {
        return c.msBefore() != null ? Double.MAX_VALUE : Math.abs(Math.log((c.rowsAfter() + 1.0) / (c.rowsBefore() + 1.0)));
    }

    /// Of a filter on the first columns of a key the last one, for the others stand to its left, or as many as tell it from
    /// another; a person's own queries by number.
    private static List<String> names(List<Costs.Cost> costs) {
        var out = new ArrayList<String>();
        for (var c : costs) {
            var columns = c.name().split(", ");
            var name = "query " + (out.size() + 1);
            for (int n = 1; c.msBefore() == null && n <= columns.length && (n == 1 || out.contains(name)); n++) {
                var last = String.join(", ", List.of(columns).subList(columns.length - n, columns.length));
                name = (n == columns.length ? "" : "… ") + (last.length() > 22 ? last.substring(0, 21) + "…" : last);
            }
            out.add(out.contains(name) ? name + " (" + (out.size() + 1) + ")" : name);
        }
        return out;
    }

    private static CategoryChart chart(String title, String x, String y) {
        var chart = new CategoryChartBuilder().width(Drawing.WIDTH).height(HEIGHT).title(title).xAxisTitle(x).yAxisTitle(y).build();
        Drawing.style(chart.getStyler());
        chart.getStyler().setAvailableSpaceFill(0.75).setYAxisTickLabelsFormattingFunction(Drawing::amount);
        return chart;
    }
}
