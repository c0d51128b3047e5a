package rekey.repl.command;

import java.util.List;
import picocli.CommandLine.Option;
import rekey.repl.context.Dialogue;
import rekey.repl.context.PromptOperator;
import rekey.repl.context.SessionRuns;

/// The options of commands that change something.
final class ChangeOptions {
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
    void sure(Dialogue dialogue, SessionRuns runs, List<String> shown, String question) {
        if (shown.isEmpty()) return;
        shown.forEach(dialogue::say);
        operator(dialogue, runs).sure(question);
    }

    /// Whether the person is shown what comes, and asked.
    boolean asks(Dialogue dialogue) {
        return !yes && !dryRun && dialogue.asks();
    }
}
