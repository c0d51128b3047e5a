package rekey.cli.text;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import rekey.check.Check.Level;
import rekey.compare.ComparisonResult;
import rekey.model.Amounts;
import rekey.run.CheckResults;
import rekey.run.HostStatus;
import rekey.run.Plan;
import rekey.run.Required;
import rekey.run.ScratchTrial;
import rekey.run.Status;
import rekey.sheet.TextWidth;

/// Answers as a person reads them, within 80 columns where the server's own text allows.
public final class Texts {
    private static final int WIDTH = 80;

    private Texts() {}

    public static String of(Object answer) {
        return switch (answer) {
            case Required r -> required(r);
            case Plan p -> PlanText.of(p, null, WIDTH);
            case Plan.Part p -> PlanSql.of(p, WIDTH);
            case Status s -> status(s);
            case CheckResults c -> checking(c);
            case ScratchTrial.Outcome t -> t.text();
            case ComparisonResult v -> VerifiedText.of(v);
            default -> String.valueOf(answer);
        };
    }

    private static String required(Required r) {
        if (!r.required()) return r.table() + " has the keys of " + r.migration() + " already: nothing is to be done.";
        return r.table() + " still has its old keys; " + r.migration() + " changes:\n"
                + r.differs().stream()
                        .map(d ->
                                "  " + d.key() + "\n    is      " + none(d.is()) + "\n    wanted  " + none(d.wanted()))
                        .collect(Collectors.joining("\n"));
    }

    static String none(String key) {
        return key.isEmpty() ? "(none)" : key;
    }

    private static String status(Status s) {
        var out = new ArrayList<String>();
        row(out, "migration", s.migration() + " of " + s.table());
        row(out, "state", s.state() + (s.runner() == null ? "" : " by " + s.runner()));
        row(out, "step", s.step());
        if (s.rowsTotal() > 0)
            row(
                    out,
                    "rows",
                    Amounts.rows(s.rowsDone()) + " of " + Amounts.rows(s.rowsTotal())
                            + (s.percent() == null ? "" : " (" + s.percent() + "%)") + ", "
                            + Amounts.bytes(s.bytesDone()));
        if (s.etaSeconds() != null) row(out, "left", Amounts.time(Duration.ofSeconds(s.etaSeconds())));
        if (s.etaWhy() != null) row(out, "left", "not told: " + s.etaWhy());
        if (s.threads() != null) row(out, "copies", s.threads());
        if (s.heldMs() != null) row(out, "held", Amounts.time(Duration.ofMillis(s.heldMs())));
        if (s.apartMs() != null)
            row(out, "apart", "hosts differed for " + Amounts.time(Duration.ofMillis(s.apartMs())));
        for (var h : s.hosts()) row(out, "shard " + h.shard(), host(h));
        row(
                out,
                "lag",
                !s.fed()
                        ? "nothing feeds it from Kafka"
                        : s.lag() == null ? "not known" : Amounts.rows(s.lag()) + " messages");
        if (s.error() != null) row(out, "error", s.error());
        for (var sql : s.reopen()) row(out, "reopen", sql);
        if (s.reopenAt() != null)
            row(out, "", "the guard runs this at " + s.reopenAt().substring(11, 19) + " UTC");
        row(out, "now", s.allowed().isEmpty() ? "nothing is left to do" : String.join(", ", s.allowed()));
        return String.join("\n", out);
    }

    private static String host(HostStatus h) {
        return h.host()
                + (h.copies() ? ", copies" : "")
                + (!h.answers()
                        ? ", DOES NOT ANSWER"
                        : h.rows() == null ? ", no such table" : ", " + Amounts.count(h.rows(), "row"))
                + (h.delay() == null ? "" : ", " + h.delay() + " s behind, " + h.queue() + " in its replication queue");
    }

    private static void row(List<String> out, String name, String text) {
        if (!text.isEmpty()) out.add("%-10s ".formatted(name) + wrapped(text, 11, WIDTH));
    }

    /// A table; what is well in one line, of the others what is needed and what to do.
    private static String checking(CheckResults c) {
        int name = c.verdicts().stream().mapToInt(v -> v.name().length()).max().orElse(0);
        var out = new ArrayList<String>();
        for (var v : c.verdicts()) {
            int indent = 10 + name + 2;
            out.add(("%-8s  %-" + name + "s  ").formatted(v.verdict().name().toLowerCase(), v.name())
                    + wrapped(v.saw(), indent, WIDTH));
            if (v.verdict() == Level.OK) continue;
            out.add(" ".repeat(indent) + wrapped("needs " + v.needs(), indent, WIDTH));
            if (!v.todo().isEmpty()) out.add(" ".repeat(indent) + wrapped(v.todo(), indent, WIDTH));
        }
        out.add("\n" + summary(c));
        return String.join("\n", out);
    }

    private static String summary(CheckResults c) {
        long refused = count(c, Level.REFUSAL), warned = count(c, Level.WARNING);
        return Amounts.count(c.verdicts().size(), "check") + ": "
                + (refused > 0 ? refused + " refused" : "none refused")
                + (warned > 0 ? ", " + Amounts.count(warned, "warning") : "") + ".";
    }

    private static long count(CheckResults c, Level level) {
        return c.verdicts().stream().filter(v -> v.verdict() == level).count();
    }

    /// Broken at spaces, the further lines indented.
    public static String wrapped(String text, int indent, int width) {
        return TextWidth.brokenAtSpaces(text, indent, width);
    }
}
