package rekey.repl.command;

import java.io.PrintWriter;
import java.io.Writer;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import rekey.cli.Cli;
import rekey.repl.context.Dialogue;
import rekey.repl.context.SessionRuns;
import rekey.repl.context.Target;
import rekey.repl.line.LineParser;

/// All commands, by family. A family is a class, and a command a method of it that is annotated with picocli's
/// `@Command`; help, completion and the nearest names follow from its annotations. A new one is such a method, and
/// its name in the list below, at its place in `help`.
public final class Commands implements CommandLine.IFactory {
    /// In the order of `help`.
    public static final List<Family> FAMILIES = List.of(
            new Family(
                    "Look",
                    InspectCommands.class,
                    "now tables databases describe partitions parts diff journal inflow lag consumers merges mutations"
                            + " disks queries slow kill errors"),
            new Family(
                    "Steps", StepCommands.class, "status plan check explain next run undo rollback finalize runbook"),
            new Family(
                    "Operations by name",
                    OperationCommands.class,
                    "create backfill verify pause remaining swap resume optimize"),
            new Family(
                    "While a run goes",
                    ControlCommands.class,
                    "throttle no-throttle nice threads chunk max-held postpone unpostpone stop panic wait attach"
                            + " detach"),
            new Family("Session", SessionCommands.class, "help connect migration \\watch history exit"));

    private final Target target;
    private final SessionRuns runs;
    private final Dialogue dialogue;
    private final Runnable leave;
    private final Candidates candidates;

    /// Commands of one class.
    ///
    /// @param order their names, parted by blanks
    public record Family(String title, Class<?> type, String order) {
        public List<String> names() {
            return List.of(order.split(" "));
        }

        /// @throws IllegalStateException when list and methods differ
        List<Method> commands() {
            var methods = new ArrayList<>(CommandLine.getCommandMethods(type, null));
            methods.sort((a, b) -> names().indexOf(annotation(a).name())
                    - names().indexOf(annotation(b).name()));
            var named = methods.stream().map(m -> annotation(m).name()).toList();
            if (!named.equals(names()))
                throw new IllegalStateException(
                        "The commands of " + type + " are " + named + ", listed are " + names());
            return methods;
        }
    }

    /// @param leave ends the session after the command
    public Commands(Target target, SessionRuns runs, Dialogue dialogue, Runnable leave) {
        this.target = target;
        this.runs = runs;
        this.dialogue = dialogue;
        this.leave = leave;
        this.candidates = new Candidates(target);
    }

    public Candidates candidates() {
        return candidates;
    }

    public static Stream<Method> all() {
        return FAMILIES.stream().flatMap(family -> family.commands().stream());
    }

    public static Command annotation(Method command) {
        return command.getAnnotation(Command.class);
    }

    /// Every name, aliases among them.
    public static Stream<String> names() {
        return all().flatMap(c -> Stream.concat(
                Stream.of(annotation(c).name()), Stream.of(annotation(c).aliases())));
    }

    public static Optional<Method> find(String name) {
        return all().filter(c -> annotation(c).name().equals(name)
                        || List.of(annotation(c).aliases()).contains(name))
                .findFirst();
    }

    /// Ready to be run or to be asked for its usage.
    ///
    /// @param commands null where only its usage is asked for
    public static CommandLine line(Method command, Commands commands) {
        return Cli.configured(
                new CommandLine(command, commands == null ? new Commands(null, null, null, null) : commands),
                "help " + annotation(command).name());
    }

    /// @param lines knows the names that are near a mistyped one
    /// @return its exit code; errors have been told
    public int run(List<String> words, LineParser lines) {
        var command = find(words.getFirst());
        if (command.isEmpty()) {
            dialogue.say(unknown(words.getFirst(), lines));
            return 2;
        }
        return line(command.get(), this)
                .setExecutionExceptionHandler((e, line, parsed) -> dialogue.failed(e))
                .setOut(dialogue.out())
                .setErr(complaints(dialogue::say))
                .execute(words.subList(1, words.size()).toArray(String[]::new));
    }

    private static String unknown(String word, LineParser lines) {
        var near = lines.nearest(word);
        return "There is no command '" + word + "'."
                + (near.isEmpty() ? "" : " Did you mean " + String.join(" or ", near) + "?")
                + " See help; SQL ends with a semicolon.";
    }

    /// What picocli has to say goes where complaints go, a flush's worth at a time.
    private static PrintWriter complaints(Consumer<String> say) {
        var text = new StringBuilder();
        return new PrintWriter(
                new Writer() {
                    @Override
                    public void write(char[] chars, int from, int length) {
                        text.append(chars, from, length);
                    }

                    @Override
                    public void flush() {
                        if (!text.toString().isBlank())
                            say.accept(text.toString().stripTrailing());
                        text.setLength(0);
                    }

                    @Override
                    public void close() {
                        flush();
                    }
                },
                true);
    }

    /// Gives each family what it works on, and no more.
    @Override
    public <K> K create(Class<K> type) throws Exception {
        if (type == InspectCommands.class) return type.cast(new InspectCommands(target, dialogue));
        if (type == StepCommands.class) return type.cast(new StepCommands(target, runs, dialogue));
        if (type == OperationCommands.class) return type.cast(new OperationCommands(target, runs, dialogue));
        if (type == ControlCommands.class) return type.cast(new ControlCommands(target, runs, dialogue));
        if (type == SessionCommands.class) return type.cast(new SessionCommands(target, dialogue, leave));
        var made = CommandLine.defaultFactory().create(type);
        if (made instanceof Candidates.Kind kind) kind.from(candidates);
        return made;
    }
}
