//DEPS com.palantir.javaformat:palantir-java-format:2.90.0
//RUNTIME_OPTIONS --add-exports=jdk.compiler/com.sun.tools.javac.api=ALL-UNNAMED
//RUNTIME_OPTIONS --add-exports=jdk.compiler/com.sun.tools.javac.code=ALL-UNNAMED
//RUNTIME_OPTIONS --add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED
//RUNTIME_OPTIONS --add-exports=jdk.compiler/com.sun.tools.javac.parser=ALL-UNNAMED
//RUNTIME_OPTIONS --add-exports=jdk.compiler/com.sun.tools.javac.tree=ALL-UNNAMED
//RUNTIME_OPTIONS --add-exports=jdk.compiler/com.sun.tools.javac.util=ALL-UNNAMED

package rekey;

import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.JavaFormatterOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// How a source file of the library and of the tests is laid out: palantir-java-format at 120 columns, imports
/// sorted and none unused. Of a script that holds for the imports alone. The formatter gives each option of a
/// command five lines instead of two, and a script is to fit on a screen: who runs it reads it first.
public final class SourceFormat {
    public static final int COLUMNS = 120;
    private static final Pattern DIRECTIVE =
            Pattern.compile("(?m)^// (JAVA|DEPS|FILES|SOURCES|RUNTIME_OPTIONS|COMPILE_OPTIONS) ");
    /// A line of a doc comment: what begins a list item or a tag, and what is said.
    private static final Pattern DOC =
            Pattern.compile("( *///\\s+)(?<item>(?:(?:\\d+\\.|-|@param +\\S+|@\\w+) +)?)(?<said>\\S.*)");
    /// All of them, with what is blank between and behind them.
    private static final Pattern IMPORTS = Pattern.compile("(?m)^import .*\n(?:(?:import .*)?\n)*");
    /// The formatter breaks a comment before its own line is full.
    private static final int WRAPPED = COLUMNS - 3;
    private static final Formatter FORMATTER = Formatter.createFormatter(JavaFormatterOptions.builder()
            .style(JavaFormatterOptions.Style.PALANTIR)
            .build());

    private SourceFormat() {}

    private static boolean isScript(Path file) {
        return !file.startsWith("lib") && !file.startsWith("tests/rekey");
    }

    /// The text as it should be. A doc comment that is too long is wrapped first, for the formatter breaks it into a
    /// line that is no doc comment; and it puts a blank into JBang's directives, which then say nothing.
    ///
    /// @throws FormatterException where the text is no Java
    public static String of(String text) throws FormatterException {
        var formatted = FORMATTER.formatSourceAndFixImports(wrapped(text));
        return DIRECTIVE.matcher(formatted).replaceAll("//$1 ");
    }

    /// A script's text as it should be. The formatter reads no source without a class yet, so it is given one.
    ///
    /// @throws FormatterException where the text is no Java
    public static String ofScript(String text) throws FormatterException {
        var imports = IMPORTS.matcher(text);
        if (!imports.find()) return text;
        var name = "class Script {";
        var body = text.substring(imports.end());
        var formatted = FORMATTER.formatSourceAndFixImports(imports.group() + name + "\n" + body + "\n}\n");
        return text.substring(0, imports.start())
                + formatted.substring(0, formatted.indexOf(name)).strip()
                + "\n\n"
                + body;
    }

    /// What does not fit into its line begins the next one of its paragraph, list item or tag, as far in as that is.
    private static String wrapped(String text) {
        var lines = new ArrayDeque<>(List.of(text.split("\n", -1)));
        var out = new ArrayList<String>();
        while (!lines.isEmpty()) {
            var line = lines.pop();
            var doc = DOC.matcher(line);
            int room = doc.matches() && further(out) ? Math.min(WRAPPED, COLUMNS - indent(line)) : WRAPPED;
            int end = line.length() > room && doc.matches() ? line.lastIndexOf(' ', room) : -1;
            if (end < 0 || end <= doc.start("said")) {
                out.add(line);
                continue;
            }
            var hang = line.substring(0, doc.start("item")) + " ".repeat(doc.start("said") - doc.start("item"));
            var rest = hang + line.substring(end + 1);
            var next = DOC.matcher(lines.isEmpty() ? "" : lines.peek());
            boolean goesOn = next.matches()
                    && next.start("said") == hang.length()
                    && next.group("item").isEmpty()
                    && !next.group("said").matches("[|#`]{2,}.*|[|#] .*");
            out.add(line.substring(0, end));
            lines.push(goesOn ? rest + " " + lines.pop().substring(hang.length()) : rest);
        }
        return String.join("\n", out);
    }

    /// Whether the line before belongs to a comment, too. Of its further lines the formatter counts the indent
    /// twice: one of 117 columns lost its last word to a line that was no doc comment.
    private static boolean further(List<String> before) {
        return !before.isEmpty() && before.getLast().strip().startsWith("///");
    }

    private static int indent(String line) {
        return line.length() - line.stripLeading().length();
    }

    /// The files below a checkout that are not laid out so. What was found to be is remembered by its hash, until
    /// this file changes: to lay out all sources takes half a minute.
    ///
    /// @param mend whether they are written anew
    public static List<Path> differing(Path root, boolean mend) throws Exception {
        var out = new ArrayList<Path>();
        var known = known(root);
        var formatted = new HashSet<>(Files.exists(known) ? Files.readAllLines(known) : List.of());
        var found = new ArrayList<String>();
        for (var folder : List.of("lib", "scripts", "tests")) {
            if (!Files.isDirectory(root.resolve(folder))) continue;
            try (Stream<Path> files = Files.walk(root.resolve(folder))) {
                for (var file : files.filter(f -> f.toString().endsWith(".java"))
                        .sorted()
                        .toList()) {
                    var text = Files.readString(file);
                    if (formatted.contains(hash(text))) continue;
                    var should = isScript(root.relativize(file)) ? ofScript(text) : of(text);
                    if (should.equals(text)) {
                        found.add(hash(text));
                        continue;
                    }
                    out.add(root.relativize(file));
                    if (mend) Files.writeString(file, should);
                }
            }
        }
        Files.createDirectories(known.getParent());
        Files.write(known, found, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return out;
    }

    /// Where the hashes of formatted texts are, by the text of this file; a folder without it has a list of its own.
    private static Path known(Path root) throws Exception {
        var here = root.resolve("tests/rekey/SourceFormat.java");
        if (!Files.exists(here)) return root.resolve("formatted");
        var own = System.getenv("REKEY_CACHE");
        var cache = own != null ? Path.of(own) : Path.of(System.getProperty("user.home"), ".cache", "rekey");
        return cache.resolve("formatted").resolve(hash(Files.readString(here)));
    }

    private static String hash(String text) throws NoSuchAlgorithmException {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }
}
