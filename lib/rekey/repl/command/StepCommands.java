package rekey.repl.command;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import rekey.cli.ConfirmedRun;
import rekey.cli.text.Texts;
import rekey.ingestion.HostGates;
import rekey.model.Trouble;
import rekey.repl.context.Dialogue;
import rekey.repl.context.SessionRuns;
import rekey.repl.context.Target;
import rekey.report.Runbook;
import rekey.run.CheckResults;
import rekey.run.MergeHoldWarning;
import rekey.run.Plan;
import rekey.run.Required;
import rekey.run.Runner;
import rekey.run.Standstill;
import rekey.run.Status;
import rekey.session.Session;
import rekey.step.Backfill;
import rekey.step.Create;
import rekey.step.Finalize;
import rekey.step.Pause;
import rekey.step.Position;
import rekey.step.Step;
import rekey.step.Steps;
import rekey.step.Swap;

/// Commands that take a migration on, or back, and those that say where it stands.
final class StepCommands {
    private final Target target;
    private final SessionRuns runs;
    private final Dialogue dialogue;

    StepCommands(Target target, SessionRuns runs, Dialogue dialogue) {
        this.target = target;
        this.runs = runs;
        this.dialogue = dialogue;
    }

    @Command(
            name = "status",
            description =
                    "Where the migration stands: step, rows, time left, held, the last error, what you can do now.",
            footer = {"", "Examples: status", "          \\watch 2 status"})
    int status() {
        return dialogue.print(dialogue.asked(() -> {
            var session = target.session();
            Standstill.of(session).ifPresent(s -> dialogue.say(s.sentence(Instant.now())));
            MergeHoldWarning.sentence(session).ifPresent(dialogue::say);
            return Status.withLag(session, target.chosen());
        }));
    }

    @Command(
            name = "plan",
            description = "What would be done: the steps, time, disk, what is refused; only reads. 'migrate --dry-run'"
                    + " shows every statement.",
            footer = {"", "Examples: plan", "          plan > plan.txt"})
    int plan() {
        return dialogue.print(dialogue.asked(() -> Plan.of(target.session(), target.chosen())));
    }

    @Command(
            name = "check",
            aliases = {"precheck", "healthcheck"},
            description =
                    "What the migration needs before its first change, or once it has begun what may go wrong; only"
                            + " reads.",
            footer = {"", "Examples: check", "          check --before"})
    int check(@Option(names = "--before", description = "all that is asked before the first change") boolean before) {
        var checking = dialogue.asked(() -> {
            var session = target.session().glance();
            return before || Position.of(session) instanceof Position.NotBegun
                    ? CheckResults.before(session, target.chosen())
                    : CheckResults.during(session);
        });
        dialogue.print(checking);
        return checking.refused() ? 3 : 0;
    }

    @Command(
            name = "explain",
            description = "A step's SQL, its undo, and its state on the server now; without a step the states of all.",
            footer = {"", "Examples: explain", "          explain swap"})
    int explain(
            @Parameters(arity = "0..1", paramLabel = "STEP", completionCandidates = Candidates.StepsAndFinalize.class)
                    String name) {
        return dialogue.line(dialogue.asked(() -> explained(target.session().glance(), name)));
    }

    private String explained(Session session, String name) {
        var steps = new ArrayList<>(Steps.flat(target.chosen().steps()));
        steps.add(new Finalize());
        if (name == null)
            return String.join(
                    "\n", steps.stream().map(step -> state(session, step)).toList());
        var step = steps.stream()
                .filter(s -> s.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new Trouble.Usage(noStep(name, names(steps))));
        return Texts.of(Plan.part(session, step)) + "\n\n" + state(session, step);
    }

    private static String state(Session session, Step step) {
        var state = step.name().equals("pause") && new Swap().state(session).phase() == Step.Phase.DONE
                ? Step.State.of(true, "the swap has been made in it")
                : step.state(session);
        return "%-10s %-9s  %s"
                .formatted(
                        step.name(),
                        state.phase().name().toLowerCase().replace('_', ' '),
                        Texts.wrapped(state.saw(), 22, 80));
    }

    @Command(
            name = "next",
            description = {
                "The next step alone.",
                "Pause, remaining, swap and resume are one step here, for ingestion is held meanwhile; each has a"
                        + " command of its own."
            },
            footer = {"", "Examples: next", "          next --yes"})
    int next(@Mixin ChangeOptions options) {
        var run = newRun(options);
        var left = dialogue.asked(() -> upTo(run.session(), Optional.empty()));
        if (left.isEmpty())
            return dialogue.line("Nothing is left to do; finalize lets the backup go, rollback goes back.");
        var within = within(left.getFirst());
        var ahead = left.stream()
                .filter(step -> names(within).contains(step.name()))
                .toList();
        if (options.dryRun) {
            dialogue.asked(() -> ahead.stream()
                            .map(step -> Plan.part(run.session(), step))
                            .toList())
                    .forEach(dialogue::print);
            return 0;
        }
        if (options.asks(dialogue))
            dialogue.say(dialogue.asked(
                    () -> ChangeOptions.before(run.session(), ahead, "next --dry-run shows the statements.")));
        options.operator(dialogue, runs).sure("Run " + String.join(", ", names(ahead)) + "?");
        return dialogue.asked(() -> run.all(within.getLast().name()));
    }

    /// The part of the migration that a step is run in.
    private List<Step> within(Step step) {
        return Steps.parts(target.chosen().steps()).stream()
                .map(Steps::flat)
                .filter(part -> names(part).contains(step.name()))
                .findFirst()
                .orElse(List.of(step));
    }

    @Command(
            name = "run",
            aliases = "migrate",
            description = "All steps that are not done, or up to one of them; shows them and asks.",
            footer = {
                "",
                "Examples: run",
                "          run --until verify",
                "          run --dry-run",
                "          run --yes --take-over"
            })
    int run(
            @Mixin ChangeOptions options,
            @Option(
                            names = "--until",
                            paramLabel = "STEP",
                            completionCandidates = Candidates.Steps.class,
                            description = "end when this one is done, such as backfill")
                    String until) {
        var run = newRun(options);
        var left = dialogue.asked(() -> upTo(run.session(), Optional.ofNullable(until)));
        if (!options.dryRun && !left.isEmpty()) {
            if (options.asks(dialogue))
                dialogue.say(dialogue.asked(
                        () -> ChangeOptions.before(run.session(), left, "explain STEP shows its statements.")));
            options.operator(dialogue, runs).sure("Run " + String.join(", ", names(left)) + "?");
        }
        return dialogue.asked(() -> run.all(until));
    }

    @Command(
            name = "undo",
            description = {
                "Takes the last step back that left something; shows how and asks.",
                "The swap is undone without loss: rows that came since are carried into the old table first."
            },
            footer = {"", "Examples: undo", "          undo --dry-run"})
    int undo(@Mixin ChangeOptions options) {
        var run = newRun(options);
        var step = dialogue.asked(() -> last(run.session()))
                .orElseThrow(() -> new Trouble.Refused("There is nothing to undo: the table is as it was."));
        if (!options.dryRun) {
            if (options.asks(dialogue))
                dialogue.say(dialogue.asked(() -> ChangeOptions.beforeUndo(run.session(), step)));
            options.operator(dialogue, runs).sure("Undo " + step.name() + "?");
        }
        return dialogue.asked(() -> run.undo(step));
    }

    private Optional<Step> last(Session asked) {
        var s = asked.glance();
        return switch (Position.of(s)) {
            case Position.Finalized f ->
                throw new Trouble.Refused("Migration " + target.chosen().name()
                        + " is finalized: its backup was dropped, so there is no way back.");
            case Position.Swapped b -> Optional.of(new Swap());
            case Position.Exchanged e -> Optional.of(new Swap());
            case Position.Created c when !HostGates.of(s).standing().isEmpty() -> Optional.of(new Pause());
            case Position.Created c ->
                Optional.of(s.catalog().table(c.target()).rows() > 0 ? new Backfill() : new Create());
            case Position.NotBegun n -> Optional.empty();
        };
    }

    @Command(
            name = "rollback",
            description = {
                "Back to before the migration, without losing rows, from wherever it stands; shows how and asks.",
                "A run that goes on is stopped first."
            },
            footer = {"", "Examples: rollback", "          rollback --dry-run"})
    int rollback(@Mixin ChangeOptions options) {
        var run = dialogue.asked(
                () -> new ConfirmedRun(target.newSession(), target.chosen(), options.operator(dialogue, runs)));
        if (!options.dryRun) {
            var says = dialogue.asked(() -> {
                Runner.mustHaveAWayBack(run.session(), target.chosen());
                return options.asks(dialogue) ? ChangeOptions.beforeRollback(run.session(), target.chosen()) : "";
            });
            if (!says.isEmpty()) dialogue.say(says);
            options.operator(dialogue, runs).sure("Roll " + target.chosen().name() + " back?");
        }
        return run.rollBack();
    }

    @Command(
            name = "finalize",
            description = "Shows the backup, asks, and drops it: from then on there is no way back.",
            footer = {"", "Examples: finalize", "          finalize --dry-run"})
    int finalizeIt(@Mixin ChangeOptions options) {
        var run = newRun(options);
        var ahead = dialogue.asked(() -> run.ahead(new Finalize()));
        options.sure(dialogue, runs, ahead, "Drop the backup? There is no way back then.");
        return dialogue.asked(() -> run.one(new Finalize()));
    }

    @Command(
            name = "runbook",
            description = "The guide for this table as Markdown: with rekey, and as plain SQL by hand; only reads.",
            footer = {"", "Example: runbook > runbook.md"})
    int runbook() {
        return dialogue.line(dialogue.asked(() -> Runbook.of(target.session(), target.chosen(), target.arguments())));
    }

    // --- what comes ---

    /// Each is a run of its own; one at a time.
    private ConfirmedRun newRun(ChangeOptions options) {
        runs.mustBeFree();
        return dialogue.asked(
                () -> new ConfirmedRun(target.newSession(), target.chosen(), options.operator(dialogue, runs)));
    }

    /// The steps that are left.
    ///
    /// @throws Trouble.Usage when there is no step of that name
    private List<Step> upTo(Session asked, Optional<String> until) {
        var session = asked.glance();
        if (Position.of(session) instanceof Position.NotBegun
                && !Required.of(session).required()) return List.of();
        var names = names(Steps.flat(target.chosen().steps()));
        if (until.isPresent() && !names.contains(until.get())) throw new Trouble.Usage(noStep(until.get(), names));
        return Plan.left(session, target.chosen()).stream()
                .filter(s -> until.isEmpty() || names.indexOf(s.name()) <= names.indexOf(until.get()))
                .toList();
    }

    private static String noStep(String name, List<String> names) {
        return "There is no step '" + name + "': give one of " + String.join(", ", names) + ".";
    }

    private static List<String> names(List<Step> steps) {
        return steps.stream().map(Step::name).toList();
    }
}
