package rekey.repl.line;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.Highlighter;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import rekey.cli.ClientConfig;
import rekey.look.Known;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.repl.Commands;
import rekey.repl.Shell;
import rekey.repl.sql.Colours;
import rekey.repl.sql.Completion;
import rekey.repl.sql.Typed;
import rekey.repl.sql.Vocabulary;
import rekey.step.Step;
import rekey.step.Steps;

/// Help while one types: completion of commands by their annotations and of SQL by its place, and colours.
public final class Assistance implements Completer {
    private static final Set<String> STATEMENTS = Set.of("SELECT", "INSERT INTO", "SHOW CREATE TABLE", "SHOW TABLES", "DESCRIBE TABLE", "EXPLAIN", "ALTER TABLE", "SYSTEM", "OPTIMIZE TABLE", "SET", "USE", "WITH");

    private final Shell shell;
    private final Lines lines;
    private final Vocabulary words;
    private final Completion sql;

    public Assistance(Shell shell, Lines lines) {
        this.shell = shell;
        this.lines = lines;
        this.words = new Vocabulary(shell::server);
        this.sql = new Completion(words, () -> shell.endpoint().database());
    }

    public Highlighter colours() {
        return new Colours(words, this::command);
    }

    /// Whether a line, or what there is of one, is a command and no SQL.
    boolean command(String line) {
        try {
            return lines.of(line) instanceof Line.Words w && (w.words().isEmpty() || Commands.find(w.words().getFirst()).isPresent()) || lines.of(line) instanceof Line.Watch;
        } catch (Trouble e) {
            return true;                                // such as one that ends in >
        }
    }

    Typed typed(String line, int cursor) {
        return Typed.of(line, cursor, command(line.substring(0, cursor)) || line.substring(0, cursor).strip().startsWith("\\") || !line.substring(0, cursor).strip().contains(" "));
    }

    @Override public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
        var before = new ArrayList<>(line.words().subList(0, line.wordIndex()));
        if (before.size() >= 2 && before.getFirst().equals("\\watch")) before.subList(0, 2).clear();
        if (before.isEmpty()) first(line.word(), candidates);
        else if (command(line.line().substring(0, line.cursor())) && Commands.find(before.getFirst()).isPresent()) argument(before, line.word(), candidates);
        else sql.complete(reader, line, candidates);
    }

    /// Commands, and what statements begin with, in small letters where one types so.
    private void first(String begun, List<Candidate> candidates) {
        Commands.FAMILIES.forEach((family, all) -> all.forEach(c -> candidates.add(
                new Candidate(Commands.annotation(c).name(), Commands.annotation(c).name(), family, null, null, null, true))));
        boolean lower = begun.equals(begun.toLowerCase());
        for (var s : STATEMENTS.stream().sorted().map(s -> lower ? s.toLowerCase() : s).toList()) candidates.add(new Candidate(s, s, "SQL", null, null, null, true));
    }

    /// By the label of the parameter that stands at this place, or the option's value.
    private void argument(List<String> before, String begun, List<Candidate> candidates) {
        var spec = Commands.line(Commands.find(before.getFirst()).orElseThrow(), shell).getCommandSpec();
        var last = before.getLast().startsWith("-") ? spec.findOption(before.getLast()) : null;    // picocli finds --migration by `migration`, too
        if (last != null && last.arity().min() > 0) values(last.paramLabel(), before, candidates);
        else if (begun.startsWith("-"))
            for (OptionSpec o : spec.options()) candidates.add(new Candidate(o.longestName(), o.longestName(), null, o.description().length > 0 ? o.description()[0] : null, null, null, true));
        else {
            long at = before.stream().skip(1).filter(w -> !w.startsWith("-")).count();
            for (PositionalParamSpec p : spec.positionalParameters()) if (p.index().contains((int) at)) values(p.paramLabel(), before, candidates);
        }
    }

    private void values(String label, List<String> before, List<Candidate> candidates) {
        offered(label.replaceAll("[^A-Z]", ""), before).forEach(v -> candidates.add(new Candidate(v, v, null, null, null, null, true)));
    }

    private Stream<String> offered(String label, List<String> before) {
        return switch (label) {
            case "TABLE" -> words.tables(database()).stream();
            case "DATABASE" -> words.databases().stream();
            case "PARTITION" -> words.partitions(before.size() > 1 ? TableName.parse(before.get(1), database()) : source()).stream();
            case "ID" -> words.queries().stream();
            case "URLHOSTCONNECTION" -> connections();
            case "COMMAND" -> Commands.names();
            case "STEP" -> Stream.concat(shell.migration().stream().flatMap(m -> Steps.flat(m.steps()).stream()).map(Step::name).distinct(), before.getFirst().equals("explain") ? Stream.of("finalize") : Stream.of());
            case "MIGRATION" -> Stream.concat(Stream.of(rekey.migration.Events0002.NAME), known()).distinct();
            default -> Stream.of();
        };
    }

    private static Stream<String> connections() {
        try {
            return ClientConfig.read().named().keySet().stream();
        } catch (Trouble e) {
            return Stream.of();
        }
    }

    private Stream<String> known() {
        try {
            return Known.of(shell.server()).stream().map(k -> k.rewrite().migration());
        } catch (Trouble e) {
            return Stream.of();
        }
    }

    private String database() {
        return shell.migration().map(m -> m.rewrite().source().database()).orElse(shell.endpoint().database());
    }

    private TableName source() {
        return shell.migration().map(m -> m.rewrite().source()).orElse(new TableName(database(), ""));
    }
}
