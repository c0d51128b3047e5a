package rekey.look;

import java.util.ArrayList;
import java.util.List;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Sql;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.session.Session;
import rekey.sheet.Grid;
import rekey.sheet.Secrets;
import rekey.sheet.Sheet;
import rekey.sheet.TextWidth;
import rekey.step.Position;

/// Two definitions side by side, line by line.
///
/// @param left  what stands on the left side, such as `source db.events`
/// @param right what stands on the right
/// @param pairs the lines that belong together; null where the other side has none
public record Diff(String left, String right, List<Pair> pairs) {

    /// A line of each side.
    public record Pair(String left, String right) {
        public boolean same() {
            return left != null && left.equals(right);
        }

        /// As `diff --side-by-side` marks it.
        String mark() {
            return same() ? "" : left == null ? ">" : right == null ? "<" : "|";
        }
    }

    /// The old definition and the new: source and target while it is filled, or the target as it would be made;
    /// after the swap the backup and the live table.
    public static Diff of(Session session) {
        var catalog = session.catalog();
        var rewrite = session.rewrite();
        return switch (Position.of(session)) {
            case Position.Swapped s ->
                of(session.server(), "backup", catalog.table(s.backup()), "live", catalog.table(rewrite.source()));
            case Position.Exchanged e ->
                of(
                        session.server(),
                        "displaced",
                        catalog.table(e.displaced()),
                        "live",
                        catalog.table(rewrite.source()));
            case Position.Created c ->
                of(session.server(), "source", session.source(), "target", catalog.table(c.target()));
            case Position.NotBegun n -> planned(session);
            case Position.Finalized f -> planned(session);
        };
    }

    private static Diff planned(Session session) {
        var source = session.source();
        var target = Ddl.target(
                        source,
                        session.rewrite().target(),
                        session.keys(source),
                        session.rewrite().engine())
                .getFirst();
        return new Diff(
                "source " + source.name(),
                "target, as it would be made",
                compared(formatted(session.server(), source.definition()), formatted(session.server(), target)));
    }

    /// Of any two tables.
    public static Diff of(ClickHouse server, TableName left, TableName right) {
        return of(server, "", new Catalog(server).table(left), "", new Catalog(server).table(right));
    }

    private static Diff of(ClickHouse server, String left, Table a, String right, Table b) {
        return new Diff(
                (left + " " + a.name()).strip(),
                (right + " " + b.name()).strip(),
                compared(formatted(server, a.definition()), formatted(server, b.definition())));
    }

    /// A line for each column and clause; the name is left out, for it always differs.
    private static List<String> formatted(ClickHouse server, String definition) {
        var text = server.one("SELECT formatQuery(" + Sql.text(definition) + ") AS q")
                .string("q");
        return Secrets.hidden(text).lines().skip(1).toList();
    }

    public boolean same() {
        return pairs.stream().allMatch(Pair::same);
    }

    /// For a screen of that many columns: long lines go on below, and nothing is cut.
    ///
    /// @param all whether lines that are alike are shown, too
    public Sheet sheet(int width, boolean all) {
        int half = Math.max(20, (width - 5) / 2);
        var rows = new ArrayList<List<Object>>();
        for (var p : pairs) {
            if (!all && p.same()) continue;
            var l = cut(p.left, half);
            var r = cut(p.right, half);
            for (int i = 0; i < Math.max(l.size(), r.size()); i++)
                rows.add(List.of(i < l.size() ? l.get(i) : "", p.mark(), i < r.size() ? r.get(i) : ""));
        }
        var grid = new Grid(
                "",
                List.of(
                        new Grid.Column(left, Grid.Kind.TEXT),
                        new Grid.Column(" ", Grid.Kind.TEXT),
                        new Grid.Column(right, Grid.Kind.TEXT)),
                rows,
                List.of(),
                false);
        long differ = pairs.stream().filter(p -> !p.same()).count();
        return Sheet.of(
                "The definitions are the same.",
                same()
                        ? grid.noting("The definitions are the same.")
                        : grid.noting(differ + (differ == 1 ? " line differs." : " lines differ.")));
    }

    private static List<String> cut(String line, int width) {
        var out = new ArrayList<String>();
        if (line == null) return out;
        var rest = line;
        while (TextWidth.width(rest) > width) {
            int end = rest.offsetByCodePoints(0, Math.min(width, rest.codePointCount(0, rest.length())));
            while (TextWidth.width(rest.substring(0, end)) > width) end = rest.offsetByCodePoints(end, -1);
            int space = rest.lastIndexOf(' ', end - 1);
            if (space > end / 2) end = space + 1;
            out.add(rest.substring(0, end));
            rest = "      " + rest.substring(end);
        }
        out.add(rest);
        return out;
    }

    /// The longest common lines stay beside each other; between them the lines are paired in their order.
    static List<Pair> compared(List<String> a, List<String> b) {
        int[][] common = new int[a.size() + 1][b.size() + 1];
        for (int i = a.size() - 1; i >= 0; i--)
            for (int j = b.size() - 1; j >= 0; j--)
                common[i][j] = bare(a.get(i)).equals(bare(b.get(j)))
                        ? common[i + 1][j + 1] + 1
                        : Math.max(common[i + 1][j], common[i][j + 1]);
        var out = new ArrayList<Pair>();
        var left = new ArrayList<String>();
        var right = new ArrayList<String>();
        int i = 0, j = 0;
        while (i < a.size() || j < b.size()) {
            if (i < a.size() && j < b.size() && bare(a.get(i)).equals(bare(b.get(j)))) {
                pair(left, right, out);
                out.add(new Pair(bare(a.get(i++)), bare(b.get(j++))));
            } else if (j == b.size() || i < a.size() && common[i + 1][j] >= common[i][j + 1]) left.add(a.get(i++));
            else right.add(b.get(j++));
        }
        pair(left, right, out);
        return out;
    }

    /// A column's line ends in a comma unless it is the last.
    private static String bare(String line) {
        return line.endsWith(",") ? line.substring(0, line.length() - 1) : line;
    }

    private static void pair(List<String> left, List<String> right, List<Pair> out) {
        for (int k = 0; k < Math.max(left.size(), right.size()); k++)
            out.add(new Pair(k < left.size() ? bare(left.get(k)) : null, k < right.size() ? bare(right.get(k)) : null));
        left.clear();
        right.clear();
    }
}
