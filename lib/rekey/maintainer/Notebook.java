package rekey.maintainer;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import jdk.jshell.EvalException;
import jdk.jshell.ExpressionSnippet;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.VarSnippet;
import rekey.model.Trouble;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A Jupyter notebook with cells of Java. Its cells are run in this process, in one JShell, as a kernel would run
/// them; what they show, text and pictures, can be written into it.
public final class Notebook {
    private static final Map<String, Object> VALUES = new ConcurrentHashMap<>();

    private final Path file;
    private final ObjectNode json;

    private Notebook(Path file, ObjectNode json) {
        this.file = file;
        this.json = json;
    }

    public static Notebook read(Path file) {
        try {
            return new Notebook(file, (ObjectNode) JsonMapper.shared().readTree(Files.readString(file)));
        } catch (IOException e) {
            throw new Trouble.Failed(
                    "The notebook " + file + " can't be read (" + e.getClass().getSimpleName() + "): check its name.",
                    e);
        }
    }

    /// What a cell's last expression was: called by the JShell.
    public static void value(String key, Object value) {
        if (value != null) VALUES.put(key, value);
    }

    /// Runs all cells of code in their order. When one fails, what their variables hold open is closed: a lab goes
    /// on otherwise.
    ///
    /// @param captured whether what they print is kept for [#write()] instead of being printed; for a process of
    ///                 its own
    /// @throws Trouble.Failed at the first that does not compile or throws, with its number and what it said
    public void run(boolean captured) {
        var shell = JShell.builder().executionEngine("local").build();
        try {
            shell.addToClasspath(System.getProperty("java.class.path"));
            shell.eval("import module java.base;");
            int n = 0, executed = 0;
            for (var cell : json.get("cells")) {
                n++;
                if (!cell.get("cell_type").asString().equals("code")) continue;
                run(shell, (ObjectNode) cell, n, ++executed, captured);
            }
        } catch (Trouble.Failed e) {
            shell.variables()
                    .toList()
                    .reversed()
                    .forEach(v ->
                            shell.eval("if ((Object) " + v.name() + " instanceof AutoCloseable open) open.close();"));
            throw e;
        } finally {
            shell.close();
        }
    }

    private void run(JShell shell, ObjectNode cell, int number, int executed, boolean captured) {
        var printed = new ByteArrayOutputStream();
        var before = System.out;
        if (captured) System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        Object last;
        try {
            last = evaluated(shell, source(cell), why -> {
                throw new Trouble.Failed("Cell " + number + " of " + file.getFileName() + " failed: " + why);
            });
        } finally {
            System.setOut(before);
        }
        cell.put("execution_count", executed);
        var outputs = cell.putArray("outputs");
        if (printed.size() > 0) stream(outputs, printed.toString(StandardCharsets.UTF_8));
        if (last instanceof BufferedImage image) picture(outputs, image);
    }

    private static Object evaluated(JShell shell, String source, Consumer<String> fail) {
        Object last = null;
        for (var rest = source; !rest.isBlank(); ) {
            var info = shell.sourceCodeAnalysis().analyzeCompletion(rest);
            var typed =
                    rest.substring(0, rest.length() - info.remaining().length()).strip();
            last = null;
            for (var e : shell.eval(info.source())) {
                check(shell, e, fail);
                if (e.value() != null && !typed.endsWith(";")) last = value(shell, e.snippet());
            }
            rest = info.remaining();
        }
        return last;
    }

    /// The object itself, which JShell shows as text only.
    private static Object value(JShell shell, Snippet snippet) {
        var name =
                switch (snippet) {
                    case VarSnippet v when v.subKind() == Snippet.SubKind.TEMP_VAR_EXPRESSION_SUBKIND -> v.name();
                    case ExpressionSnippet x -> x.name();
                    default -> "null";
                };
        var key = UUID.randomUUID().toString();
        shell.eval("rekey.maintainer.Notebook.value(\"" + key + "\", " + name + ");");
        return VALUES.remove(key);
    }

    private static void check(JShell shell, SnippetEvent e, Consumer<String> fail) {
        if (e.exception() != null) fail.accept(e.snippet().source().strip() + " -> " + told(e.exception()));
        if (e.status() == Snippet.Status.REJECTED)
            fail.accept(e.snippet().source().strip() + " -> "
                    + shell.diagnostics(e.snippet())
                            .map(d -> d.getMessage(Locale.ROOT))
                            .collect(Collectors.joining("; ")));
    }

    private static String told(Throwable e) {
        return (e instanceof EvalException x ? x.getExceptionClassName() + ": " : "")
                + e.getMessage()
                + (e.getCause() == null ? "" : " <- " + told(e.getCause()));
    }

    private static String source(JsonNode cell) {
        return cell.get("source")
                .valueStream()
                .map(JsonNode::asString)
                .filter(line -> !line.startsWith("%"))
                .collect(Collectors.joining());
    }

    private static void stream(ArrayNode outputs, String text) {
        var out = outputs.addObject().put("name", "stdout").put("output_type", "stream");
        var lines = out.putArray("text");
        text.lines().forEach(line -> lines.add(line + "\n"));
    }

    private static void picture(ArrayNode outputs, BufferedImage image) {
        var png = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", png);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var out = outputs.addObject().put("output_type", "display_data");
        out.putObject("data")
                .put("image/png", Base64.getEncoder().encodeToString(png.toByteArray()))
                .put("text/plain", "a picture");
        out.putObject("metadata")
                .putObject("image/png")
                .put("width", image.getWidth() / 2)
                .put("height", image.getHeight() / 2);
    }

    /// The first picture that its cells show, as a PNG.
    ///
    /// @throws Trouble.Usage when there is none
    public byte[] firstPicture() {
        return json.get("cells")
                .valueStream()
                .flatMap(c -> c.path("outputs").valueStream())
                .map(o -> o.at("/data/image~1png"))
                .filter(JsonNode::isString)
                .findFirst()
                .map(png -> Base64.getMimeDecoder().decode(png.asString()))
                .orElseThrow(() -> new Trouble.Usage("The notebook " + file + " shows no picture: leave out --png."));
    }

    /// Writes it with what its cells showed, in Jupyter's own order of lines.
    public void write() {
        var printer = new DefaultPrettyPrinter().withArrayIndenter(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE);
        try {
            Files.writeString(file, JsonMapper.shared().writer().with(printer).writeValueAsString(json) + "\n");
        } catch (IOException e) {
            throw new Trouble.Failed("The notebook " + file + " can't be written: " + e.getMessage() + ".", e);
        }
    }
}
