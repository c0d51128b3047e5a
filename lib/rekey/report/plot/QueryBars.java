package rekey.report.plot;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.util.List;
import java.util.Locale;
import rekey.report.facts.QueryCosts;

/// Rows read by queries under the old and the new keys: all of them, each with its whole name above its two bars and
/// the figures behind them. Upright bars had room for every second name, and their figures stood upon each other.
///
/// @param costs a person's own queries come by number, as the text of one may be long
public record QueryBars(List<QueryCosts.Cost> costs) {
    private static final int TOP = 74, EACH = 52, BOTTOM = 12, LEFT = 20, NAME = 18, BAR = 11, BETWEEN = 2;
    /// Room behind the longest bar for its figures.
    private static final int FIGURES = 150;
    private static final Font TITLE = Drawing.font(Font.BOLD, 15), TEXT = Drawing.font(Font.PLAIN, 12);

    public int height() {
        return TOP + EACH * costs.size() + BOTTOM;
    }

    /// @return null where there is no query
    public byte[] png() {
        return costs.isEmpty() ? null : Drawing.png(height(), this::paint);
    }

    private void paint(Graphics2D g) {
        g.setColor(Drawing.INK);
        g.setFont(TITLE);
        g.drawString("Rows that a query reads, by what it filters on", LEFT, 28);
        g.setFont(TEXT);
        named(g, "old keys", Drawing.PALE, LEFT);
        named(g, "new keys", Drawing.DARK, LEFT + 110);
        double most = Math.max(
                1,
                costs.stream()
                        .mapToLong(c -> Math.max(c.rowsBefore(), c.rowsAfter()))
                        .max()
                        .orElse(1));
        double wide = Drawing.WIDTH - LEFT - FIGURES;
        for (int i = 0; i < costs.size(); i++) {
            var cost = costs.get(i);
            double y = TOP + i * EACH;
            g.setColor(Drawing.INK);
            g.drawString(fitting(g, name(cost, i + 1)), LEFT, (float) y + NAME - 6);
            bar(g, y + NAME, wide * cost.rowsBefore() / most, Drawing.PALE, Drawing.amount(cost.rowsBefore()));
            bar(
                    g,
                    y + NAME + BAR + BETWEEN,
                    wide * cost.rowsAfter() / most,
                    Drawing.DARK,
                    Drawing.amount(cost.rowsAfter()) + share(cost));
        }
    }

    private static void named(Graphics2D g, String name, Color color, int x) {
        Legend.box(g, color, x, 49);
        g.setColor(Drawing.INK);
        g.drawString(name, x + 36, 53);
    }

    private static void bar(Graphics2D g, double y, double width, Color color, String figure) {
        g.setColor(color);
        g.fill(new Rectangle2D.Double(LEFT, y, Math.max(1, width), BAR));
        g.setColor(Drawing.INK);
        g.drawString(figure, (float) (LEFT + width + 6), (float) y + BAR - 1);
    }

    private static String share(QueryCosts.Cost c) {
        double percent = 100.0 * c.rowsAfter() / Math.max(1, c.rowsBefore());
        return c.rowsBefore() == 0
                ? ""
                : String.format(Locale.ROOT, percent < 100 ? "  (%.1f %%)" : "  (%.0f %%)", percent);
    }

    private static String name(QueryCosts.Cost cost, int number) {
        return cost.msBefore() == null ? cost.name() : "query " + number + ": " + cost.name();
    }

    private static String fitting(Graphics2D g, String name) {
        int room = Drawing.WIDTH - 2 * LEFT;
        if (g.getFontMetrics().stringWidth(name) <= room) return name;
        var out = name;
        while (g.getFontMetrics().stringWidth(out + "…") > room) out = out.substring(0, out.length() - 1);
        return out + "…";
    }
}
