package rekey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Sources look alike, whoever wrote them: `./jbang format` lays them out.
@Tag("layout")
class FormatTest {
    @Test
    void everySourceIsFormatted() throws Exception {
        assertEquals(List.of(), SourceFormat.differing(Repo.ROOT, false), "run ./jbang format");
    }

    @Test
    void noLineIsLongerThanTheScreen() throws Exception {
        var wide = new ArrayList<String>();
        var files = new ArrayList<>(List.of(Path.of("README.md")));
        for (var folder : List.of("lib", "scripts", "tests"))
            files.addAll(Repo.files(folder, ".java", ".md", ".sql", ".html"));
        for (var file : files) {
            var lines = Repo.lines(file);
            for (int i = 0; i < lines.size(); i++)
                // a name can be longer: one is of 200 letters, and that is its test
                if (lines.get(i).length() > SourceFormat.COLUMNS
                        && !lines.get(i).matches("(-- )? *\\S+")) wide.add(file + ":" + (i + 1));
        }
        assertEquals(List.of(), wide, "longer than " + SourceFormat.COLUMNS + " columns");
    }

    @Test
    void whatDoesNotFitIntoALineOfADocCommentBeginsTheNext() throws Exception {
        assertEquals(
                doc(
                                "word ".repeat(21) + "word",
                                "word word next",
                                "",
                                "1. " + "item ".repeat(21) + "item",
                                "   item of one")
                        + doc("2. of two", "@param a " + "what ".repeat(20) + "what", "         what")
                        + "record A(int a) {}\n",
                SourceFormat.of(
                        doc("word ".repeat(23) + "word", "next", "", "1. " + "item ".repeat(22) + "item", "   of one")
                                + doc("2. of two", "@param a " + "what ".repeat(21) + "what")
                                + "record A(int a) {}\n"));
    }

    /// The formatter made the last words of such a line a comment of two slashes, and the compiler's lint refused
    /// what `./jbang format` had written.
    @Test
    void aFurtherLineOfADocCommentKeepsItsThreeSlashes() throws Exception {
        for (var before : List.of("", "class A {\n    ", "class A {\n    class B {\n        ")) {
            var indent = before.substring(before.lastIndexOf('\n') + 1);
            for (int columns = 100; columns <= 125; columns++) {
                var line = (indent + "/// " + "word ".repeat(30))
                                .substring(0, columns)
                                .stripTrailing() + "x\n";
                var text =
                        before + "/// First.\n" + line + indent + "record C() {}\n" + "}".repeat(indent.length() / 4);
                assertFalse(SourceFormat.of(text).matches("(?s).*(?<!/)// .*"), text);
            }
        }
    }

    /// Its head, which JBang reads, and its body stay as they are.
    @Test
    void ofAScriptTheImportsAreLaidOut() throws Exception {
        var head = "///usr/bin/env jbang \"$0\" \"$@\" ; exit $?\n"
                + "//JAVA 25+\n"
                + "//SOURCES ../lib/Rekey.java\n"
                + "//DEPS a:b:1\n\n"
                + "// What it does.\n\n";
        var body = "int run(List<Path>   files,\n   @A(b = 1) int n) { return 0; }\n\n"
                + "void main(String... args) { System.exit(command(this, args)); }\n";
        assertEquals(
                head + "import static rekey.Rekey.*;\n\nimport java.nio.file.Path;\nimport java.util.List;\n\n" + body,
                SourceFormat.ofScript(head
                        + "import java.util.List;\nimport java.util.Map;\nimport java.nio.file.Path;\n\n"
                        + "import static rekey.Rekey.*;\n\n" + body));
    }

    private static String doc(String... lines) {
        return Stream.of(lines)
                .map(line -> "/// " + line)
                .map(String::stripTrailing)
                .collect(Collectors.joining("\n", "", "\n"));
    }

    @Test
    void aFileThatIsNotFormattedIsFoundAndMended(@org.junit.jupiter.api.io.TempDir Path folder) throws Exception {
        var file = Files.createDirectories(folder.resolve("lib")).resolve("A.java");
        Files.createDirectories(folder.resolve("tests/rekey"));
        Files.writeString(file, "//SOURCES B.java\nclass A {\n/// " + "word ".repeat(30) + "\nint  x; }");
        assertEquals(List.of(Path.of("lib/A.java")), SourceFormat.differing(folder, true));
        assertEquals(List.of(), SourceFormat.differing(folder, false));
        var text = Files.readString(file);
        assertTrue(text.startsWith("//SOURCES B.java\n"), text);
        assertFalse(text.contains("    // word"), text);
    }
}
