package rekey.cases;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import rekey.Repo;
import rekey.model.TableName;

/// A table after a public report or schema, as a file of SQL: its statements make it in a database of its own, and
/// the comments at its head say what is done with it.
///
/// - `T` the table, `TABLEARG` the same as a person types it where it needs quotes · `K` the arguments of `migrate`
/// - `BG` a statement that is repeated while `migrate` runs (`{n}` counts), every 100 ms or so many seconds as
///   `EVERY` says; `AFTERX` the same
/// - `AFTER` a statement after the swap · `CHECK` a query that must be answered all the time, and say the same
///   before the swap, where nothing is written meanwhile, and behind it, and the same before and behind the way back
/// - `FP` the columns by which rows are compared where the bytes of the others say nothing · `FINAL` by FINAL
/// - `TOPIC` the Kafka topic that it reads and its partitions, `MESSAGE` what is sent to it before, `POISON` the
///   message behind these at which `VIEW` fails, a view behind the table
/// - `LONG` a letter, and how often `{long}` says it
/// - `WITH` a setting with which its statements are sent
/// - `REFUSED` what `plan` says of it: then nothing is made
///
/// @param text all of the file
record Case(String name, String text) {

    /// One case by itself, or several: `REKEY_CASE=odd_names,dup_rows ./jbang test cases`.
    private static final String ALONE = System.getenv("REKEY_CASE");

    static Stream<Case> all() {
        try (var files = Files.list(Repo.ROOT.resolve("tests/rekey/cases"))) {
            return files
                    .filter(f -> f.toString().endsWith(".sql"))
                    .filter(f -> ALONE == null
                            || List.of(ALONE.split(","))
                                    .contains(f.getFileName().toString().replace(".sql", "")))
                    .sorted()
                    .map(Case::read)
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Case read(Path file) {
        try {
            var c = new Case(file.getFileName().toString().replace(".sql", ""), Files.readString(file));
            var letter = c.one("LONG").map(l -> l.split(" "));
            return letter.isEmpty()
                    ? c
                    : new Case(
                            c.name,
                            c.text.replace("{long}", letter.get()[0].repeat(Integer.parseInt(letter.get()[1]))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What stands behind a word of the head, as often as it stands there. It goes on in lines that are further in.
    List<String> all(String word) {
        var out = new ArrayList<String>();
        text.replaceAll("\n-- {3,}", " ")
                .lines()
                .filter(l -> l.startsWith("-- " + word + ": "))
                .map(l -> l.substring(word.length() + 5).strip())
                .forEach(out::add);
        return out;
    }

    Optional<String> one(String word) {
        return all(word).stream().findFirst();
    }

    TableName table() {
        var typed = one("TABLEARG");
        return typed.map(t -> TableName.parse(t, "default")).orElseGet(() -> {
            var name = one("T").orElseThrow();
            int dot = name.indexOf('.');
            return new TableName(name.substring(0, dot), name.substring(dot + 1));
        });
    }

    /// The arguments, split as a shell does.
    List<String> arguments() {
        var out = new ArrayList<String>();
        var m = Pattern.compile("'([^']*)'|(\\S+)").matcher(one("K").orElse(""));
        while (m.find()) out.add(m.group(1) != null ? m.group(1) : m.group(2));
        return out;
    }

    Optional<String> argument(String option) {
        int at = arguments().indexOf(option);
        return at < 0 ? Optional.empty() : Optional.of(arguments().get(at + 1));
    }

    List<String> statements() {
        return Stream.of(text.replaceAll("(?m)^--.*$", "").split(";\\s*(\\n|$)"))
                .map(String::strip)
                .filter(s -> !s.isEmpty())
                .toList();
    }

    /// With what its statements are sent.
    Map<String, String> settings() {
        return all("WITH").stream().collect(Collectors.toMap(s -> s.split("=")[0], s -> s.split("=")[1]));
    }

    /// What goes on while it is migrated.
    List<String> meanwhile() {
        return Stream.concat(all("BG").stream(), all("AFTERX").stream()).toList();
    }

    @Override
    public String toString() {
        return name;
    }
}
