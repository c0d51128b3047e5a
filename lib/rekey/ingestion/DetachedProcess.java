package rekey.ingestion;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// A JVM of its own beside this one, which outlives it: a guard, or a rollback that was asked for on the page. It
/// gets its orders by its input, not by its arguments, which all users of the machine see.
public final class DetachedProcess {
    private DetachedProcess() {}

    /// @param main    whose `main` it runs
    /// @param options of its JVM, beside those of each
    /// @param answers whether this process reads what it says
    public static Process start(Class<?> main, List<String> options, boolean answers, Map<String, String> orders)
            throws IOException {
        var command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(options);
        command.addAll(List.of(
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        if (!answers) builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        var process = builder.start();
        try (var in = process.getOutputStream()) {
            in.write(JsonMapper.shared().writeValueAsBytes(orders));
        }
        return process;
    }

    /// What this process was told at its start.
    public static Map<String, String> orders() throws IOException {
        return map(new String(System.in.readAllBytes(), StandardCharsets.UTF_8));
    }

    /// One order that is a map by itself.
    public static Map<String, String> map(String json) {
        return JsonMapper.shared().readValue(json, new TypeReference<Map<String, String>>() {});
    }

    /// Neither Ctrl-C nor a terminal that is closed ends this process, and Ctrl-Z does not stop it: the terminal
    /// sends them to all that it has started. A guard that was stopped with its runner opened nothing at the
    /// deadline. By reflection, for to name the class is a warning at each compilation.
    public static void outliveTheTerminal() throws ReflectiveOperationException {
        var signal = Class.forName("sun.misc.Signal");
        var handler = Class.forName("sun.misc.SignalHandler");
        var ignore = handler.getField("SIG_IGN").get(null);
        for (var name : List.of("INT", "HUP", "TSTP", "TTIN", "TTOU"))
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), ignore);
    }
}
