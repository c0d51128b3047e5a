package rekey.report;

import java.util.List;

/// A text with tables and pictures, to be written as Markdown or as HTML.
public record Document(String title, List<Block> blocks) {

    public sealed interface Block permits Heading, Text, Points, Tiles, Grid, Code, Picture {}

    public record Heading(String text) implements Block {}

    /// A paragraph; `code` in backticks.
    public record Text(String text) implements Block {}

    /// A list with bullets.
    public record Points(List<String> items) implements Block {}

    /// A few figures that say most, side by side.
    public record Tiles(List<Tile> tiles) implements Block {}

    /// @param says what the figure is made of
    public record Tile(String name, String figure, String says) {}

    /// A table. Columns whose heading begins with `#` hold numbers and are set to the right; those with `$`,
    /// statements.
    ///
    /// @param folded whether it is long, and shown only when asked for
    public record Grid(List<String> columns, List<List<String>> rows, boolean folded) implements Block {
        static boolean number(String column) {
            return column.startsWith("#");
        }

        static boolean code(String column) {
            return column.startsWith("$");
        }

        static String heading(String column) {
            return number(column) || code(column) ? column.substring(1) : column;
        }
    }

    /// Statements as they can be pasted.
    public record Code(String sql) implements Block {}

    /// A picture.
    ///
    /// @param name of its file, without `.png`
    /// @param says what it shows, for those who can't see it
    /// @param png  its bytes, twice as large as it is shown
    public record Picture(String name, String says, byte[] png, int width, int height) implements Block {}
}
