package rekey.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.function.ToIntBiFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import rekey.model.Trouble;

/// Runs the command of a script: its one method annotated with `@Command`. Errors become one sentence on standard
/// error and the exit code of their kind (see [Trouble]); never a stack trace, unless `--verbose` asks for it.
public final class Cli {
    private static final Pattern EXAMPLE = Pattern.compile("\\./jbang ([a-z0-9-]+)");

    private Cli() {}

    /// What a command left behind.
    public record Result(int exitCode, String output, String errorOutput) {}

    /// For a script's `main`; the answer is its exit code.
    public static int run(Object script, String... args) {
        return Interrupt.answered(commandLine(script.getClass()).execute(args));
    }

    /// In this process, its output caught.
    public static Result caught(Class<?> script, String... args) {
        return caught((out, err) -> commandLine(script).setOut(out).setErr(err).execute(args));
    }

    static Result caught(ToIntBiFunction<PrintWriter, PrintWriter> command) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = command.applyAsInt(new PrintWriter(out, true), new PrintWriter(err, true));
        return new Result(code, out.toString(), err.toString());
    }

    static CommandLine commandLine(Class<?> script) {
        var method = method(script);
        var called = called(method.getAnnotation(CommandLine.Command.class).name());
        var command = configured(new CommandLine(method), called + " --help").setUsageHelpAutoWidth(true);
        var usage = command.getCommandSpec().usageMessage();
        usage.customSynopsis(called + " [OPTION...]").sortOptions(false);
        usage.footer(Stream.of(usage.footer())
                .map(line -> EXAMPLE.matcher(line).replaceAll(m -> called(m.group(1))))
                .toArray(String[]::new));
        return command;
    }

    /// How a person calls a command: by this checkout's launcher, or by the `rekey` that was installed from it.
    static String called(String verb) {
        if (System.getenv("REKEY_HOME") != null) return "./jbang " + verb;
        return verb.equals("rekey") ? "rekey" : "rekey " + verb;
    }

    /// A command with our types, and errors told as one sentence.
    ///
    /// @param help where to look when it was called wrongly
    public static CommandLine configured(CommandLine command, String help) {
        return command.registerConverter(Duration.class, Cli::duration)
                .setParameterExceptionHandler((e, args) -> misused(e, help))
                .setExecutionExceptionHandler(Cli::failed)
                .setUsageHelpLongOptionsMaxWidth(26);
    }

    static Method method(Class<?> script) {
        var methods = CommandLine.getCommandMethods(script, null);
        if (methods.size() != 1)
            throw new IllegalArgumentException(
                    script.getName() + " has " + methods.size() + " methods with @Command instead of one");
        return methods.getFirst();
    }

    private static int misused(ParameterException e, String help) {
        var sentence = e.getMessage().strip().replaceAll("\\s*\\n\\s*", " ");
        e.getCommandLine().getErr().println(sentence + (sentence.endsWith(".") ? "" : ".") + " See " + help + ".");
        e.getCommandLine().getErr().flush();
        return 2;
    }

    private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
        if (parsed != null && parsed.hasMatchedOption("--verbose")) e.printStackTrace(command.getErr());
        command.getErr().println(sentence(e));
        command.getErr().flush();
        return e instanceof Trouble t ? t.exitCode() : 1;
    }

    /// A trouble's own; anything else is a fault of rekey's, and says so.
    private static String sentence(Exception e) {
        return e instanceof Trouble
                ? e.getMessage()
                : "rekey itself failed (" + e.getClass().getSimpleName() + ": " + e.getMessage()
                        + "): run it with --verbose and report what it says.";
    }

    /// `500ms`, `1s`, `2m`, `1h`.
    ///
    /// @throws TypeConversionException for anything else
    public static Duration duration(String text) {
        var m = Pattern.compile("(\\d+)(ms|s|m|h)").matcher(text.strip());
        if (!m.matches())
            throw new TypeConversionException("'" + text + "' is no time: write it as 500ms, 1s, 2m or 1h");
        long n = Long.parseLong(m.group(1));
        return switch (m.group(2)) {
            case "ms" -> Duration.ofMillis(n);
            case "s" -> Duration.ofSeconds(n);
            case "m" -> Duration.ofMinutes(n);
            default -> Duration.ofHours(n);
        };
    }
}
