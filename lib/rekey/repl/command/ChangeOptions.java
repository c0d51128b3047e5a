package rekey.repl.command;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import rekey.cli.Consent;
import rekey.cli.text.Texts;
import rekey.migration.Migration;
import rekey.model.Amounts;
import rekey.model.TableName;
import rekey.preview.Preview;
import rekey.repl.context.Dialogue;
import rekey.repl.context.PromptOperator;
import rekey.repl.context.SessionRuns;
import rekey.run.Estimate;
import rekey.session.IngestionHosts;
import rekey.session.Session;
import rekey.step.Backfill;
import rekey.step.Pause;
import rekey.step.Step;
import rekey.step.Swap;

/// The options of commands that change something, and what a person reads before the question, in plain words: what
/// comes, and what is dropped. Statements stood there once, a hundred lines of them above the `[y/N]`; now a line
/// says how to see them.
final class ChangeOptions {
    private static final int WIDTH = 80;

    @Option(names = "--yes", description = "don't ask")
    boolean yes;

    @Option(names = "--dry-run", description = "show the SQL, and do nothing")
    boolean dryRun;

    @Option(names = "--take-over", description = "end another runner's hold on the table first")
    boolean takeOver;

    PromptOperator operator(Dialogue dialogue, SessionRuns runs) {
        return new PromptOperator(dialogue, runs, yes, dryRun, takeOver);
    }

    /// Says what comes, and asks; nothing to say is nothing to ask.
    void sure(Dialogue dialogue, SessionRuns runs, List<String> ahead, String question) {
        if (ahead.isEmpty()) return;
        ahead.forEach(says -> dialogue.say(line(says)));
        operator(dialogue, runs).sure(question);
    }

    /// Whether the person is shown what comes, and asked.
    boolean asks(Dialogue dialogue) {
        return !yes && !dryRun && dialogue.asks();
    }

    /// Of steps before they are run.
    ///
    /// @param sql how to see their statements
    static String before(Session asked, List<Step> steps, String sql) {
        var session = asked.glance();
        var out = new ArrayList<String>();
        for (var step : steps)
            out.add("  %-10s %s"
                    .formatted(
                            step.name(),
                            Texts.wrapped(Preview.of(step).describe(session).says(), 13, WIDTH)));
        var source = session.source();
        out.add(line(source.name() + " has " + Amounts.count(source.rows(), "row") + ", "
                + Amounts.bytes(source.bytes()) + pauseClause(session, steps) + ". " + sql));
        return String.join("\n", out);
    }

    private static String pauseClause(Session session, List<Step> steps) {
        if (steps.stream().noneMatch(s -> s instanceof Pause)) return "";
        var intake = IngestionHosts.of(session);
        if (intake.none()) return "; nothing feeds it from Kafka";
        return "; ingestion may be held for " + Amounts.time(Estimate.heldTime(session, intake)) + ", at most "
                + Amounts.time(Duration.ofMillis(session.limits().deadline().toMillis()));
    }

    /// Of a step that is undone.
    static String beforeUndo(Session session, Step step) {
        var target = session.rewrite().target();
        var source = session.rewrite().source();
        var says =
                switch (step) {
                    case Swap swap ->
                        "The old table comes back under its name. Rows that came since the swap are carried into it"
                                + " first; ingestion may be held for "
                                + Amounts.time(Estimate.heldTime(session, IngestionHosts.of(session)))
                                + ". Nothing is dropped: the new table"
                                + " stays, as " + target + ".";
                    case Pause pause -> "Ingestion is opened again, and the run is back in its rounds.";
                    case Backfill backfill ->
                        Amounts.count(rows(session, target), "copied row") + " are dropped from " + target + ". "
                                + source + " keeps all of its rows.";
                    default -> target + " is dropped. " + source + " is as it was.";
                };
        return line(says + " undo --dry-run shows the SQL.");
    }

    /// Of a way back to before the migration.
    static String beforeRollback(Session session, Migration migration) {
        var says = new ArrayList<>(new Consent(session.glance(), migration).rollback());
        says.add("rollback --dry-run shows the SQL.");
        return String.join("\n", says.stream().map(ChangeOptions::line).toList());
    }

    private static String line(String says) {
        return "  " + Texts.wrapped(says, 2, WIDTH);
    }

    private static long rows(Session session, TableName table) {
        return session.catalog().table(table).rows();
    }
}
