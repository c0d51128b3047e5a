package rekey.report.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import javax.imageio.ImageIO;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;

/// How rekey's plots look, and how they become a PNG. Colours differ in brightness as well, lines in dashes and
/// markers, so that a plot can be read in greyscale.
public final class Drawing {
    public static final int WIDTH = 800;
    /// A PNG has so many pixels for each of the picture's, for screens that show them and for paper.
    private static final int SCALE = 2;

    static final Color DARK = new Color(0x17406F),
            LIGHT = new Color(0xE69F00),
            MIDDLE = new Color(0x2F8F7F),
            PALE = new Color(0xD5DDE6),
            INK = new Color(0x22272E),
            GREY = new Color(0x7A828C);
    static final BasicStroke LINE = new BasicStroke(2.2f), DASHES = dashed(2f, 7, 5), DOTS = dashed(2f, 2, 4);

    static {
        System.setProperty("java.awt.headless", "true");
    }

    private Drawing() {}

    private static BasicStroke dashed(float width, float... pattern) {
        return new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, pattern, 0);
    }

    static void style(AxesChartStyler s) {
        s.setChartBackgroundColor(Color.WHITE)
                .setPlotBackgroundColor(Color.WHITE)
                .setChartFontColor(INK)
                .setPlotBorderVisible(false)
                .setChartTitleFont(font(Font.BOLD, 15))
                .setChartTitleBoxVisible(false)
                .setChartTitlePadding(6)
                .setChartPadding(8)
                .setAnnotationTextFont(font(Font.PLAIN, 12))
                .setAnnotationTextFontColor(INK)
                .setAnnotationLineColor(GREY)
                .setAnnotationLineStroke(dashed(1f, 3, 3))
                .setAntiAlias(true)
                .setLocale(Locale.ROOT);
        s.setAxisTitleFont(font(Font.PLAIN, 13))
                .setAxisTickLabelsFont(font(Font.PLAIN, 12))
                .setAxisTickLabelsColor(INK)
                .setPlotGridLinesColor(new Color(0xE3E7EB))
                .setPlotGridLinesStroke(new BasicStroke(1))
                .setPlotGridVerticalLinesVisible(false)
                .setAxisTickMarksColor(GREY)
                .setAxisTitlePadding(6);
    }

    static Font font(int style, int size) {
        return new Font(Font.SANS_SERIF, style, size);
    }

    /// One chart below the other, each with its own height, of which its legend takes what it needs.
    static byte[] png(List<? extends Chart<?, ?>> charts) {
        return png(charts.stream().mapToInt(Chart::getHeight).sum(), g -> {
            for (var chart : charts) {
                var legend = Legend.of(chart);
                // a chart has the height afterwards that it was painted in
                int below = legend.height(g), above = chart.getHeight() - below;
                chart.getStyler().setLegendVisible(false);
                chart.paint(g, WIDTH, above);
                g.translate(0, above);
                legend.paint(g);
                g.translate(0, below);
            }
        });
    }

    /// On a white sheet.
    static byte[] png(int height, Consumer<Graphics2D> drawing) {
        var image = new BufferedImage(WIDTH * SCALE, height * SCALE, BufferedImage.TYPE_INT_RGB);
        var g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        g.scale(SCALE, SCALE);
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, WIDTH, height);
        drawing.accept(g);
        g.dispose();
        var out = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /// `950`, `12.5 k`, `3.1 M`, `2 G`.
    public static String amount(double n) {
        String[] units = {"", " k", " M", " G", " T"};
        int unit = 0;
        for (; Math.abs(n) >= 1000 && unit < units.length - 1; unit++) n /= 1000;
        var digits = n == Math.rint(n) || n >= 100
                ? String.format(Locale.ROOT, "%.0f", n)
                : String.format(Locale.ROOT, n < 10 && unit == 0 ? "%.2g" : "%.1f", n);
        return digits.replaceFirst("(\\.\\d*?)0+$", "$1").replaceFirst("\\.$", "") + units[unit];
    }

    /// The unit in which a stretch of time has a handful of ticks.
    record Unit(String name, double seconds) {
        static Unit of(Duration stretch) {
            long s = stretch.toSeconds();
            return s < 180
                    ? new Unit("s", 1)
                    : s < 3 * 3600
                            ? new Unit("min", 60)
                            : s < 3 * 86400 ? new Unit("h", 3600) : new Unit("days", 86400);
        }

        double of(java.time.Instant from, java.time.Instant at) {
            return Duration.between(from, at).toMillis() / 1000.0 / seconds;
        }
    }
}
