package rekey.report.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.internal.chartpart.RenderableSeries.LegendRenderType;
import org.knowm.xchart.internal.series.AxesChartSeries;
import org.knowm.xchart.internal.series.MarkerSeries;
import org.knowm.xchart.internal.series.Series;

/// The names of a chart's series in rows below it. XChart's own set a name against the next one's line, and the
/// names of boxes lower than those of lines.
record Legend(List<? extends Series> series) {
    private static final Font FONT = Drawing.font(Font.PLAIN, 13);
    private static final int ROW = 24, MARK = 28, BESIDE = 8, BETWEEN = 26, MARGIN = 20, POINT = 8;

    /// Nothing of a chart that shows none.
    static Legend of(Chart<?, ?> chart) {
        Collection<? extends Series> all =
                chart.getStyler().isLegendVisible() ? chart.getSeriesCollection() : List.of();
        return new Legend(all.stream().filter(Series::isShowInLegend).toList());
    }

    int height(Graphics2D g) {
        return rows(g).size() * ROW;
    }

    /// Each row in the middle of the picture.
    void paint(Graphics2D g) {
        double y = ROW / 2.0;
        for (var row : rows(g)) {
            double x =
                    (Drawing.WIDTH - row.stream().mapToDouble(s -> width(g, s)).sum() - BETWEEN * (row.size() - 1))
                            / 2.0;
            for (var one : row) {
                mark(g, one, x, y);
                g.setColor(Drawing.INK);
                g.setFont(FONT);
                var metrics = g.getFontMetrics();
                g.drawString(one.getName(), (float) (x + MARK + BESIDE), (float)
                        (y + (metrics.getAscent() - metrics.getDescent()) / 2.0));
                x += width(g, one) + BETWEEN;
            }
            y += ROW;
        }
    }

    private List<List<Series>> rows(Graphics2D g) {
        var out = new ArrayList<List<Series>>();
        double used = Double.MAX_VALUE;
        for (var one : series) {
            if (used + BETWEEN + width(g, one) > Drawing.WIDTH - 2 * MARGIN) {
                out.add(new ArrayList<>());
                used = -BETWEEN;
            }
            out.getLast().add(one);
            used += BETWEEN + width(g, one);
        }
        return out;
    }

    private static double width(Graphics2D g, Series one) {
        return MARK + BESIDE + g.getFontMetrics(FONT).stringWidth(one.getName());
    }

    private static void mark(Graphics2D g, Series one, double x, double y) {
        var bars = List.of(LegendRenderType.Box, LegendRenderType.BoxNoOutline).contains(one.getLegendRenderType());
        if (bars || !(one instanceof AxesChartSeries line)) {
            box(g, one.getFillColor(), x, y);
            return;
        }
        g.setColor(line.getLineColor());
        g.setStroke(line.getLineStyle() == null ? new BasicStroke(line.getLineWidth()) : line.getLineStyle());
        g.draw(new Line2D.Double(x, y, x + MARK, y));
        if (line instanceof MarkerSeries marked && marked.getMarker() != null) {
            g.setColor(marked.getMarkerColor());
            marked.getMarker().paint(g, x + MARK / 2.0, y, POINT);
        }
    }

    /// As [QueryBars] has it too.
    static void box(Graphics2D g, Color color, double x, double y) {
        g.setColor(color);
        g.fill(new Rectangle2D.Double(x + MARK / 4.0, y - MARK / 4.0, MARK / 2.0 + MARK / 4.0, MARK / 2.0));
    }
}
