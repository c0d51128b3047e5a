package rekey.cli.text;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import rekey.model.Amounts;
import rekey.run.CheaperWay;
import rekey.run.Plan;
import rekey.sheet.TextWidth;

/// A plan as a person reads it before saying yes: on one screen, the statements apart (see [PlanSql]).
public final class PlanText {
    private static final int NAME = 13;
    /// As much of a hash as the timeline shows; its beginning is enough to tell plans apart.
    private static final int HASH = 12;

    /// So many are told one by one; `status` tells all.
    private static final int SHARDS = 4;

    private PlanText() {}

    /// @param command by which this migration is run, without the plan's hash; null where none is to be shown
    public static String of(Plan p, String command, int width) {
        var out = new ArrayList<String>();
        if (p.steps().isEmpty())
            return p.differs().isEmpty()
                    ? p.table() + " has the keys of " + p.migration() + " already: nothing is to be done."
                    : "Migration " + p.migration() + " of " + p.table() + " is " + p.state()
                            + ": nothing is left to do.";
        out.add(TextWidth.brokenAtSpaces(
                "Migration " + p.migration() + " of " + p.table() + " (" + Amounts.count(p.rows(), "row") + ", "
                        + Amounts.bytes(p.bytes()) + " to copy): " + p.state(),
                0,
                width));
        changes(out, p, width);
        section(out, "Refused", p.refusals(), width);
        needs(out, p, width);
        section(out, "Warnings", p.warnings(), width);
        out.add("\nSteps");
        int n = 0;
        for (var step : p.steps())
            out.add(TextWidth.cut("  %d  %-10s%s".formatted(++n, step.name(), sentence(step.says())), width));
        if (command != null) {
            out.add("\nAll statements: the same with --sql. To run exactly this plan:");
            // whole, to be copied; wider than the screen it is still one command
            out.add("  " + command
                    + (p.hash().isEmpty() ? "" : " --plan " + p.hash().substring(0, HASH)));
        }
        return String.join("\n", out);
    }

    private static void changes(List<String> out, Plan p, int width) {
        if (p.differs().isEmpty()) return;
        out.add("\nChanges");
        for (var d : p.differs()) {
            // one that nobody named is the sorting key
            if (d.key().equals("primary key")
                    && p.differs().stream()
                            .anyMatch(s -> s.key().equals("sorting key")
                                    && s.is().equals(d.is())
                                    && s.wanted().equals(d.wanted()))) continue;
            row(out, d.key(), Texts.none(d.is()), width);
            row(out, "  becomes", Texts.none(d.wanted()), width);
        }
        for (var way : p.cheaper()) cheaper(out, way, width);
    }

    private static void needs(List<String> out, Plan p, int width) {
        out.add("\nNeeds");
        for (var d : p.disks())
            row(
                    out,
                    "disk",
                    (d.needBytes() == 0 ? "needs nothing" : "needs " + Amounts.bytes(d.needBytes())) + ", "
                            + (d.freeBytes() < 0 ? "no bound" : Amounts.bytes(d.freeBytes()) + " free") + " on "
                            + d.volume() + "/" + d.disk(),
                    width);
        row(
                out,
                "time",
                "about " + Amounts.time(Duration.ofSeconds(p.estimate().copySeconds())) + " of copying, "
                        + first(p.estimate().copyBasis()),
                width);
        for (var s : p.shards().subList(0, Math.min(SHARDS, p.shards().size())))
            row(
                    out,
                    "hosts",
                    s.copier() + " copies"
                            + (s.others().isEmpty()
                                    ? ""
                                    : "; " + String.join(", ", s.others())
                                            + (s.others().size() == 1 ? " fetches" : " fetch")),
                    width);
        if (p.shards().size() > SHARDS) row(out, "", "and so on, " + p.shards().size() + " shards in all", width);
        row(out, "new rows", "told by " + p.marks(), width);
        row(out, "threads", p.threads().number() + ": " + p.threads().why(), width);
        row(
                out,
                "held",
                p.estimate().heldMs() == 0
                        ? "not at all"
                        : "about " + Amounts.time(Duration.ofMillis(p.estimate().heldMs()))
                                + "; at the deadline it is reopened whatever happens",
                width);
        if (!p.ingestion().isEmpty())
            row(out, "lag", p.lag() == null ? "Kafka does not tell" : Amounts.rows(p.lag()) + " messages", width);
        for (var i : p.ingestion()) row(out, "ingestion", i, width);
    }

    /// In a line or two, for it stands in each plan of a plain table; all of the statements by `alter --dry-run`.
    private static void cheaper(List<String> out, CheaperWay way, int width) {
        row(out, "cheaper", TextWidth.cut(way.sql().getFirst(), width - 2 - NAME), width);
        row(
                out,
                "",
                "by ./jbang alter" + (way.by().equals("projection") ? " --projection" : "")
                        + (way.gain().isEmpty() ? "" : "; " + way.gain()),
                width);
    }

    /// How a figure is known, without what it leaves out.
    private static String first(String basis) {
        return basis.split(";")[0];
    }

    private static String sentence(String says) {
        return says.replaceFirst("(?s)[.:;] .*", "").replaceFirst("\\.$", "");
    }

    private static void row(List<String> out, String name, String text, int width) {
        out.add("  %-12s ".formatted(name) + TextWidth.brokenAtSpaces(text, 2 + NAME, width));
    }

    private static void section(List<String> out, String title, List<String> lines, int width) {
        if (lines.isEmpty()) return;
        out.add("\n" + title);
        for (var line : lines) out.add("  - " + TextWidth.brokenAtSpaces(line, 4, width));
    }
}
