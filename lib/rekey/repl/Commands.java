package rekey.repl;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import rekey.cli.Cli;
import rekey.repl.command.control.Control;
import rekey.repl.command.inspect.Inspect;
import rekey.repl.command.operation.Operations;
import rekey.repl.command.shell.Session;
import rekey.repl.command.step.Steps;

/// All commands, by family. A new one is a class in its family's folder and a line in that family's list; help,
/// completion and the nearest names follow from its annotations.
public final class Commands {
    /// Title and commands of each family, in the order of `help`.
    public static final Map<String, List<Class<? extends ShellCommand>>> FAMILIES = families();

    private Commands() { }

    private static Map<String, List<Class<? extends ShellCommand>>> families() {
        var all = new LinkedHashMap<String, List<Class<? extends ShellCommand>>>();
        all.put("Look", Inspect.COMMANDS);
        all.put("Steps", Steps.COMMANDS);
        all.put("Operations by name", Operations.COMMANDS);
        all.put("While a run goes", Control.COMMANDS);
        all.put("Session", Session.COMMANDS);
        return all;
    }

    public static Stream<Class<? extends ShellCommand>> all() {
        return FAMILIES.values().stream().flatMap(List::stream);
    }

    public static Command annotation(Class<? extends ShellCommand> command) {
        return command.getAnnotation(Command.class);
    }

    /// Every name, aliases among them.
    public static Stream<String> names() {
        return all().flatMap(c -> Stream.concat(Stream.of(annotation(c).name()), Stream.of(annotation(c).aliases())));
    }

    public static Optional<Class<? extends ShellCommand>> find(String name) {
        return all().filter(c -> annotation(c).name().equals(name) || List.of(annotation(c).aliases()).contains(name)).findFirst();
    }

    /// Ready to be run or to be asked for its usage.
    ///
    /// @param shell may be null where only its usage is asked for
    public static CommandLine line(Class<? extends ShellCommand> command, Shell shell) {
        try {
            var instance = command.getDeclaredConstructor().newInstance();
            instance.shell = shell;
            var line = Cli.told(new CommandLine(instance), "help " + annotation(command).name());
            return line;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(command + " needs a public constructor without parameters", e);
        }
    }

    /// @return its exit code; errors have been told
    static int run(List<String> words, Shell shell, PrintWriter out, PrintWriter err) {
        var command = find(words.getFirst());
        if (command.isEmpty()) {
            shell.say(unknown(words.getFirst()));
            return 2;
        }
        return line(command.get(), shell).setExecutionExceptionHandler((e, line, parsed) -> shell.told(e)).setOut(out).setErr(err).execute(words.subList(1, words.size()).toArray(String[]::new));
    }

    private static String unknown(String word) {
        var near = nearest(word);
        return "There is no command '" + word + "'." + (near.isEmpty() ? "" : " Did you mean " + String.join(" or ", near) + "?") + " See help; SQL ends with a semicolon.";
    }

    /// Names that a few keystrokes apart, the nearest first.
    static List<String> nearest(String word) {
        return nearest(word, names());
    }

    /// The same of any words in small letters.
    public static List<String> nearest(String word, Stream<String> among) {
        var lower = word.toLowerCase();
        int far = Math.max(1, word.length() / 3);
        var near = new ArrayList<>(among.filter(n -> n.length() > 2 && (distance(n, lower) <= far || lower.length() > 2 && n.startsWith(lower))).toList());
        near.sort(Comparator.comparingInt(n -> distance(n, lower)));
        return near.subList(0, Math.min(3, near.size()));
    }

    /// Levenshtein's, and two letters in the wrong order count one.
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) for (int j = 0; j <= b.length(); j++) {
            if (i == 0 || j == 0) {
                d[i][j] = i + j;
                continue;
            }
            int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
            d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + change);
            if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
        return d[a.length()][b.length()];
    }
}
