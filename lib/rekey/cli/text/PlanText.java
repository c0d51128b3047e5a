package rekey.cli.text;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import rekey.run.Amounts;
import rekey.run.Plan;

/// A plan as a person reads it before saying yes.
final class PlanText {
    private static final int CHUNKS = 12;
    /// A statement so long is shown once in a step.
    private static final int LONG = 160;

    private PlanText() { }

    static String of(Plan p) {
        var out = new ArrayList<String>();
        out.add("Migration " + p.migration() + " of " + p.table() + ": " + p.state() + ".");
        if (!p.hash().isEmpty()) out.add("Plan " + p.hash() + ".");
        for (var d : p.differs()) out.add("\n  " + d.key() + "\n    is      " + Texts.none(d.is()) + "\n    wanted  " + Texts.none(d.wanted()));
        if (p.steps().isEmpty()) return String.join("\n", out) + "\nNothing is left to do.";
        section(out, "Refused", p.refusals());
        section(out, "Warnings", p.warnings());
        out.add("\nWhat it takes");
        out.add("  copy      " + Amounts.count(p.rows(), "row") + ", " + Amounts.bytes(p.bytes()) + " in " + Amounts.count(p.chunks().size(), "chunk"));
        out.add("  disk      " + Amounts.bytes(p.diskBytes()) + " free, for the new table, its merges and the chunks under way");
        for (var d : p.disks()) out.add("            " + d.volume() + "/" + d.disk() + ": " + (d.needBytes() == 0 ? "nothing" : Amounts.bytes(d.needBytes())) + " of "
                + (d.freeBytes() < 0 ? "no bound" : Amounts.bytes(d.freeBytes()) + " free"));
        out.add("  time      about " + Amounts.time(Duration.ofSeconds(p.estimate().copySeconds())) + " of copying\n            " + Texts.wrapped("(" + p.estimate().copyBasis() + ")", 12, 80));
        out.add("  held      " + (p.estimate().heldMs() == 0 ? "not at all" : "about " + Amounts.time(Duration.ofMillis(p.estimate().heldMs()))) + "\n            "
                + Texts.wrapped("(" + p.estimate().heldBasis() + ")", 12, 80));
        out.add("  marks     " + Texts.wrapped(p.marks(), 12, 80));
        out.add("  ingestion " + (p.ingestion().isEmpty() ? "none" : p.ingestion().stream().map(i -> Texts.wrapped(i, 12, 80)).collect(Collectors.joining("\n            "))));
        chunks(out, p.chunks());
        steps(out, p.steps());
        return String.join("\n", out);
    }

    /// A step whose statements are those of an earlier one refers to it.
    private static void steps(List<String> out, List<Plan.Part> steps) {
        var before = new HashMap<List<String>, String>();
        int n = 0;
        for (var step : steps) {
            var same = before.putIfAbsent(step.sql(), step.name());
            out.add("\n" + ++n + ". " + (same == null || step.sql().size() < 3 ? statements(step)
                    : step.name() + ": " + step.says() + "\n   -- the statements of " + same));
        }
    }

    private static void section(List<String> out, String title, List<String> lines) {
        if (lines.isEmpty()) return;
        out.add("\n" + title);
        for (var line : lines) out.add("  - " + Texts.wrapped(line, 4, 80));
    }

    /// By partition; where there are many, the first of them.
    private static void chunks(List<String> out, List<Plan.Piece> chunks) {
        if (chunks.isEmpty()) return;
        var by = new LinkedHashMap<String, long[]>();
        for (var c : chunks) {
            var sum = by.computeIfAbsent(c.partition(), k -> new long[3]);
            sum[0]++;
            sum[1] += c.rows();
            sum[2] += c.bytes();
        }
        out.add("\nPartition             chunks             rows         bytes");
        by.entrySet().stream().limit(CHUNKS).map(PlanText::partition).forEach(out::add);
        if (by.size() > CHUNKS) out.add("... and " + (by.size() - CHUNKS) + " more partitions (all of them with --json)");
    }

    private static String partition(Map.Entry<String, long[]> e) {
        return "%-20s %7d %16s %13s".formatted(e.getKey(), e.getValue()[0], Amounts.rows(e.getValue()[1]), Amounts.bytes(e.getValue()[2]));
    }

    /// The statements of one step, as they can be pasted into clickhouse-client.
    static String statements(Plan.Part step) {
        var out = new ArrayList<String>();
        out.add(Texts.wrapped(step.name() + ": " + step.says(), 3, 80));
        var before = new HashSet<String>();
        for (var sql : step.sql()) out.add(indented(once(sql, before)));
        if (!step.undo().isEmpty()) out.add("   -- undo");
        for (var sql : step.undo()) out.add(indented(once(sql, before)));
        return String.join("\n", out);
    }

    /// A round's statements come again and again: of a long one that was shown its beginning is enough.
    private static String once(String sql, Set<String> before) {
        int begin = sql.indexOf(" (");
        return before.add(sql) || sql.length() < LONG || begin < 0 ? sql : "-- " + sql.substring(0, begin) + " ... as above";
    }

    private static String indented(String sql) {
        return (sql.startsWith("--") ? Texts.wrapped(sql, 0, 74).replace("\n", "\n-- ") : sql + ";").indent(3).stripTrailing();
    }
}
