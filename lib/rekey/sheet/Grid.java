package rekey.sheet;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import rekey.clickhouse.Row;
import rekey.model.Amounts;

/// A table of values with a name: what an inspection has seen. The values stay what they are (text, whole numbers,
/// null where nothing is known); how each is shown follows from its column.
///
/// @param title what it is about, as a heading; may be empty
/// @param notes sentences that belong under it
/// @param upright whether a value stands on a line of its own, as the facts of one thing read best
public record Grid(String title, List<Column> columns, List<List<Object>> rows, List<String> notes, boolean upright) {
    /// How the values of a column are shown. Amounts stand at the right, text at the left. A name (TEXT) that is too
    /// long loses its middle, for names of rekey's tables differ at both ends; PROSE goes on below, and loses its
    /// end; of an ID that is a UUID a grid shows what suffices to name it.
    public enum Kind {
        TEXT,
        PROSE,
        ID,
        COUNT,
        BYTES,
        SECONDS,
        MILLIS,
        PERCENT,
        FLAG
    }

    /// @param name as a person and a JSON key have it: lower case, spaces between words
    public record Column(String name, Kind kind) {
        boolean right() {
            return kind.compareTo(Kind.COUNT) >= 0 && kind != Kind.FLAG;
        }

        /// A value from its text in an answer.
        Object value(Object answered) {
            if (answered == null) return null;
            var text = answered.toString();
            return switch (kind) {
                case TEXT, PROSE, ID -> text;
                case FLAG -> text.equals("1") || text.equals("true");
                case COUNT, BYTES, MILLIS, PERCENT -> text.isEmpty() ? null : (Object) new BigDecimal(text).longValue();
                case SECONDS -> text.isEmpty() ? null : (Object) Double.valueOf(text);
            };
        }

        /// A value as a person reads it; what is not known is empty.
        String text(Object value) {
            return switch (kind) {
                case TEXT, PROSE, ID -> value == null ? "" : TextWidth.printable(value.toString());
                case FLAG -> Boolean.TRUE.equals(value) ? "yes" : "";
                case COUNT -> value == null ? "" : Amounts.rows(((Number) value).longValue());
                case BYTES -> value == null ? "" : Amounts.bytes(((Number) value).longValue());
                case PERCENT -> value == null ? "" : ((Number) value).longValue() + "%";
                case MILLIS -> value == null ? "" : Amounts.time(Duration.ofMillis(((Number) value).longValue()));
                case SECONDS -> seconds(value);
            };
        }

        /// Of an ID what suffices.
        String brief(Object value) {
            var text = text(value);
            return kind == Kind.ID && text.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
                    ? text.substring(0, 8)
                    : text;
        }

        private static String seconds(Object value) {
            if (value == null || value instanceof Double d && d.isNaN()) return "";
            double s = ((Number) value).doubleValue();
            return s > 100 * 365 * 86400.0 ? "ever" : Amounts.time(Duration.ofMillis(Math.round(s * 1000)));
        }
    }

    public Grid {
        columns = List.copyOf(columns);
        rows = rows.stream()
                .map(r -> Collections.unmodifiableList(new ArrayList<>(r)))
                .toList();
        notes = List.copyOf(notes);
    }

    /// An empty one.
    ///
    /// @param columns a name each, behind which `#` makes it a count, `:bytes`, `:seconds`, `:millis`, `:percent`
    ///                and `:flag` the kind named
    public static Grid of(String title, String... columns) {
        return new Grid(title, Arrays.stream(columns).map(Grid::column).toList(), List.of(), List.of(), false);
    }

    private static Column column(String text) {
        if (text.endsWith("#")) return new Column(text.substring(0, text.length() - 1), Kind.COUNT);
        int colon = text.indexOf(':');
        return colon < 0
                ? new Column(text, Kind.TEXT)
                : new Column(
                        text.substring(0, colon),
                        Kind.valueOf(text.substring(colon + 1).toUpperCase()));
    }

    public Grid with(List<List<Object>> all) {
        return new Grid(title, columns, all, notes, upright);
    }

    /// With the rows of an answer, whose columns stand in the same order as this one's.
    public Grid from(List<Row> answer) {
        return with(answer.stream()
                .map(r -> {
                    var values = new ArrayList<>(r.values().values());
                    return IntStream.range(0, columns.size())
                            .mapToObj(i -> columns.get(i).value(values.get(i)))
                            .toList();
                })
                .toList());
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
        return rows.stream()
                .filter(r -> columns.get(i).text(r.get(i)).equals(text))
                .findFirst()
                .map(this::named);
    }

    private int index(String column) {
        return IntStream.range(0, columns.size())
                .filter(i -> columns.get(i).name.equals(column))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no column " + column + " among "
                        + columns.stream().map(Column::name).toList()));
    }

    /// A row by its columns' names.
    Map<String, Object> named(List<Object> row) {
        var out = new LinkedHashMap<String, Object>();
        for (int i = 0; i < columns.size(); i++) out.put(columns.get(i).name, row.get(i));
        return out;
    }

    // --- as text ---

    /// With a line a row, none longer than the width. Columns without any value are left out; sentences go on below
    /// where there is too little room beside the rest. Where even that is not enough, a value a line, each
    /// shortened to two.
    public String text(int width) {
        return upright ? vertical(width) : new GridText(this, width).rows();
    }

    /// With a line a value, nothing cut: for wide rows, as `\G` shows them.
    public String vertical(int width) {
        return new GridText(this, width).upright(Integer.MAX_VALUE);
    }
}
