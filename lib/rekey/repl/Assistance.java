package rekey.repl;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.CompletingParsedLine;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.jline.reader.impl.CompletionMatcherImpl;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import rekey.model.Trouble;
import rekey.repl.command.Commands;
import rekey.repl.line.Line;
import rekey.repl.line.LineParser;
import rekey.repl.screen.TerminalScreen;
import rekey.repl.sql.Colours;
import rekey.repl.sql.SqlCompletion;

/// Help while one types: completion of commands by their annotations and of SQL by its place, and colours.
final class Assistance implements Completer {
    private static final Set<String> STATEMENTS = Set.of(
            "SELECT",
            "INSERT INTO",
            "SHOW CREATE TABLE",
            "SHOW TABLES",
            "DESCRIBE TABLE",
            "EXPLAIN",
            "ALTER TABLE",
            "SYSTEM",
            "OPTIMIZE TABLE",
            "SET",
            "USE",
            "WITH");

    private final LineParser lines;
    private final Commands commands;
    private final SqlCompletion sql;

    private Assistance(LineParser lines, Commands commands, SqlCompletion sql) {
        this.lines = lines;
        this.commands = commands;
        this.sql = sql;
    }

    static TerminalScreen.Assistance of(LineParser lines, Commands commands) {
        var words = commands.candidates().vocabulary();
        var assistance = new Assistance(
                lines,
                commands,
                new SqlCompletion(words, () -> commands.candidates().database()));
        return new TerminalScreen.Assistance(
                assistance, new Names(), new Colours(words, assistance::command), assistance::parted);
    }

    /// Whether a line, or what there is of one, is a command and no SQL.
    private boolean command(String line) {
        try {
            return lines.of(line) instanceof Line.Words w
                            && (w.words().isEmpty()
                                    || Commands.find(w.words().getFirst()).isPresent())
                    || lines.of(line) instanceof Line.Watch;
        } catch (Trouble e) {
            return true; // such as one that ends in >
        }
    }

    private CompletingParsedLine parted(String line, int cursor) {
        var before = line.substring(0, cursor);
        return Parted.of(
                line,
                cursor,
                command(before)
                        || before.strip().startsWith("\\")
                        || !before.strip().contains(" "));
    }

    @Override
    public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
        var before = new ArrayList<>(line.words().subList(0, line.wordIndex()));
        if (before.size() >= 2 && before.getFirst().equals("\\watch"))
            before.subList(0, 2).clear();
        if (before.isEmpty()) first(line.word(), candidates);
        else if (command(line.line().substring(0, line.cursor()))
                && Commands.find(before.getFirst()).isPresent()) argument(before, line.word(), candidates);
        else sql.complete(reader, line, candidates);
    }

    /// Commands, and what statements begin with, in small letters where one types so.
    private static void first(String begun, List<Candidate> candidates) {
        for (var family : Commands.FAMILIES)
            for (var name : family.names())
                candidates.add(new Candidate(name, name, family.title(), null, null, null, true));
        boolean lower = begun.equals(begun.toLowerCase(Locale.ROOT));
        for (var s : STATEMENTS.stream()
                .sorted()
                .map(s -> lower ? s.toLowerCase(Locale.ROOT) : s)
                .toList()) candidates.add(new Candidate(s, s, "SQL", null, null, null, true));
    }

    /// The values of the parameter that stands at this place, or the option's, or the options.
    private void argument(List<String> before, String begun, List<Candidate> candidates) {
        var spec = Commands.line(Commands.find(before.getFirst()).orElseThrow(), commands)
                .getCommandSpec();
        var last = before.getLast().startsWith("-")
                ? spec.findOption(before.getLast())
                : null; // picocli finds --migration by `migration`, too
        if (last != null && last.arity().min() > 0) values(last, before, candidates);
        else if (begun.startsWith("-"))
            for (OptionSpec o : spec.options())
                candidates.add(new Candidate(
                        o.longestName(),
                        o.longestName(),
                        null,
                        o.description().length > 0 ? o.description()[0] : null,
                        null,
                        null,
                        true));
        else {
            long at = before.stream().skip(1).filter(w -> !w.startsWith("-")).count();
            for (PositionalParamSpec p : spec.positionalParameters())
                if (p.index().contains((int) at)) values(p, before, candidates);
        }
    }

    private void values(ArgSpec argument, List<String> before, List<Candidate> candidates) {
        if (argument.completionCandidates() == null) return;
        commands.candidates().typed(before);
        for (var v : argument.completionCandidates()) candidates.add(new Candidate(v, v, null, null, null, null, true));
    }

    /// What has been typed, as completion sees it: the word is the name that has been begun before the cursor, or an
    /// option with its dashes; behind a dot only what follows it.
    ///
    /// @param word   before and behind the cursor
    /// @param cursor in the line
    /// @param inside the cursor within the word
    private record Parted(String line, int cursor, String word, int inside) implements CompletingParsedLine {
        private static final Pattern SQL = Pattern.compile("`[^`]*$|[\\p{L}\\p{N}_$]+$"),
                COMMAND = Pattern.compile("\\S+$"),
                REST = Pattern.compile("^[\\p{L}\\p{N}_$]*");

        /// @param command whether the line is a command: its words are parted by blanks alone
        static Parted of(String line, int cursor, boolean command) {
            var before = (command ? COMMAND : SQL).matcher(line.substring(0, cursor));
            var begun = before.find() ? before.group() : "";
            var rest = REST.matcher(line.substring(cursor));
            var behind = rest.find() ? rest.group() : "";
            return new Parted(line, cursor, begun + behind, begun.length());
        }

        @Override
        public int wordCursor() {
            return inside;
        }

        @Override
        public int wordIndex() {
            return words().size() - 1;
        }

        /// The words before the one that has been begun, and that one.
        @Override
        public List<String> words() {
            var all = new ArrayList<>(
                    List.of(line.substring(0, cursor - inside).strip().split("\\s+")));
            all.removeIf(String::isEmpty);
            all.add(word);
            return all;
        }

        /// Names come quoted where they need it.
        @Override
        public CharSequence escape(CharSequence candidate, boolean complete) {
            return candidate;
        }

        @Override
        public int rawWordCursor() {
            return inside;
        }

        @Override
        public int rawWordLength() {
            return word.length();
        }
    }

    /// Offers a name that must stand in backticks also to who has begun it without one.
    private static final class Names extends CompletionMatcherImpl {
        @Override
        protected void defaultMatchers(
                Map<LineReader.Option, Boolean> options,
                boolean prefix,
                CompletingParsedLine line,
                boolean caseInsensitive,
                int errors,
                String originalGroupName) {
            super.defaultMatchers(options, prefix, line, caseInsensitive, errors, originalGroupName);
            var word = line.word();
            var begun = (prefix ? word.substring(0, Math.min(line.wordCursor(), word.length())) : word)
                    .toLowerCase(Locale.ROOT);
            if (!begun.isEmpty() && !begun.startsWith("`"))
                matchers.addFirst(simpleMatcher(
                        name -> unquoted(name.toLowerCase(Locale.ROOT)).startsWith(begun)));
        }

        private static String unquoted(String name) {
            return name.startsWith("`") ? name.substring(1) : name;
        }
    }
}
