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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// How a source file of the library and of the tests is laid out: palantir-java-format at 120 columns, imports
/// sorted and none
/// unused. Compact sources (the scripts) are none of its business, for no formatter reads them yet.
public final class SourceFormat {
    public static final int COLUMNS = 120;
    private static final Pattern DIRECTIVE =
            Pattern.compile("(?m)^// (JAVA|DEPS|FILES|SOURCES|RUNTIME_OPTIONS|COMPILE_OPTIONS) ");
    private static final Formatter FORMATTER = Formatter.createFormatter(JavaFormatterOptions.builder()
            .style(JavaFormatterOptions.Style.PALANTIR)
            .build());

    private SourceFormat() {}

    /// Whether a file is one that is held to it.
    public static boolean holds(Path file) {
        return file.toString().endsWith(".java") && (file.startsWith("lib") || file.startsWith("tests/rekey"));
    }

    /// The text as it should be. A doc comment that is too long is wrapped first, for the formatter breaks it into a
    /// line that is
    /// no doc comment; and it puts a blank into JBang's directives, which then say nothing.
    ///
    /// @throws FormatterException where the text is no Java
    public static String of(String text) throws FormatterException {
        var formatted = FORMATTER.formatSourceAndFixImports(wrapped(text));
        return DIRECTIVE.matcher(formatted).replaceAll("//$1 ");
    }

    private static String wrapped(String text) {
        var out = new ArrayList<String>();
        for (var line : text.split("\n", -1)) {
            var prefix = line.substring(0, line.indexOf("///") < 0 ? 0 : line.indexOf("///"));
            var words = line.stripLeading();
            if (!prefix.isBlank() || !words.startsWith("///") || line.length() <= COLUMNS - 3) {
                out.add(line);
                continue;
            }
            var said = words.substring(3);
            var indent = " ".repeat(said.length() - said.stripLeading().length());
            out.addAll(wrapped(prefix + "///" + indent, said.strip()));
        }
        return String.join("\n", out);
    }

    private static List<String> wrapped(String prefix, String words) {
        var out = new ArrayList<String>();
        var line = new StringBuilder();
        for (var word : words.split(" ")) {
            if (!line.isEmpty() && prefix.length() + line.length() + 1 + word.length() > COLUMNS - 3) {
                out.add(prefix + line);
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        out.add(prefix + line);
        return out;
    }

    /// The files below a checkout that are not laid out so.
    ///
    /// @param mend whether they are written anew
    public static List<Path> differing(Path root, boolean mend) throws Exception {
        var out = new ArrayList<Path>();
        for (var folder : List.of("lib", "tests/rekey")) {
            try (Stream<Path> files = Files.walk(root.resolve(folder))) {
                for (var file : files.filter(f -> f.toString().endsWith(".java"))
                        .sorted()
                        .toList()) {
                    var text = Files.readString(file);
                    var should = of(text);
                    if (should.equals(text)) continue;
                    out.add(root.relativize(file));
                    if (mend) Files.writeString(file, should);
                }
            }
        }
        return out;
    }
}
