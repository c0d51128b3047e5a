package rekey.report;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import rekey.model.Amounts;
import rekey.model.Keys;
import rekey.report.facts.AttemptHistory;
import rekey.report.facts.QueryCosts;
import rekey.report.plot.Bars;
import rekey.report.plot.Drawing;
import rekey.report.plot.QueryBars;
import rekey.report.plot.RunPlot;
import rekey.run.MigrationState;
import rekey.session.Detail;
import rekey.session.Entry;

/// What was done, for those who were not there: facts put into words, tables and pictures.
public final class Report {
    /// What a share of a hold was spent on.
    private static final Map<String, String> SHARES = Map.of(
            "last batches",
            "from the first consumer's last batch to the last one's, and to be sure of it",
            "last round",
            "carrying and comparing what came since the last round",
            "last look",
            "dependants, the gate and the deadline, before anything is exchanged",
            "exchange",
            "EXCHANGE TABLES and two renames",
            "look, reopening",
            "dependants once more, and the gate's DROP",
            "exchange and reopening",
            "EXCHANGE TABLES, two renames, dependants once more, and the gate's DROP",
            "reopening",
            "the gate's DROP");

    private final MigrationFacts facts;
    private final List<Document.Block> out = new ArrayList<>();

    private Report(MigrationFacts facts) {
        this.facts = facts;
    }

    public static Document of(MigrationFacts facts) {
        var report = new Report(facts);
        report.opening();
        if (!facts.story().none()) report.whatWasDone();
        report.left();
        return new Document(
                "Migration " + facts.status().migration() + " of "
                        + facts.status().table(),
                List.copyOf(report.out));
    }

    private void opening() {
        var s = facts.status();
        out.add(new Document.Text("As of " + Timeline.clock(facts.at()) + " UTC: " + state()
                + (facts.story().attempts() > 1
                        ? " This is attempt " + facts.story().attempts()
                                + "; the earlier ones were rolled back, and the journal still has them."
                        : "")));
        if (!facts.story().none()) out.add(KeyFigures.of(facts));
        if (s.error() != null) out.add(new Document.Text("Its last error: " + s.error()));
        for (var sql : s.reopen()) {
            out.add(new Document.Text("Ingestion stands still and no runner is there. To reopen it now:"));
            out.add(new Document.Code(sql + ";"));
        }
        out.add(new Document.Heading(
                switch (s.state()) {
                    case SWAPPED, FINALIZED -> "What changed";
                    default -> "What is to change";
                }));
        keys();
    }

    private String state() {
        var s = facts.status();
        var name = "`" + s.table() + "`";
        var held = facts.holds().stream()
                .filter(h -> h.heldMs() != null)
                .reduce((a, b) -> b)
                .map(h -> " Ingestion was held for " + h.heldMs() + " ms.")
                .orElse("");
        return switch (s.state()) {
            case NOT_BEGUN -> "nothing has been done yet.";
            case SWAPPED -> name + " has the new keys, and the old table is kept as a backup." + held;
            case FINALIZED -> name + " has the new keys, and the backup is gone." + held;
            case ROLLED_BACK ->
                "the migration was rolled back; " + name + " has its old keys, nothing of the new table is left.";
            case RUNNING -> "it runs, at step " + s.step() + ", by " + s.runner() + ".";
            case UNKNOWN -> "where it stands can't be told; look first.";
            case BEGUN, PAUSED, STOPPED, FAILED ->
                "it is " + s.state() + " at step " + s.step() + ", before anything was finished; " + name
                        + " can be used as ever.";
        };
    }

    private void keys() {
        var none = new Keys("", "", "", "");
        Keys before = facts.before().orElse(none), after = facts.after().orElse(none);
        out.add(new Document.Grid(
                List.of("Key", "$Before", "$After"),
                Stream.of(
                                List.of("sorting key", before.orderBy(), after.orderBy()),
                                List.of("sampling key", before.sampleBy(), after.sampleBy()),
                                List.of("partition key", before.partitionBy(), after.partitionBy()),
                                List.of("primary key", before.primaryKey(), after.primaryKey()))
                        .map(r -> List.of(
                                r.get(0), none(r.get(1)), r.get(1).equals(r.get(2)) ? "(the same)" : none(r.get(2))))
                        .toList(),
                false));
    }

    private static String none(String key) {
        return key.isEmpty() ? "(none)" : key;
    }

    private void whatWasDone() {
        var whole = facts.whole();
        var plot = new RunPlot(whole, facts.holds());
        if (plot.drawable())
            picture(
                    "rows",
                    "Rows carried, rows of the live table and Kafka's lag over time, the held window marked",
                    RunPlot.HEIGHT,
                    plot::png);
        section("Steps");
        for (int n = 0; n < whole.shards().size(); n++) {
            if (whole.shards().size() > 1) out.add(new Document.Text("Shard " + (n + 1) + ":"));
            out.add(steps(whole.shards().get(n)));
        }
        shards();
        section("Timeline");
        out.add(new Document.Text("By the server's clock, UTC."));
        out.add(Timeline.of(whole));
        held(plot);
        partitions();
        queries();
        statements();
    }

    private static Document.Grid steps(AttemptHistory story) {
        return new Document.Grid(
                List.of("Step", "Began (UTC)", "#Time", "#Rows"),
                story.steps().stream()
                        .map(t -> List.of(
                                t.step(),
                                Timeline.clock(t.begun()),
                                Amounts.time(Duration.ofMillis(t.ms())),
                                t.rows() == 0 ? "" : Amounts.rows(t.rows())))
                        .toList(),
                false);
    }

    private void shards() {
        if (facts.shards().isEmpty()) return;
        section("Shards and hosts");
        out.addAll(ShardHistory.told(facts.shards(), facts.status()));
    }

    private void held(RunPlot plot) {
        section("Ingestion held");
        if (facts.holds().isEmpty()) {
            out.add(new Document.Text("Ingestion has not been held."));
            return;
        }
        for (var h : facts.holds()) {
            out.add(new Document.Text(
                    h.until() == null
                            ? "Since " + Timeline.clock(h.since()) + " ingestion stands still."
                            : "From " + Timeline.clock(h.since()) + " on, for **"
                                    + (h.heldMs() == null
                                            ? Duration.between(h.since(), h.until())
                                                    .toMillis()
                                            : h.heldMs())
                                    + " ms**, counted from the end of the first consumer's last batch to the return of"
                                    + " the statement that reopened ingestion"
                                    + (h.by().equals("guard") ? ", which the guard sent at the deadline" : "")
                                    + "; the gate was closed at " + Timeline.clock(h.asked()) + "."));
            if (!h.shares().isEmpty())
                out.add(new Document.Grid(
                        List.of("Of it", "#ms", ""),
                        h.shares().stream()
                                .map(s -> List.of(s.what(), "" + s.ms(), SHARES.getOrDefault(s.what(), "")))
                                .toList(),
                        false));
        }
        lag();
        picture(
                "held",
                "Kafka's lag around the hold, and what the held time went into",
                RunPlot.HELD_HEIGHT,
                plot::hold);
    }

    private void lag() {
        var lags = facts.story().points().stream()
                .filter(p -> p.lag() != null)
                .mapToLong(AttemptHistory.Point::lag)
                .summaryStatistics();
        if (lags.getCount() > 0)
            out.add(new Document.Text(
                    "Kafka's lag was seen " + lags.getCount() + " times: " + Amounts.rows(lags.getMax())
                            + " messages at most"
                            + (facts.status().lag() == null
                                    ? "."
                                    : ", and " + Amounts.rows(facts.status().lag()) + " now.")));
    }

    private void partitions() {
        section("Rows and checks by partition");
        var verified = facts.whole().verified();
        var poisoned = facts.whole().difference();
        out.add(new Document.Text(
                "Each chunk was compared by count, sum and xor of its rows' hashes before it was attached. "
                        + (poisoned.isPresent()
                                ? "**A difference was found** at "
                                        + Timeline.clock(poisoned.get().at()) + ": "
                                        + ((Detail.Poisoned) poisoned.get().detail()).difference()
                                : verified.map(at -> "The whole was compared online at " + Timeline.clock(at)
                                                + ": no difference.")
                                        .orElse("The whole has not been compared yet."))));
        out.add(new Document.Grid(
                List.of(
                        "Partition",
                        "#Rows, old table",
                        "#Rows, new table",
                        "#Since the swap",
                        "#Parts, old",
                        "#Parts, new",
                        "#Size, old",
                        "#Size, new",
                        "#Chunks compared"),
                facts.partitions().stream()
                        .map(p -> List.of(
                                p.name(),
                                Amounts.rows(p.rowsBefore()),
                                Amounts.rows(p.rowsAfter()),
                                Amounts.rows(p.rowsSince()),
                                "" + p.partsBefore(),
                                "" + p.partsAfter(),
                                Amounts.bytes(p.bytesBefore()),
                                Amounts.bytes(p.bytesAfter()),
                                "" + p.chunks()))
                        .toList(),
                facts.partitions().size() > 40));
        if (facts.status().state() == MigrationState.SWAPPED)
            out.add(new Document.Text(
                    "Rows that came since the swap are in the new table alone, and old and new add up by them; merges"
                            + " of a collapsing engine drop rows on either side in their own time."));
        picture(
                "parts",
                "Active parts of each partition before, during and after",
                Bars.HEIGHT,
                () -> Bars.parts(facts.whole().parts()));
    }

    private void queries() {
        if (facts.costs().isEmpty()) return;
        section("Queries, before and after");
        out.add(new Document.Text(
                "Rows that the server would read by its indices (`EXPLAIN ESTIMATE`), on the table with the"
                        + " old keys and on the one with the new ones. Queries given with `--query` were also run:"
                        + " the fastest of three."));
        out.add(new Document.Grid(
                List.of(
                        "$Filter on, or query",
                        "#Rows read, old",
                        "#Rows read, new",
                        "#new / old",
                        "#ms, old",
                        "#ms, new"),
                facts.costs().stream()
                        .map(c -> List.of(
                                c.name(),
                                Amounts.rows(c.rowsBefore()),
                                Amounts.rows(c.rowsAfter()),
                                share(c),
                                ms(c.msBefore()),
                                ms(c.msAfter())))
                        .toList(),
                false));
        var bars = new QueryBars(facts.costs());
        picture("queries", "Rows read by queries under the old and the new keys", bars.height(), bars::png);
    }

    private static String share(QueryCosts.Cost c) {
        return c.rowsBefore() == 0 ? "" : String.format(Locale.ROOT, "%.1f %%", 100.0 * c.rowsAfter() / c.rowsBefore());
    }

    private static String ms(Double ms) {
        return ms == null ? "" : String.format(Locale.ROOT, "%.1f", ms);
    }

    private void statements() {
        section("Statements");
        var s = facts.statements();
        if (!s.absent().isEmpty()) {
            out.add(new Document.Text(s.absent()));
            out.add(new Document.Grid(
                    List.of("Round", "#Rows", "#ms"),
                    Entry.all(facts.story().lines(), Detail.Round.class)
                            .map(r -> List.of(
                                    "" + r.round(),
                                    Amounts.rows(r.rows()),
                                    "" + r.took().toMillis()))
                            .toList(),
                    false));
            return;
        }
        out.add(new Document.Text("From the server's query_log, which is written every few seconds: "
                + Amounts.count(s.all().size(), "statement") + " that changed something"
                + (s.all().size() == LoggedStatements.MOST ? ", the first " + LoggedStatements.MOST + " of them" : "")
                + "."));
        out.add(new Document.Grid(
                List.of("Kind", "#How many", "#ms in all", "#longest", "#Rows written"),
                s.kinds().stream()
                        .map(k -> List.of(
                                k.what(),
                                "" + k.count(),
                                Amounts.rows(k.ms()),
                                Amounts.rows(k.longestMs()),
                                k.rows() == 0 ? "" : Amounts.rows(k.rows())))
                        .toList(),
                false));
        out.add(new Document.Grid(
                List.of("Time (UTC)", "Kind", "#ms", "$Statement", "Error"),
                s.all().stream()
                        .map(x -> List.of(Timeline.clock(x.at()), x.what(), "" + x.ms(), x.sql(), x.error()))
                        .toList(),
                true));
    }

    private void left() {
        section("What is left to do");
        var s = facts.status();
        var points = new ArrayList<String>();
        if (s.state() == MigrationState.SWAPPED && s.step().equals("optimize"))
            points.add(
                    "`optimize`, if you like: it merges each partition of the new table into one part. It can be left"
                            + " out.");
        if (facts.backup() != null && s.state() == MigrationState.SWAPPED)
            points.add("`finalize`, by hand, once nobody needs the way back: `verify` finds no difference, the lag is"
                    + " drained, and the queries that matter have run on the new keys for as long as your week or"
                    + " month has surprises. It drops the old table and frees "
                    + Amounts.bytes(facts.backup()) + " of disk. Until then `rollback` loses no row.");
        if (s.state() != MigrationState.SWAPPED && !s.allowed().isEmpty())
            points.add("What makes sense now: "
                    + String.join(
                            ", ", s.allowed().stream().map(a -> "`" + a + "`").toList()) + ".");
        if (points.isEmpty()) points.add("Nothing.");
        out.add(new Document.Points(points));
    }

    private void section(String heading) {
        out.add(new Document.Heading(heading));
    }

    /// A machine without fonts can't draw: then the report has no pictures, and says why once.
    private void picture(String name, String says, int height, Supplier<byte[]> draw) {
        try {
            var png = draw.get();
            if (png != null) out.add(new Document.Picture(name, says, png, Drawing.WIDTH, height));
        } catch (LinkageError | InternalError | RuntimeException e) {
            var why = new Document.Text("Pictures could not be drawn on this machine ("
                    + Objects.toString(e.getMessage(), e.getClass().getSimpleName())
                    + "): install a font and fontconfig, and run report again.");
            if (!out.contains(why)) out.add(why);
        }
    }
}
