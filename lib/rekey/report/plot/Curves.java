package rekey.report.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/// Measurements against a size, a curve for each way. Where the sizes are far apart both axes are logarithmic, which
/// have a label at each power of ten alone.
public final class Curves {
    public static final int HEIGHT = 400;
    private static final double FAR_APART = 100;
    private static final Color[] COLORS = {Drawing.GREY, Drawing.DARK, Drawing.LIGHT};
    private static final BasicStroke[] LINES = {Drawing.DASHES, Drawing.LINE, Drawing.DOTS};
    private static final Marker[] MARKERS = {SeriesMarkers.SQUARE, SeriesMarkers.CIRCLE, SeriesMarkers.DIAMOND};

    private Curves() {}

    /// @param curves at most three, by name; each has a value above 0 for every x
    public static byte[] png(
            String title,
            String xTitle,
            String yTitle,
            List<? extends Number> x,
            Map<String, ? extends List<? extends Number>> curves) {
        var chart = new XYChartBuilder()
                .width(Drawing.WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle(xTitle)
                .yAxisTitle(yTitle)
                .build();
        Drawing.style(chart.getStyler());
        double least = x.stream().mapToDouble(Number::doubleValue).min().orElse(1),
                most = x.stream().mapToDouble(Number::doubleValue).max().orElse(1);
        if (most / least > FAR_APART)
            chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
        else chart.getStyler().setXAxisMin(0.0).setXAxisMax(most * 1.04).setYAxisMin(0.0);
        chart.getStyler()
                .setXAxisTickLabelsFormattingFunction(Drawing::amount)
                .setYAxisTickLabelsFormattingFunction(Drawing::amount);
        chart.getStyler().setMarkerSize(9);
        int n = 0;
        for (var c : new LinkedHashMap<>(curves).entrySet()) {
            var series = chart.addSeries(c.getKey(), new ArrayList<>(x), new ArrayList<>(c.getValue()));
            series.setLineColor(COLORS[n]).setLineStyle(LINES[n]);
            series.setMarkerColor(COLORS[n]).setMarker(MARKERS[n]);
            n++;
        }
        return Drawing.png(List.of(chart));
    }
}
