package rekey.sheet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jline.utils.WCWidth;
import rekey.model.Amounts;

/// Text as it takes room on a screen.
public final class TextWidth {
    private TextWidth() {}

    /// Each line that is too long broken at spaces, what follows as far in as it began.
    public static String fitted(String text, int width) {
        return text.lines()
                .map(line -> {
                    int indent = line.length() - line.stripLeading().length();
                    return width(line) <= width ? line : " ".repeat(indent) + wrapped(line.strip(), indent, width);
                })
                .collect(Collectors.joining("\n"));
    }

    /// Broken at spaces, and within what is wider than the screen, the further lines indented.
    public static String wrapped(String text, int indent, int width) {
        return broken(text, indent, width, true);
    }

    /// Broken at spaces, the further lines indented; a name or an address that is too long stays whole, to be
    /// copied.
    public static String brokenAtSpaces(String text, int indent, int width) {
        return broken(text, indent, width, false);
    }

    private static String broken(String text, int indent, int width, boolean within) {
        var out = new StringBuilder();
        int column = indent;
        for (var word : text.split(" ")) {
            for (var next = cut(word, width - indent);
                    within && column == indent && !next.equals(word);
                    next = cut(word, width - indent)) {
                int taken = next.length() - 1;
                if (taken < 1) break;
                out.append(word, 0, taken).append('\n').append(" ".repeat(indent));
                word = word.substring(taken);
            }
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

    /// Broken at spaces into no more than some lines, the last cut where there would be more.
    public static List<String> block(String text, int width, int lines) {
        var all = wrapped(text, 0, width).lines().toList();
        if (all.size() <= lines) return all.isEmpty() ? List.of("") : all;
        var kept = new ArrayList<>(all.subList(0, lines));
        var last = kept.removeLast();
        kept.add(cut(last, width - 1).replaceFirst("…$", "") + "…");
        return kept;
    }

    /// The first lines, and how many there are besides; all where the number is not positive.
    public static String head(String text, int lines) {
        var all = text.lines().toList();
        return lines <= 0 || all.size() <= lines
                ? text
                : String.join("\n", all.subList(0, lines)) + "\n... and "
                        + Amounts.count(all.size() - lines, "more line");
    }

    /// Without what would move the cursor or colour the screen.
    public static String printable(String text) {
        return text.codePoints()
                .mapToObj(c -> switch (c) {
                    case '\n' -> "\\n";
                    case '\t' -> "\\t";
                    case '\r' -> "\\r";
                    default -> Character.isISOControl(c) ? "\\x%02x".formatted(c) : Character.toString(c);
                })
                .collect(Collectors.joining());
    }

    public static String seconds(long n) {
        return Amounts.time(Duration.ofSeconds(n));
    }

    public static int width(String text) {
        return text.codePoints().map(c -> Math.max(0, WCWidth.wcwidth(c))).sum();
    }

    /// With its middle taken out where it is too long.
    public static String shortened(String text, int width) {
        if (width(text) <= width) return text;
        int[] points = text.codePoints().toArray();
        int end = points.length, begin = 0, left = 0, right = 0;
        while (begin < end) {
            boolean front = left <= right;
            int w = Math.max(0, WCWidth.wcwidth(front ? points[begin] : points[end - 1]));
            if (left + right + w > width - 1) break;
            if (front) {
                left += w;
                begin++;
            } else {
                right += w;
                end--;
            }
        }
        return new String(points, 0, begin) + "…" + new String(points, end, points.length - end);
    }

    public static String padded(String text, int width, boolean right) {
        var space = " ".repeat(Math.max(0, width - width(text)));
        return right ? space + text : text + space;
    }

    /// Without its end where it is too long.
    public static String cut(String text, int width) {
        if (width(text) <= width) return text;
        int end = 0, w = 0;
        while (end < text.length() && w + Math.max(0, WCWidth.wcwidth(text.codePointAt(end))) <= width - 1) {
            w += Math.max(0, WCWidth.wcwidth(text.codePointAt(end)));
            end += Character.charCount(text.codePointAt(end));
        }
        return text.substring(0, end) + "…";
    }
}
