package rekey.repl;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import rekey.model.Trouble;
import rekey.sheet.TextWidth;

/// The library's words, with what stands above each in its source, which is packed beside its class: for `help()`
/// and for the Tab of JShell.
///
/// @param words in their order, each with the section that it stands in
public record LibraryHelp(List<Word> words) {
    private static final String SOURCE = "/rekey-words/rekey/Rekey.java";
    private static final Pattern SECTION = Pattern.compile("    // --- (.*) ---"),
            WORD = Pattern.compile("    public static (\\S+) (\\w+)\\((.*)\\) \\{");
    private static final int WIDTH = 80;

    /// @param doc its whole text
    public record Word(String section, String name, String parameters, String doc) {
        /// The first sentence.
        String brief() {
            return doc.lines()
                    .takeWhile(l -> !l.isBlank() && !l.startsWith("@"))
                    .collect(Collectors.joining(" "));
        }
    }

    public static LibraryHelp read() {
        var out = new ArrayList<Word>();
        var doc = new ArrayList<String>();
        var section = "";
        for (var line : source().lines().toList()) {
            var sectioned = SECTION.matcher(line);
            var word = WORD.matcher(line);
            if (sectioned.matches()) section = sectioned.group(1);
            else if (line.startsWith("    ///")) doc.add(line.substring(7).strip());
            else {
                if (word.matches()) out.add(new Word(section, word.group(2), word.group(3), String.join("\n", doc)));
                doc.clear();
            }
        }
        return new LibraryHelp(List.copyOf(out));
    }

    /// All words, a line each.
    public String all() {
        var out = new StringBuilder();
        var section = "";
        for (var w : words) {
            if (!w.section.equals(section))
                out.append(section.isEmpty() ? "" : "\n").append(w.section).append('\n');
            section = w.section;
            out.append("  %-13s ".formatted(w.name))
                    .append(TextWidth.wrapped(w.brief(), 16, WIDTH))
                    .append('\n');
        }
        return out.append("\nhelp(\"plan\") tells more of one; Tab twice after  plan(  too.")
                .toString();
    }

    /// @throws Trouble.Usage when there is no such word
    public String one(String name) {
        var found = words.stream().filter(w -> w.name.equals(name)).toList();
        if (found.isEmpty()) throw new Trouble.Usage("There is no word '" + name + "': help() lists all.");
        return found.stream()
                .map(w -> w.name + "(" + w.parameters + ")\n" + w.doc.indent(2).stripTrailing())
                .collect(Collectors.joining("\n\n"));
    }

    /// A folder in which JShell finds the source by its package.
    ///
    /// @param folder an empty one
    static Path unpacked(Path folder) throws IOException {
        var file = folder.resolve("rekey/Rekey.java");
        Files.createDirectories(file.getParent());
        Files.writeString(file, source());
        return folder;
    }

    private static String source() {
        try (InputStream in = LibraryHelp.class.getResourceAsStream(SOURCE)) {
            if (in == null) throw new IllegalStateException("no " + SOURCE);
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
