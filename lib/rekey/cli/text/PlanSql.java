package rekey.cli.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import rekey.run.Plan;
import rekey.sheet.TextWidth;

/// The statements of a plan, as they can be pasted into clickhouse-client: each once, broken where the terminal
/// ends.
public final class PlanSql {
    private PlanSql() {}

    /// Of all steps.
    public static String of(Plan p, int width) {
        var seen = new LinkedHashMap<String, String>();
        var out = new ArrayList<String>();
        int n = 0;
        for (var step : p.steps())
            out.add((n == 0 ? "" : "\n") + "-- " + ++n + " "
                    + Texts.wrapped(step.name() + ": " + step.says(), 0, width - 6)
                            .replace("\n", "\n-- ") + "\n"
                    + statements(step, seen, width, 0));
        return String.join("\n", out);
    }

    /// Of one step, indented under what it does.
    public static String of(Plan.Part step, int width) {
        var all = statements(step, new LinkedHashMap<>(), width, 3);
        return Texts.wrapped(step.name() + ": " + step.says(), 3, width) + (all.isEmpty() ? "" : "\n" + all);
    }

    private static String statements(Plan.Part step, Map<String, String> seen, int width, int indent) {
        var out = new ArrayList<String>();
        add(out, step.sql(), step.name(), seen, width - indent);
        if (!step.undo().isEmpty()) out.add("-- undo");
        add(out, step.undo(), "undo of " + step.name(), seen, width - indent);
        return String.join("\n", out).indent(indent).stripTrailing();
    }

    /// A round's statements come again and again, in other steps too: of one that was shown its beginning is enough.
    private static void add(List<String> out, List<String> sql, String step, Map<String, String> seen, int width) {
        for (var s : sql) {
            var before = s.startsWith("--") ? null : seen.putIfAbsent(s, step);
            if (before != null)
                out.add("-- as in " + before + ": "
                        + TextWidth.cut(s.lines().findFirst().orElse(""), width - 12 - before.length()));
            else if (s.startsWith("--")) out.add(Texts.wrapped(s, 0, width - 3).replace("\n", "\n-- "));
            else out.add(broken(s + ";", width));
        }
    }

    /// Broken at spaces outside of quotes, so that what is pasted is what was meant.
    static String broken(String sql, int width) {
        var out = new StringBuilder();
        for (var line : sql.split("\n", -1)) {
            if (!out.isEmpty()) out.append('\n');
            broken(out, line, width);
        }
        return out.toString();
    }

    private static void broken(StringBuilder out, String line, int width) {
        var deeper = " ".repeat(line.length() - line.stripLeading().length() + 4);
        int begin = 0, space = -1, column = 0;
        char quote = 0;
        for (int i = 0; i < line.length(); i++, column++) {
            char c = line.charAt(i);
            if (quote != 0) {
                if (c == '\\') {
                    i++;
                    column++;
                } else if (c == quote) quote = 0;
            } else if (c == '\'' || c == '`' || c == '"') quote = c;
            else if (c == ' ' && column > deeper.length()) space = i;
            if (column >= width && space > begin) {
                out.append(line, begin, space).append('\n').append(deeper);
                column = deeper.length() + i - space - 1;
                begin = space + 1;
                space = -1;
            }
        }
        out.append(line, begin, line.length());
    }
}
