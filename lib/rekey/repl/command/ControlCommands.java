package rekey.repl.command;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;
import rekey.cli.Cli;
import rekey.cli.ConfirmedRun;
import rekey.model.Amounts;
import rekey.model.Trouble;
import rekey.repl.context.Dialogue;
import rekey.repl.context.PromptOperator;
import rekey.repl.context.SessionRuns;
import rekey.repl.context.Target;
import rekey.run.Orders;
import rekey.run.RunLock;
import rekey.session.Limits;

/// Commands to a run that goes on, in this session or in another process: either reads them from the journal, within
/// half a second.
final class ControlCommands {
    private static final String VALUE = "the new value; ? shows the present one";

    private final Target target;
    private final SessionRuns runs;
    private final Dialogue dialogue;

    ControlCommands(Target target, SessionRuns runs, Dialogue dialogue) {
        this.target = target;
        this.runs = runs;
        this.dialogue = dialogue;
    }

    @Command(
            name = "throttle",
            description = "Holds the copy, not ingestion, until no-throttle.",
            footer = {"", "Example: throttle"})
    int throttle() {
        return order("throttle", "", "The copy waits from now on; no-throttle lets it go on.");
    }

    @Command(
            name = "no-throttle",
            description = "Lets the copy go on.",
            footer = {"", "Example: no-throttle"})
    int noThrottle() {
        return order("no-throttle", "", "The copy goes on.");
    }

    @Command(
            name = "threads",
            description = "How many chunks are copied side by side.",
            footer = {"", "Examples: threads 4", "          threads ?"})
    int threads(@Parameters(paramLabel = "N|?", description = VALUE) String value) {
        return limit(
                new Limit(
                        "threads",
                        typed -> target.limits().withThreads(Math.toIntExact(Math.min(number("threads", typed), 1000))),
                        limits -> "" + limits.threads(),
                        order -> target.limits().withThreads(Integer.parseInt(order)),
                        limits -> "" + limits.threads()),
                value);
    }

    @Command(
            name = "nice",
            description = "What share of the time the copy leaves to others: 0.5 rests as long as it works.",
            footer = {"", "Examples: nice 0.5", "          nice 0", "          nice ?"})
    int nice(@Parameters(paramLabel = "SHARE|?", description = VALUE) String value) {
        return limit(
                new Limit(
                        "nice",
                        typed -> target.limits().withNice(share(typed)),
                        limits -> "" + limits.nice(),
                        order -> target.limits().withNice(Double.parseDouble(order)),
                        limits -> "" + limits.nice()),
                value);
    }

    @Command(
            name = "chunk",
            description = "How many rows are copied and checked at one go.",
            footer = {"", "Examples: chunk 5000000", "          chunk ?"})
    int chunk(@Parameters(paramLabel = "N|?", description = VALUE) String value) {
        return limit(
                new Limit(
                        "chunk",
                        typed -> target.limits().withChunkRows(number("chunk", typed)),
                        limits -> "" + limits.chunkRows(),
                        order -> target.limits().withChunkRows(Long.parseLong(order)),
                        limits -> Amounts.rows(limits.chunkRows()) + " rows"),
                value);
    }

    @Command(
            name = "max-held",
            description = "How long ingestion may stand still: rounds go on until what is left fits.",
            footer = {"", "Examples: max-held 500ms", "          max-held ?"})
    int maxHeld(@Parameters(paramLabel = "N|?", description = VALUE) String value) {
        return limit(
                new Limit(
                        "max-held",
                        typed -> target.limits().withMaxHeld(time(typed)).met(),
                        limits -> "" + limits.maxHeld().toMillis(),
                        order -> target.limits().withMaxHeld(Duration.ofMillis(Long.parseLong(order))),
                        limits -> Amounts.time(limits.maxHeld())),
                value);
    }

    @Command(
            name = "postpone",
            description = "Keeps the run in rounds, without a swap, until unpostpone.",
            footer = {"", "Example: postpone"})
    int postpone() {
        return order("postpone", "", "No pause and no swap from now on; rounds go on. unpostpone takes it back.");
    }

    @Command(
            name = "unpostpone",
            description = "Lets the swap come.",
            footer = {"", "Example: unpostpone"})
    int unpostpone() {
        return order("unpostpone", "", "The swap may come.");
    }

    @Command(
            name = "stop",
            description = "Ends the run and its query on the server; it can go on with run, or back with rollback.",
            footer = {"", "Example: stop"})
    int stop() {
        var own = runs.own();
        if (own.isEmpty())
            return dialogue.ordered(() -> new ConfirmedRun(
                            target.newSession(),
                            target.chosen(),
                            new PromptOperator(dialogue, runs, true, false, false))
                    .stop());
        dialogue.say("Stopping " + own.get().what() + ".");
        return dialogue.ordered(() -> {
            Orders.stop(target.session())
                    .ifPresent(why -> dialogue.say("It stops after the statement that it has running: " + why));
            return 0;
        });
    }

    @Command(
            name = "panic",
            description = "Ends the runner's process at once, as it stands; asks. Its guard reopens ingestion, run goes"
                    + " on later.",
            footer = {"", "Examples: panic", "          panic --yes"})
    int panic(@Option(names = "--yes", description = "don't ask") boolean yes) {
        if (!yes) dialogue.sure("End the runner's process at once, whatever it does? stop is the clean way.");
        return order(
                "panic",
                "",
                "The runner is told to end at once. Look with status; run goes on from what the server says.");
    }

    @Command(
            name = "wait",
            description = "Waits until this session's run has ended; Ctrl-C gives the prompt back, the run goes on.",
            footer = {"", "Example: wait"})
    int await() {
        var own = runs.own();
        if (own.isEmpty()) return 0;
        var waiting = Thread.currentThread();
        try (var _ = dialogue.onInterrupt(waiting::interrupt)) {
            return own.get().await();
        }
    }

    @Command(
            name = "attach",
            description = "Shows what the runner in another process does, at the bottom and line by line, until it ends"
                    + " or detach.",
            footer = {"", "Example: attach"})
    int attach() {
        return dialogue.asked(() -> runs.follow(target.session(), target.chosen())) ? 0 : 3;
    }

    @Command(
            name = "detach",
            description = "Shows the other process' run no more; it goes on.",
            footer = {"", "Example: detach"})
    int detach() {
        runs.unfollow();
        return 0;
    }

    /// A limit of the run that goes on, and of this session's later ones.
    ///
    /// @param typed    the limits with a value as a person types it
    /// @param argument the value as an order carries it
    /// @param ordered  the limits with an order's value
    /// @param text     the value as a person reads it
    private record Limit(
            String name,
            Function<String, Limits> typed,
            Function<Limits, String> argument,
            Function<String, Limits> ordered,
            Function<Limits, String> text) {}

    /// @param value `?` asks for the present one
    private int limit(Limit limit, String value) {
        boolean running = target.migration().isPresent() && dialogue.asked(this::running);
        var name = limit.name + " ";
        if (value.equals("?")) {
            var told = running
                    ? dialogue.asked(() -> Orders.limit(target.session(), limit.name))
                    : Optional.<String>empty();
            var now = told.filter(t -> !t.isEmpty()).map(limit.ordered).orElse(target.limits());
            return dialogue.line(name + limit.text.apply(now) + (running ? adapted(limit) : ""));
        }
        var limits = limit.typed.apply(value);
        target.limits(limits);
        var text = name + limit.text.apply(limits);
        return running
                ? order(limit.name, limit.argument.apply(limits), text + " from now on, for the run that goes on too.")
                : dialogue.line(text + " for the next run.");
    }

    /// What the healthcheck has made of it.
    private String adapted(Limit limit) {
        if (!limit.name.equals("threads")) return "";
        return dialogue.asked(() -> Orders.adapted(target.session()))
                .map(a -> ", now " + a.text() + ": " + a.why())
                .orElse("");
    }

    private static long number(String name, String value) {
        try {
            long n = Long.parseLong(value.replace("_", "").replace(",", ""));
            if (n >= 1) return n;
        } catch (NumberFormatException e) {
            // told below
        }
        throw new Trouble.Usage("'" + value + "' is no number from 1 on: write it as in  " + name + " 4.");
    }

    private static double share(String value) {
        try {
            return Double.parseDouble(value);
        } catch (NumberFormatException e) {
            throw new Trouble.Usage("'" + value + "' is no share: write it as in  nice 0.5.");
        }
    }

    private static Duration time(String value) {
        try {
            return Cli.duration(value);
        } catch (TypeConversionException e) {
            throw new Trouble.Usage(e.getMessage() + ".");
        }
    }

    /// @return 0
    /// @throws Trouble.Refused when nobody runs the migration who could take it
    private int order(String order, String argument, String told) {
        return dialogue.line(dialogue.ordered(() -> {
            if (!running())
                throw new Trouble.Refused(
                        "Nothing runs on " + target.session().rewrite().source() + " that could be told so.");
            Orders.send(target.session(), order, argument);
            return told;
        }));
    }

    private boolean running() {
        var session = target.session();
        return RunLock.holder(session).isPresent();
    }
}
