package rekey.look;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jline.utils.WCWidth;
import rekey.clickhouse.Row;
import rekey.run.Amounts;

/// A table of values with a name: what an inspection has seen. The values stay what they are (text, whole numbers, null
/// where nothing is known); how each is shown follows from its column.
///
/// @param title what it is about, as a heading; may be empty
/// @param notes sentences that belong under it
/// @param upright whether a value stands on a line of its own, as the facts of one thing read best
public record Grid(String title, List<Column> columns, List<List<Object>> rows, List<String> notes, boolean upright) {
    /// Between two columns.
    private static final String GAP = "  ";
    /// A text is cut to no less than this where a line is too long.
    private static final int SHORTEST = 10;

    /// How the values of a column are shown. Amounts stand at the right, text at the left.
    public enum Kind { TEXT, COUNT, BYTES, SECONDS, MILLIS, PERCENT, FLAG }

    /// @param name as a person and a JSON key have it: lower case, spaces between words
    public record Column(String name, Kind kind) {
        boolean right() {
            return kind != Kind.TEXT && kind != Kind.FLAG;
        }

        /// A value from its text in an answer.
        Object value(Object answered) {
            if (answered == null) return null;
            var text = answered.toString();
            return switch (kind) {
                case TEXT -> text;
                case FLAG -> text.equals("1") || text.equals("true");
                case COUNT, BYTES, MILLIS, PERCENT -> text.isEmpty() ? null : (Object) new BigDecimal(text).longValue();
                case SECONDS -> text.isEmpty() ? null : (Object) Double.valueOf(text);
            };
        }

        /// A value as a person reads it; what is not known is empty.
        String text(Object value) {
            return switch (kind) {
                case TEXT -> value == null ? "" : printable(value.toString());
                case FLAG -> Boolean.TRUE.equals(value) ? "yes" : "";
                case COUNT -> value == null ? "" : Amounts.rows(((Number) value).longValue());
                case BYTES -> value == null ? "" : Amounts.bytes(((Number) value).longValue());
                case PERCENT -> value == null ? "" : ((Number) value).longValue() + "%";
                case MILLIS -> value == null ? "" : Amounts.time(Duration.ofMillis(((Number) value).longValue()));
                case SECONDS -> seconds(value);
            };
        }

        private static String seconds(Object value) {
            if (value == null || value instanceof Double d && d.isNaN()) return "";
            double s = ((Number) value).doubleValue();
            return s > 100 * 365 * 86400.0 ? "ever" : Amounts.time(Duration.ofMillis(Math.round(s * 1000)));
        }
    }

    public Grid {
        columns = List.copyOf(columns);
        rows = rows.stream().map(r -> Collections.unmodifiableList(new ArrayList<>(r))).toList();
        notes = List.copyOf(notes);
    }

    /// An empty one.
    ///
    /// @param columns a name each, behind which `#` makes it a count, `:bytes`, `:seconds`, `:millis`, `:percent` and
    ///                `:flag` the kind named
    public static Grid of(String title, String... columns) {
        return new Grid(title, Arrays.stream(columns).map(Grid::column).toList(), List.of(), List.of(), false);
    }

    private static Column column(String text) {
        if (text.endsWith("#")) return new Column(text.substring(0, text.length() - 1), Kind.COUNT);
        int colon = text.indexOf(':');
        return colon < 0 ? new Column(text, Kind.TEXT) : new Column(text.substring(0, colon), Kind.valueOf(text.substring(colon + 1).toUpperCase()));
    }

    public Grid with(List<List<Object>> all) {
        return new Grid(title, columns, all, notes, upright);
    }

    /// With the rows of an answer, whose columns stand in the same order as this one's.
    public Grid from(List<Row> answer) {
        return with(answer.stream().map(r -> {
            var values = new ArrayList<>(r.values().values());
            return IntStream.range(0, columns.size()).mapToObj(i -> columns.get(i).value(values.get(i))).toList();
        }).toList());
    }

    /// One more sentence under it.
    public Grid noting(String sentence) {
        var all = new ArrayList<>(notes);
        all.add(sentence);
        return new Grid(title, columns, rows, all, upright);
    }

    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /// A value by its row, from 0, and its column's name.
    public Object value(int row, String column) {
        return rows.get(row).get(index(column));
    }

    /// All values of a column as a person reads them.
    public List<String> texts(String column) {
        int i = index(column);
        return rows.stream().map(r -> columns.get(i).text(r.get(i))).toList();
    }

    /// The first row whose column reads so.
    public Optional<Map<String, Object>> find(String column, String text) {
        int i = index(column);
        return rows.stream().filter(r -> columns.get(i).text(r.get(i)).equals(text)).findFirst().map(this::named);
    }

    private int index(String column) {
        return IntStream.range(0, columns.size()).filter(i -> columns.get(i).name.equals(column)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no column " + column + " among " + columns.stream().map(Column::name).toList()));
    }

    /// A row by its columns' names.
    Map<String, Object> named(List<Object> row) {
        var out = new LinkedHashMap<String, Object>();
        for (int i = 0; i < columns.size(); i++) out.put(columns.get(i).name, row.get(i));
        return out;
    }

    // --- as text ---

    /// With a line a row, none longer than the width: the longest texts lose their middles, for names of rekey's tables
    /// differ at both ends. Where even that is not enough, as [#vertical].
    public String text(int width) {
        if (upright) return vertical(width);
        var cells = new ArrayList<List<String>>();
        cells.add(columns.stream().map(Column::name).toList());
        for (var r : rows) cells.add(IntStream.range(0, columns.size()).mapToObj(i -> columns.get(i).text(r.get(i))).toList());
        int[] widths = IntStream.range(0, columns.size()).map(i -> cells.stream().mapToInt(r -> width(r.get(i))).max().orElse(0)).toArray();
        fit(widths, width - GAP.length() * (columns.size() - 1));
        if (columns.size() > 1 && Arrays.stream(widths).sum() + GAP.length() * (columns.size() - 1) > width) return vertical(width);
        return cells.stream().map(r -> line(r, widths)).collect(Collectors.joining("\n"));
    }

    private String line(List<String> row, int[] widths) {
        return IntStream.range(0, row.size()).mapToObj(i -> padded(shortened(row.get(i), widths[i]), widths[i], columns.get(i).right()))
                .collect(Collectors.joining(GAP)).stripTrailing();
    }

    /// Takes from the widest text, one cell after another, until all fit or no text is left to shorten.
    private void fit(int[] widths, int room) {
        for (int over = Arrays.stream(widths).sum() - room; over > 0; over--) {
            int widest = -1;
            for (int i = 0; i < widths.length; i++)
                if (!columns.get(i).right() && widths[i] > SHORTEST && (widest < 0 || widths[i] >= widths[widest])) widest = i;
            if (widest < 0) return;
            widths[widest]--;
        }
    }

    /// With a line a value, nothing cut: for wide rows, as `\G` shows them.
    public String vertical(int width) {
        int name = columns.stream().mapToInt(c -> width(c.name)).max().orElse(0);
        var out = new ArrayList<String>();
        for (int n = 0; n < rows.size(); n++) {
            if (rows.size() > 1) out.add("-- " + (n + 1) + " " + "-".repeat(Math.max(0, Math.min(width, 40) - 4 - String.valueOf(n + 1).length())));
            for (int i = 0; i < columns.size(); i++) {
                var text = columns.get(i).text(rows.get(n).get(i));
                if (!text.isEmpty()) out.add(padded(columns.get(i).name, name, false) + GAP + wrapped(text, name + GAP.length(), width));
            }
        }
        return String.join("\n", out);
    }

    // --- words and their widths on a screen ---

    /// Broken at spaces, the further lines indented.
    static String wrapped(String text, int indent, int width) {
        var out = new StringBuilder();
        int column = indent;
        for (var word : text.split(" ")) {
            if (column > indent && column + 1 + width(word) > width) {
                out.append('\n').append(" ".repeat(indent));
                column = indent;
            } else if (column > indent) {
                out.append(' ');
                column++;
            }
            out.append(word);
            column += width(word);
        }
        return out.toString();
    }

    /// Without what would move the cursor or colour the screen.
    static String printable(String text) {
        return text.codePoints().mapToObj(c -> switch (c) {
            case '\n' -> "\\n";
            case '\t' -> "\\t";
            case '\r' -> "\\r";
            default -> Character.isISOControl(c) ? "\\x%02x".formatted(c) : Character.toString(c);
        }).collect(Collectors.joining());
    }

    static String count(long n) {
        return Amounts.rows(n);
    }

    static String seconds(long n) {
        return Amounts.time(Duration.ofSeconds(n));
    }

    static String bytes(long n) {
        return Amounts.bytes(n);
    }

    static int width(String text) {
        return text.codePoints().map(c -> Math.max(0, WCWidth.wcwidth(c))).sum();
    }

    /// With its middle taken out where it is too long.
    static String shortened(String text, int width) {
        if (width(text) <= width) return text;
        int[] points = text.codePoints().toArray();
        int end = points.length, begin = 0, left = 0, right = 0;
        while (begin < end) {
            boolean front = left <= right;
            int w = Math.max(0, WCWidth.wcwidth(front ? points[begin] : points[end - 1]));
            if (left + right + w > width - 1) break;
            if (front) { left += w; begin++; } else { right += w; end--; }
        }
        return new String(points, 0, begin) + "…" + new String(points, end, points.length - end);
    }

    static String padded(String text, int width, boolean right) {
        var space = " ".repeat(Math.max(0, width - width(text)));
        return right ? space + text : text + space;
    }
}
