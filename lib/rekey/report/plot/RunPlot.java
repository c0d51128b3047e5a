package rekey.report.plot;

import java.awt.Color;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.knowm.xchart.AnnotationLine;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.markers.SeriesMarkers;
import rekey.report.facts.AttemptHistory;
import rekey.report.facts.IngestionPause;
import rekey.report.facts.WholeStory;

/// Rows and lag over time, the held window marked; and the held window by itself. Of a cluster they are those of all
/// shards together.
public final class RunPlot {
    private static final int ROWS_HEIGHT = 270, LAG_HEIGHT = 170, HOLD_HEIGHT = 360;
    public static final int HEIGHT = ROWS_HEIGHT + LAG_HEIGHT;
    /// A hold of a second in a run of hours is to be seen: it is drawn at least so wide, as a share of the picture.
    private static final double NARROWEST = 0.006;
    /// Above the rows is room for the steps' names, where neither a line nor the held window crosses them.
    private static final double STRIP = 1.14;
    /// How wide half a letter of these names is, as a share of the picture.
    private static final double HALF_LETTER = 0.0046;
    private static final Set<String> MARKED = Set.of("backfill", "verify", "optimize");

    private final WholeStory story;
    private final List<IngestionPause> holds;
    private final Instant begun, last;
    private final Drawing.Unit unit;
    private final double end;

    /// @param holds of the same run
    public RunPlot(WholeStory story, List<IngestionPause> holds) {
        this.story = story;
        this.holds = holds.stream().filter(h -> h.until() != null).toList();
        begun = story.begun();
        // two seconds for the last sample, which comes behind the last step
        var over = story.worked().plusSeconds(2);
        last = over.isBefore(story.ended()) ? over : story.ended();
        unit = Drawing.Unit.of(Duration.between(begun, last));
        end = Math.max(unit.of(begun, last), 0.001);
    }

    /// Rows above, lag below, on one axis of time.
    public byte[] png() {
        return Drawing.png(List.of(rows(), lag()));
    }

    /// Whether there is anything to draw.
    public boolean drawable() {
        return story.points().stream().filter(p -> p.carried() != null).count() > 1;
    }

    private XYChart rows() {
        var chart = chart("Rows", ROWS_HEIGHT, "");
        double top = story.points().stream()
                        .mapToDouble(p -> Math.max(value(p.carried()), value(p.live())))
                        .max()
                        .orElse(1)
                * 1.15;
        band(chart, top, true);
        line(chart, "in the live table", AttemptHistory.Point::live, Drawing.GREY)
                .setLineStyle(Drawing.DASHES);
        line(chart, "carried and checked", AttemptHistory.Point::carried, Drawing.DARK)
                .setXYSeriesRenderStyle(XYSeriesRenderStyle.Step)
                .setLineStyle(Drawing.LINE);
        chart.getStyler()
                .setYAxisMin(0.0)
                .setYAxisMax(top * STRIP)
                .setXAxisTicksVisible(false)
                .setXAxisTitleVisible(false);
        steps(chart, top);
        return chart;
    }

    private XYChart lag() {
        var chart = chart(
                "Lag, messages",
                LAG_HEIGHT,
                unit.name() + " since " + begun.toString().substring(0, 19).replace('T', ' ') + " UTC");
        double top = Math.max(
                10,
                story.points().stream().mapToDouble(p -> value(p.lag())).max().orElse(0) * 1.15);
        band(chart, top, false);
        line(chart, "messages not yet in the table", AttemptHistory.Point::lag, Drawing.MIDDLE)
                .setLineStyle(Drawing.LINE);
        chart.getStyler().setYAxisMin(0.0).setYAxisMax(top).setLegendVisible(false);
        return chart;
    }

    private XYChart chart(String yTitle, int height, String xTitle) {
        var chart = new XYChartBuilder()
                .width(Drawing.WIDTH)
                .height(height)
                .yAxisTitle(yTitle)
                .xAxisTitle(xTitle)
                .build();
        Drawing.style(chart.getStyler());
        chart.getStyler()
                .setXAxisMin(0.0)
                .setXAxisMax(end)
                .setYAxisTickLabelsFormattingFunction(Drawing::amount)
                .setXAxisTickLabelsFormattingFunction(Drawing::amount)
                .setYAxisTickMarkSpacingHint(40)
                .setYAxisLeftWidthHint(92);
        return chart;
    }

    private XYSeries line(XYChart chart, String name, Function<AttemptHistory.Point, Long> value, Color color) {
        var x = new ArrayList<Double>();
        var y = new ArrayList<Double>();
        for (var p : story.points()) {
            if (value.apply(p) == null || p.at().isAfter(last)) continue;
            x.add(unit.of(begun, p.at()));
            y.add(value.apply(p).doubleValue());
        }
        if (x.isEmpty()) {
            x.add(0.0);
            y.add(0.0);
        }
        var series = chart.addSeries(name, x, y);
        series.setMarker(SeriesMarkers.NONE).setLineColor(color);
        return series;
    }

    private void band(XYChart chart, double top, boolean named) {
        int n = 0;
        for (var h : holds) {
            double from = unit.of(begun, h.since()), to = Math.max(unit.of(begun, h.until()), from + end * NARROWEST);
            var name = (n == 0 ? "ingestion held" : "held time " + (n + 1))
                    + (h.heldMs() == null ? "" : ", " + Drawing.amount(h.heldMs() / 1000.0) + " s");
            var band = chart.addSeries(name, new double[] {from, from, to, to}, new double[] {0, top, top, 0});
            filled(band, Drawing.LIGHT);
            band.setShowInLegend(named && n < 3);
            n++;
        }
    }

    private static void filled(XYSeries band, Color color) {
        band.setXYSeriesRenderStyle(XYSeriesRenderStyle.PolygonArea).setMarker(SeriesMarkers.NONE);
        band.setFillColor(color);
        band.setLineColor(color);
        band.setLineWidth(1);
    }

    private void steps(XYChart chart, double top) {
        for (var mark : marks()) {
            chart.addAnnotation(new AnnotationLine(mark.at, true, false));
            chart.addAnnotation(new AnnotationText(mark.step, mark.middle, top * (1 + STRIP) / 2, false));
        }
    }

    /// A step's line, and the middle of its name, on the axis of time.
    ///
    /// @param half how wide half of the name is
    record Mark(String step, double at, double middle, double half) {}

    /// Where the steps begin that take a while, the name to the right of the line, or to its left at the picture's
    /// end; a name that would stand upon another is left out.
    List<Mark> marks() {
        var out = new ArrayList<Mark>();
        double free = -end;
        for (var s : story.steps()) {
            double at = unit.of(begun, s.begun()),
                    half = end * HALF_LETTER * s.step().length(),
                    gap = end * 0.008;
            double middle = at + gap + 2 * half > end ? at - gap - half : at + gap + half;
            if (!MARKED.contains(s.step()) || middle - half < free) continue;
            out.add(new Mark(s.step(), at, middle, half));
            free = Math.max(at, middle + half) + gap;
        }
        return out;
    }

    /// The end of the axis.
    double end() {
        return end;
    }

    private static double value(Long n) {
        return n == null ? 0 : n;
    }

    // --- the hold by itself ---

    public static final int HELD_HEIGHT = HOLD_HEIGHT;

    /// The lag around the last hold, and what its time went into; null where the lag was not seen.
    public byte[] hold() {
        if (holds.isEmpty() || holds.getLast().shares().isEmpty()) return null;
        var hold = holds.getLast();
        var around = Duration.ofMillis(
                Math.max(1500, Duration.between(hold.since(), hold.until()).toMillis()));
        Instant from = hold.since().minus(around), to = hold.until().plus(around.multipliedBy(2));
        var points = story.points().stream()
                .filter(p -> p.lag() != null && p.at().isAfter(from.minus(around)) && p.at().isBefore(to))
                .toList();
        if (points.size() < 3) return null;
        var chart = new XYChartBuilder()
                .width(Drawing.WIDTH)
                .height(HOLD_HEIGHT)
                .title("Ingestion held" + (hold.heldMs() == null ? "" : ": " + hold.heldMs() + " ms"))
                .yAxisTitle("Kafka lag, messages")
                .xAxisTitle("ms since the first consumer's last batch")
                .build();
        Drawing.style(chart.getStyler());
        double top =
                Math.max(10, points.stream().mapToDouble(p -> p.lag()).max().orElse(1) * 1.15);
        Color[] fills = {
            new Color(0xF6D79A), new Color(0xE69F00), new Color(0xFBEBCB), new Color(0xB97A00), new Color(0x7A5200)
        };
        int n = 0;
        for (var share : hold.shares()) {
            double a = ms(hold, share.from()), b = ms(hold, share.to());
            var band = chart.addSeries(
                    share.what() + ", " + share.ms() + " ms", new double[] {a, a, b, b}, new double[] {0, top, top, 0});
            filled(band, fills[n++ % fills.length]);
        }
        var lag = chart.addSeries(
                "lag",
                points.stream().map(p -> ms(hold, p.at())).toList(),
                points.stream().map(AttemptHistory.Point::lag).toList());
        lag.setMarker(SeriesMarkers.CIRCLE)
                .setMarkerColor(Drawing.DARK)
                .setLineColor(Drawing.DARK)
                .setLineStyle(Drawing.LINE);
        chart.getStyler().setMarkerSize(5);
        chart.getStyler()
                .setXAxisMin(ms(hold, from))
                .setXAxisMax(ms(hold, to))
                .setYAxisMin(0.0)
                .setYAxisMax(top)
                .setYAxisTickLabelsFormattingFunction(Drawing::amount)
                .setXAxisTickLabelsFormattingFunction(v -> String.valueOf(Math.round(v)));
        return Drawing.png(List.of(chart));
    }

    private static double ms(IngestionPause hold, Instant at) {
        return Duration.between(hold.since(), at).toNanos() / 1e6;
    }
}
