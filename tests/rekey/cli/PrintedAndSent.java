package rekey.cli;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;
import rekey.migration.Migration;
import rekey.preview.RoundsPreview;
import rekey.run.Plan;
import rekey.session.Session;
import rekey.step.Step;

/// Holds what a dry run prints against what the run behind it sends: nothing is sent that was not printed, and all
/// that was printed without "only where" is sent, in its order.
///
/// @param listening a session whose statements are shown before they are sent
/// @param fed       whether rows come between the dry run and the run: then a chunk is another one
public record PrintedAndSent(Migration migration, Function<Consumer<String>, Session> listening, boolean fed) {
    /// What changes something. `KILL QUERY` is none of it: it finds nothing where no runner has died. Nor is `SYNC
    /// REPLICA`, which waits.
    private static final Pattern CHANGING =
            Pattern.compile("(?s)(CREATE|ALTER|DROP|RENAME|EXCHANGE|INSERT|OPTIMIZE|SYSTEM(?! SYNC REPLICA)) .*");

    /// The operator of a dry run, or of the run.
    private static Operator operator(boolean dryRun, List<Plan.Part> printed) {
        return new UnattendedOperator(dryRun, List.of(), answer -> {
            if (answer instanceof Plan.Part part) printed.add(part);
        });
    }

    public List<String> same(String where, ToIntFunction<ConfirmedRun> command) {
        var printed = new ArrayList<Plan.Part>();
        var dry = operator(true, printed);
        command.applyAsInt(new ConfirmedRun(listening.apply(sql -> fail("a dry run sends " + sql)), migration, dry));
        var sent = Collections.synchronizedList(new ArrayList<String>());
        command.applyAsInt(new ConfirmedRun(listening.apply(sent::add), migration, operator(false, new ArrayList<>())));
        var changing =
                sent.stream().filter(sql -> CHANGING.matcher(sql).matches()).toList();
        compare(where, printed, changing);
        return changing;
    }

    public void same(Step step) {
        same(step.name(), run -> run.one(step));
    }

    /// The same, and one of the statements has these words: that case has come.
    public void sends(String words, String where, ToIntFunction<ConfirmedRun> command) {
        var sent = same(where, command);
        assertTrue(sent.stream().anyMatch(sql -> sql.contains(words)), () -> where + ": " + sent);
    }

    public void sends(String words, Step step) {
        sends(words, step.name(), run -> run.one(step));
    }

    /// A run that dies at a statement: nothing of it is sent from there on.
    public void dyingAt(String beginning, ToIntFunction<ConfirmedRun> command) {
        dyingAt(beginning, sql -> {}, command);
    }

    /// @param last is given the statement, and may send what of it was done
    public void dyingAt(String beginning, Consumer<String> last, ToIntFunction<ConfirmedRun> command) {
        var dead = new boolean[1];
        assertThrows(
                IllegalStateException.class,
                () -> command.applyAsInt(new ConfirmedRun(
                        listening.apply(sql -> {
                            if (!dead[0] && sql.startsWith(beginning)) last.accept(sql);
                            dead[0] |= sql.startsWith(beginning);
                            // its lock ends with it
                            if (dead[0] && CHANGING.matcher(sql).matches()) throw new IllegalStateException("dead");
                        }),
                        migration,
                        operator(false, new ArrayList<>()))));
    }

    private void compare(String where, List<Plan.Part> printed, List<String> sent) {
        var always = new ArrayList<String>();
        var perhaps = new ArrayList<String>();
        for (var part : printed) {
            var paragraph = always;
            for (var sql : part.sql()) {
                // of a fed table the parts are others by the time of the run, and so are how many chunks they
                // make
                if (sql.startsWith("--"))
                    paragraph = sql.startsWith(RoundsPreview.ONLY_WHERE)
                                    || sql.startsWith("-- for each ")
                                    || fed && sql.startsWith("-- round ")
                            ? perhaps
                            : always;
                // the journal has a connection of its own here, whose statements are not listened to
                else if (CHANGING.matcher(sql).matches()
                        && !sql.contains(migration.rewrite().journal().sql())) paragraph.add(sql);
            }
        }
        var rest = new ArrayList<>(sent);
        int from = 0;
        for (var sql : always) {
            int found = from;
            while (found < rest.size() && !pattern(sql).matcher(rest.get(found)).matches()) found++;
            if (found == rest.size())
                fail(where + ": printed, and not sent in this order:\n  " + sql + told(always, perhaps, sent));
            rest.remove(found);
            from = found;
        }
        var more = rest.stream()
                .filter(sql ->
                        perhaps.stream().noneMatch(p -> pattern(p).matcher(sql).matches()))
                .toList();
        if (!more.isEmpty())
            fail(where + ": sent, and not printed:\n  " + String.join("\n  ", more) + told(always, perhaps, sent));
    }

    private static String told(List<String> always, List<String> perhaps, List<String> sent) {
        return "\nprinted:\n  " + String.join("\n  ", always) + "\nprinted, only where:\n  "
                + String.join("\n  ", perhaps) + "\nsent:\n  " + String.join("\n  ", sent);
    }

    /// The settings of an INSERT are printed as a clause and sent beside the statement.
    private Pattern pattern(String sql) {
        var text = sql.startsWith("INSERT") ? sql.substring(0, sql.lastIndexOf(" SETTINGS async_insert")) : sql;
        if (fed)
            text = text.replaceFirst("(?s) WHERE _part IN .*", " WHERE <rows>")
                    .replaceFirst(" ATTACH PARTITION ID .*", " ATTACH PARTITION ID <parts>");
        var out = new StringBuilder();
        int at = 0;
        for (var m = Pattern.compile("<[^<>=]+>").matcher(text); m.find(); at = m.end())
            out.append(Pattern.quote(text.substring(at, m.start())))
                    .append(
                            m.group().equals("<runner>")
                                    ? "[0-9a-f]{8}"
                                    : m.group().equals("<n>") ? "\\d+" : ".+");
        return Pattern.compile(out + Pattern.quote(text.substring(at)), Pattern.DOTALL);
    }
}
