package rekey.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import rekey.cli.text.NearestWord;
import rekey.cli.text.Texts;

/// rekey as one program of one build: the script of each command under its verb. The scripts are found by their
/// names, so that a verb and its script can't come to do different things.
///
/// @param script whose class loader knows the scripts
/// @param groups the verbs in the order of `--help`
/// @param shell  the verb that is meant where none is given
/// @param apart  commands that have a build of their own, for they bring a whole lab; here they are only named
public record Program(Class<?> script, List<Group> groups, String shell, List<Group> apart) {
    /// Verbs that belong together.
    public record Group(String title, List<String> verbs) {
        public static Group of(String title, String... verbs) {
            return new Group(title, List.of(verbs));
        }
    }

    private static final String COMPLETION = "completion";

    /// @return an exit code
    public int run(String... args) {
        return Interrupt.answered(answer(new PrintWriter(System.out, true), new PrintWriter(System.err, true), args));
    }

    /// In this process, its output caught.
    public Cli.Result caught(String... args) {
        return Cli.caught((out, err) -> answer(out, err, args));
    }

    private int answer(PrintWriter out, PrintWriter err, String... args) {
        var first = args.length == 0 ? "" : args[0];
        var rest = args.length == 0 ? args : Arrays.copyOfRange(args, 1, args.length);
        if (first.equals("help") && rest.length > 0) return answer(out, err, rest[0], "--help");
        if (first.equals("--help") && rest.length > 0 && !rest[0].startsWith("-"))
            return answer(out, err, rest[0], "--help"); // the launcher makes `rekey --help plan` of `help plan`
        if (first.equals("help") || first.equals("--help") || first.equals("-h")) return list(out);
        if (first.isEmpty() || first.startsWith("-")) return execute(shell, out, err, args);
        if (first.equals(COMPLETION)) return completion(out, err, rest);
        if (verbs(groups).anyMatch(first::equals)) return execute(first, out, err, rest);
        if (verbs(apart).anyMatch(first::equals))
            err.println(first + " starts a lab or tests, and has a build of its own: run ./jbang " + first
                    + " in a checkout.");
        else {
            err.println(unknown(first) + " See " + Cli.called("rekey") + " --help.");
            for (var group : groups)
                err.println("  " + Texts.wrapped(group.title() + ": " + String.join(", ", group.verbs()), 4, 80));
        }
        err.flush();
        return 2;
    }

    private int execute(String verb, PrintWriter out, PrintWriter err, String... args) {
        return Cli.commandLine(scriptOf(verb)).setOut(out).setErr(err).execute(args);
    }

    private static Stream<String> verbs(List<Group> of) {
        return of.stream().flatMap(g -> g.verbs().stream());
    }

    /// `is-required` is the script `IsRequired`.
    ///
    /// @throws IllegalStateException when this build has no such script
    private Class<?> scriptOf(String verb) {
        var name = Stream.of(verb.split("-"))
                .map(w -> w.substring(0, 1).toUpperCase(Locale.ROOT) + w.substring(1))
                .collect(Collectors.joining());
        try {
            return script.getClassLoader().loadClass(name);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("the build of rekey has no script " + name, e);
        }
    }

    // --- what is told of them ---

    private int list(PrintWriter out) {
        out.println("rekey rewrites a live, Kafka-fed ClickHouse table under new keys.\n");
        out.println("  " + Cli.called("rekey") + "               the interactive shell");
        out.println("  " + Cli.called("rekey") + " VERB ...      a command below; VERB --help has its options");
        for (var group : groups) {
            out.println("\n" + group.title());
            for (var verb : group.verbs()) line(out, verb, description(scriptOf(verb)));
            if (group == groups.getLast())
                line(out, COMPLETION, "Completion of verbs and options for bash, zsh or fish.");
        }
        for (var group : apart)
            out.println("\n" + group.title() + ", in a checkout: ./jbang NAME\n  "
                    + Texts.wrapped(String.join("  ", group.verbs()), 2, 80));
        out.flush();
        return 0;
    }

    private static void line(PrintWriter out, String verb, String says) {
        out.println("  %-13s ".formatted(verb) + Texts.wrapped(says, 16, 80));
    }

    private static String description(Class<?> script) {
        return String.join(" ", Cli.method(script).getAnnotation(Command.class).description());
    }

    private String unknown(String word) {
        var near = NearestWord.of(
                word,
                Stream.of(verbs(groups), verbs(apart), Stream.of(COMPLETION, "help"))
                        .flatMap(all -> all));
        return "'" + word + "' is no command of rekey."
                + (near.isEmpty() ? "" : " Did you mean " + String.join(" or ", near) + "?");
    }

    private int completion(PrintWriter out, PrintWriter err, String... args) {
        var text = args.length == 1 ? ShellCompletion.of(args[0], whole()) : Optional.<String>empty();
        if (text.isEmpty()) {
            var asks = args.length == 1 && (args[0].equals("--help") || args[0].equals("-h"));
            (asks ? out : err).println(ShellCompletion.USAGE);
            err.flush();
            out.flush();
            return asks ? 0 : 2;
        }
        out.println(text.get());
        out.flush();
        return 0;
    }

    /// With every option of every verb.
    CommandLine whole() {
        var all =
                new CommandLine(CommandSpec.wrapWithoutInspection(new Object()).name("rekey"));
        verbs(groups).forEach(v -> all.addSubcommand(v, Cli.commandLine(scriptOf(v))));
        return all;
    }
}
