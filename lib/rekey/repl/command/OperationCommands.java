package rekey.repl.command;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import rekey.cli.ConfirmedRun;
import rekey.cli.Consent;
import rekey.cli.text.Texts;
import rekey.repl.context.Dialogue;
import rekey.repl.context.SessionRuns;
import rekey.repl.context.Target;
import rekey.run.Prerequisites;
import rekey.step.Backfill;
import rekey.step.Create;
import rekey.step.Optimize;
import rekey.step.Pause;
import rekey.step.Position;
import rekey.step.Remaining;
import rekey.step.Resume;
import rekey.step.Step;
import rekey.step.Swap;
import rekey.step.Verify;

/// The guide's operations, each by its name: shown, asked for, run.
final class OperationCommands {
    private final Target target;
    private final SessionRuns runs;
    private final Dialogue dialogue;

    OperationCommands(Target target, SessionRuns runs, Dialogue dialogue) {
        this.target = target;
        this.runs = runs;
        this.dialogue = dialogue;
    }

    @Command(
            name = "create",
            description = "Operation 1: the new table, made from the source's whole definition, with the new keys.",
            footer = {"", "Examples: create", "          create --dry-run"})
    int create(@Mixin ChangeOptions options) {
        return asked(options, new Create());
    }

    @Command(
            name = "backfill",
            description =
                    "Operation 2: copies in checked chunks, then in rounds what came since, while ingestion goes on.",
            footer = {"", "Examples: backfill", "          backfill --dry-run"})
    int backfill(@Mixin ChangeOptions options) {
        return asked(options, new Backfill());
    }

    /// It changes no row, so nobody is asked.
    @Command(
            name = "verify",
            description = "Compares all that was carried, online; after the swap the live table and its backup.",
            footer = {"", "Examples: verify", "          verify --dry-run"})
    int verify(@Mixin ChangeOptions options) {
        return one(run(options), new Verify());
    }

    @Command(
            name = "pause",
            description = "Operation 3: stops reading from Kafka; a guard reopens it at the deadline.",
            footer = {"", "Examples: pause", "          pause --dry-run"})
    int pause(@Mixin ChangeOptions options) {
        return asked(options, new Pause());
    }

    @Command(
            name = "remaining",
            description = "Operation 4: carries the few rows that came since the last round.",
            footer = {"", "Examples: remaining", "          remaining --dry-run"})
    int remaining(@Mixin ChangeOptions options) {
        return asked(options, new Remaining());
    }

    @Command(
            name = "swap",
            description = "Operation 5: exchanges the tables; the old one becomes the backup.",
            footer = {"", "Examples: swap", "          swap --dry-run"})
    int swap(@Mixin ChangeOptions options) {
        return asked(options, new Swap());
    }

    /// Asked only where another's run may stand at its exchange.
    @Command(
            name = "resume",
            description = "Operation 6: reads from Kafka again, from where it stopped.",
            footer = {"", "Examples: resume", "          resume --dry-run"})
    int resume(@Mixin ChangeOptions options) {
        var run = run(options);
        if (options.asks(dialogue))
            dialogue.asked(() -> new Consent(run.session(), run.migration()).resume())
                    .ifPresent(lines -> {
                        lines.forEach(line -> dialogue.say("  " + Texts.wrapped(line, 2, 80)));
                        options.operator(dialogue, runs).sure("Open ingestion?");
                    });
        return one(run, new Resume());
    }

    @Command(
            name = "optimize",
            description = "Operation 7: merges the new table, partition by partition.",
            footer = {"", "Examples: optimize", "          optimize --dry-run"})
    int optimize(@Mixin ChangeOptions options) {
        return asked(options, new Optimize());
    }

    private int asked(ChangeOptions options, Step step) {
        var run = run(options);
        // what is finalized is only looked at
        if (options.asks(dialogue) && !dialogue.asked(() -> Position.of(run.session()) instanceof Position.Finalized)) {
            dialogue.say(dialogue.asked(() -> {
                Prerequisites.of(run.session(), run.migration(), step);
                return ChangeOptions.before(
                        run.session(), List.of(step), step.name() + " --dry-run shows the statements.");
            }));
            options.operator(dialogue, runs).sure("Run " + step.name() + "?");
        }
        return one(run, step);
    }

    /// What is looked at before it begins can be left; what has begun goes on in a thread of its own.
    private int one(ConfirmedRun run, Step step) {
        return dialogue.asked(() -> run.one(step));
    }

    private ConfirmedRun run(ChangeOptions options) {
        runs.mustBeFree();
        return dialogue.asked(
                () -> new ConfirmedRun(target.newSession(), target.chosen(), options.operator(dialogue, runs)));
    }
}
