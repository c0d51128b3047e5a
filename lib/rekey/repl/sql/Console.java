package rekey.repl.sql;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.utils.AttributedString;
import rekey.clickhouse.ServerError;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.repl.Shell;
import rekey.repl.SqlConsole;
import rekey.run.Amounts;

/// SQL as in clickhouse-client: several statements, `\G`, FORMAT, INTO OUTFILE, SET and USE, wide and long answers a page
/// at a time, Ctrl-C ends the query on the server. What would write to a migration's tables is asked about first.
public final class Console implements SqlConsole {
    /// Without a line for so long, what has come is shown.
    private static final long IMPATIENT = 300, LEFT = -1;
    private static final List<String> BINARY = List.of("Native", "RowBinary", "Parquet", "ORC", "Arrow", "Avro", "Protobuf", "MsgPack", "CapnProto", "BSON", "Npy", "Buffers");

    private final Sitting sitting = new Sitting();

    @Override public boolean whole(String text) {
        return Statement.whole(text);
    }

    @Override public int run(String text, Shell shell) {
        for (var statement : Statement.of(text)) one(statement, shell);
        return 0;
    }

    private void one(Statement statement, Shell shell) {
        sure(statement, shell);
        sureToKill(statement, shell);
        var outfile = Outfile.of(statement);
        var format = statement.format();
        if (outfile.isEmpty() && BINARY.stream().anyMatch(format::startsWith))
            throw new Trouble.Usage("FORMAT " + format + " is binary and no text for a screen: add INTO OUTFILE 'file' before FORMAT.");
        var sql = outfile.map(Outfile::sql).orElse(statement.text());
        var queryId = UUID.randomUUID().toString();
        var begun = Instant.now();
        var cancelled = new AtomicBoolean();
        try (var _ = shell.onInterrupt(() -> cancel(shell, queryId, cancelled)); var watch = new Watch(shell, queryId, begun)) {
            try (var answer = sitting.ask(shell.server(), sql, queryId, statement.vertical() ? "Vertical" : outfile.isPresent() ? "TabSeparated" : "PrettyCompact",
                    shell.endpoint().database(), settings(shell), () -> shell.say("The server has forgotten this session: temporary tables are gone; SET is done again."))) {
                long rows = 0;
                if (outfile.isPresent()) shell.say(Amounts.bytes(outfile.get().write(answer)) + " written to " + outfile.get().file() + ".");
                else rows = show(new Rows(answer), shell, watch, cancelled, queryId);
                watch.close();
                done(statement, shell);
                shell.say(summary(statement, rows, Math.max(answer.readRows(), watch.readRows()), Math.max(answer.readBytes(), watch.readBytes()), answer.writtenRows(), Duration.between(begun, Instant.now())));
            }
        } catch (ServerError e) {
            if (cancelled.get() && e.code() == ServerError.QUERY_CANCELLED) throw new Trouble.Stopped("Cancelled after " + Amounts.time(Duration.between(begun, Instant.now())) + ": the query has ended on the server.");
            throw Complaint.of(e, statement);
        }
    }

    // --- before ---

    private static void sure(Statement statement, Shell shell) {
        if (!statement.writes() || shell.yes()) return;
        var warning = Guarded.of(shell.server()).warning(statement, shell.endpoint().database());
        if (warning.isEmpty()) return;
        if (!shell.screen().interactive()) throw new Trouble.Usage(warning.get() + " There is no terminal to ask on: give --yes.");
        if (!shell.screen().ask(warning.get() + " Run it all the same?")) throw new Trouble.Stopped("Nothing was done.");
    }

    /// KILL ends all that fits its WHERE: TEST tells what that is.
    private static void sureToKill(Statement statement, Shell shell) {
        if (!statement.word(0).equals("KILL") || shell.yes() || statement.words().stream().anyMatch(w -> w.is("TEST"))) return;
        var fitting = shell.server().query(statement.text().replaceFirst("(?is)\\s+(SYNC|ASYNC)?(\\s+FORMAT\\s+\\w+)?\\s*$", "") + " TEST");
        if (fitting.isEmpty()) return;
        var what = statement.word(1).equals("QUERY") ? "quer" + (fitting.size() == 1 ? "y" : "ies") : "mutation" + (fitting.size() == 1 ? "" : "s");
        var about = "This ends " + fitting.size() + " " + what + ".";
        if (!shell.screen().interactive()) throw new Trouble.Usage(about + " There is no terminal to ask on: give --yes.");
        if (!shell.screen().ask(about + " Run it?")) throw new Trouble.Stopped("Nothing was done.");
    }

    /// A table that is wider than the screen and has few rows reads better a value a line.
    private static Map<String, String> settings(Shell shell) {
        var all = new LinkedHashMap<String, String>();
        boolean person = shell.screen().interactive() && shell.out() == shell.screen().out();
        all.put("output_format_pretty_color", person ? "1" : "0");
        if (person) all.put("output_format_pretty_fallback_to_vertical_min_table_width", "" + shell.screen().width());
        return all;
    }

    // --- meanwhile ---

    /// In a thread of its own, for the terminal's must not wait.
    private static void cancel(Shell shell, String queryId, AtomicBoolean cancelled) {
        if (cancelled.getAndSet(true)) return;
        Thread.startVirtualThread(() -> {
            try {
                shell.server().execute("KILL QUERY WHERE query_id IN (" + rekey.clickhouse.Sql.text(queryId) + ", " + rekey.clickhouse.Sql.text(queryId + "-2") + ") ASYNC");
            } catch (Trouble e) {
                shell.say("The query could not be ended: " + e.getMessage());
                cancelled.set(false);
            }
        });
    }

    /// Shows the rows as they come; what is longer or wider than the screen a page at a time.
    ///
    /// @return how many there were, where the format numbers them; LEFT when the person did not wait for the end
    private static long show(Rows rows, Shell shell, Watch watch, AtomicBoolean cancelled, String queryId) {
        try (rows) {
            boolean paged = shell.pages();
            var held = new ArrayList<String>();
            while (true) {
                if (!held.isEmpty() && !rows.comes(IMPATIENT)) {        // it comes slowly: then each line when it is there
                    paged = false;
                    print(held, shell);
                }
                var line = rows.line();
                if (line == null) break;
                watch.quiet();
                held.add(line);
                if (!paged) print(held, shell);
                else if (held.size() > shell.screen().height() - 3 || width(line) > shell.screen().width()) {
                    watch.close();
                    shell.screen().page(rows.stream(List.copyOf(held)));
                    held.clear();
                    if (rows.over()) return rows.shown();
                    cancel(shell, queryId, cancelled);                  // the person has left before the end
                    return LEFT;
                }
            }
            print(held, shell);
            return rows.shown();
        }
    }

    private static int width(String line) {
        return AttributedString.fromAnsi(line).columnLength();
    }

    private static void print(List<String> lines, Shell shell) {
        lines.forEach(shell.out()::println);
        shell.out().flush();
        lines.clear();
    }

    // --- after ---

    private void done(Statement statement, Shell shell) {
        if (statement.word(0).equals("SET") && !statement.word(1).matches("ROLE|DEFAULT|TRANSACTION")) sitting.keep(statement.text());
        if (statement.word(0).equals("USE") && statement.words().size() > 1)
            shell.use(statement.words().get(statement.word(1).equals("DATABASE") && statement.words().size() > 2 ? 2 : 1).name());
    }

    /// In clickhouse-client's words.
    private static String summary(Statement statement, long shown, long read, long bytes, long written, Duration time) {
        var out = new StringBuilder(shown > 0 ? Amounts.count(shown, "row") + " in set. " : shown == LEFT ? "Left before the end. "
                : statement.word(0).equals("SELECT") && statement.format().isEmpty() && Outfile.of(statement).isEmpty() ? "0 rows in set. " : "Ok. ");
        double seconds = Math.max(time.toMillis(), 1) / 1000.0;
        out.append("Elapsed: ").append("%.3f sec.".formatted(seconds));
        if (written > 0) out.append(" Wrote ").append(Amounts.count(written, "row")).append('.');
        else if (read > 0) out.append(" Processed ").append(Amounts.count(read, "row")).append(", ").append(Amounts.bytes(bytes))
                .append(seconds < 0.1 ? "." : " (" + Amounts.rows(Math.round(read / seconds)) + " rows/s., " + Amounts.bytes(Math.round(bytes / seconds)) + "/s.).");
        return out.toString();
    }

    /// A table's name as it must be typed: in backticks only where it needs them.
    static String typed(String name) {
        return name.matches("[A-Za-z_][A-Za-z0-9_]*") ? name : TableName.quote(name);
    }
}
