package rekey.repl.sql;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jline.utils.AttributedString;
import rekey.clickhouse.Answer;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.model.Amounts;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.repl.context.Dialogue;
import rekey.repl.context.Target;
import rekey.repl.line.LineParser;
import rekey.repl.line.Statement;

/// SQL as in clickhouse-client: several statements, `\G`, FORMAT, INTO OUTFILE, SET and USE, wide and long answers a
/// page at a time, Ctrl-C ends the query on the server. What would write to a migration's tables is asked about
/// first.
public final class Console {
    /// Without a line for so long, what has come is shown.
    private static final long IMPATIENT = 300, LEFT = -1;
    /// So long the server may take to hear that a query is to end, before the person is let go.
    private static final long PATIENCE = 700;
    private static final List<String> BINARY = List.of(
            "Native",
            "RowBinary",
            "Parquet",
            "ORC",
            "Arrow",
            "Avro",
            "Protobuf",
            "MsgPack",
            "CapnProto",
            "BSON",
            "Npy",
            "Buffers");

    private final Target target;
    private final Dialogue dialogue;
    private final LineParser lines;
    private final ConsoleSession sitting = new ConsoleSession();

    /// @param lines knows what might have been meant by a word that begins no statement
    public Console(Target target, Dialogue dialogue, LineParser lines) {
        this.target = target;
        this.dialogue = dialogue;
        this.lines = lines;
    }

    /// Runs the statements of a text one after the other until one fails; errors are thrown.
    ///
    /// @return an exit code
    public int run(String text) {
        for (var statement : Statement.of(text)) one(statement);
        return 0;
    }

    @SuppressWarnings("try") // the line about its progress is gone before the summary is there
    private void one(Statement statement) {
        sure(statement);
        sureToKill(statement);
        var outfile = Outfile.of(statement);
        var format = statement.format();
        if (outfile.isEmpty() && BINARY.stream().anyMatch(format::startsWith))
            throw new Trouble.Usage(
                    "FORMAT " + format + " is binary and no text for a screen: add INTO OUTFILE 'file' before FORMAT.");
        var sql = outfile.map(Outfile::sql).orElse(statement.text());
        var queryId = UUID.randomUUID().toString();
        var begun = Instant.now();
        boolean pretty = outfile.isEmpty() && dialogue.onScreen();
        var cancelled = new AtomicBoolean();
        var left = new CountDownLatch(1);
        try (var _ = dialogue.onInterrupt(() -> cancel(queryId, cancelled, left));
                var progress = new QueryProgress(target, dialogue, queryId, begun)) {
            try (var answer = asked(
                    left,
                    () -> sitting.ask(
                            target.server(),
                            sql,
                            queryId,
                            statement.vertical() ? "Vertical" : pretty ? "PrettyCompact" : "TabSeparated",
                            target.endpoint().database(),
                            settings(),
                            () -> dialogue.say(
                                    "The server has forgotten this session: temporary tables are gone; SET is done"
                                            + " again.")))) {
                long rows = 0;
                if (outfile.isPresent())
                    dialogue.say(Amounts.bytes(outfile.get().write(answer)) + " written to "
                            + outfile.get().file() + ".");
                else rows = show(new AnswerLines(answer, left), progress, cancelled, queryId);
                if (left.getCount() == 0) throw new Left();
                progress.close();
                done(statement);
                dialogue.say(summary(
                        statement,
                        rows,
                        Math.max(answer.readRows(), progress.readRows()),
                        Math.max(answer.readBytes(), progress.readBytes()),
                        answer.writtenRows(),
                        Duration.between(begun, Instant.now())));
            }
        } catch (ServerError e) {
            if (cancelled.get() && e.code() == ServerError.QUERY_CANCELLED)
                throw new Trouble.Stopped("Cancelled after " + Amounts.time(Duration.between(begun, Instant.now()))
                        + ": the query has ended on the server.");
            throw ServerErrorText.of(e, statement, lines);
        } catch (Left e) {
            sitting.leave();
            throw left(queryId);
        }
    }

    // --- before ---

    private void sure(Statement statement) {
        if (!statement.writes() || !dialogue.asks()) return;
        var warning = ProtectedTables.of(target.server())
                .warning(statement, target.endpoint().database());
        if (warning.isEmpty()) return;
        dialogue.sure(warning.get() + " Run it all the same?");
    }

    /// KILL ends all that fits its WHERE: TEST tells what that is.
    private void sureToKill(Statement statement) {
        if (!statement.word(0).equals("KILL")
                || !dialogue.asks()
                || statement.words().stream().anyMatch(w -> w.is("TEST"))) return;
        var fitting = target.server()
                .query(statement.text().replaceFirst("(?is)\\s+(SYNC|ASYNC)?(\\s+FORMAT\\s+\\w+)?\\s*$", "") + " TEST");
        if (fitting.isEmpty()) return;
        var what = statement.word(1).equals("QUERY")
                ? "quer" + (fitting.size() == 1 ? "y" : "ies")
                : "mutation" + (fitting.size() == 1 ? "" : "s");
        var about = "This ends " + fitting.size() + " " + what + ".";
        dialogue.sure(about + " Run it?");
    }

    /// A table that is wider than the screen and has few rows reads better a value a line.
    private Map<String, String> settings() {
        var all = new LinkedHashMap<String, String>();
        boolean person = dialogue.interactive() && dialogue.onScreen();
        all.put("output_format_pretty_color", person ? "1" : "0");
        if (person)
            all.put(
                    "output_format_pretty_fallback_to_vertical_min_table_width",
                    "" + dialogue.screen().width());
        return all;
    }

    // --- meanwhile ---

    /// The person did not wait for the answer.
    private static final class Left extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private static Trouble.Stopped left(String queryId) {
        return new Trouble.Stopped("Left, for the server does not answer; query " + queryId
                + " may still run there: once it answers, look with queries, and end it with kill "
                + queryId.substring(0, 8) + ".");
    }

    /// The beginning of an answer, asked for in a thread of its own, which is left when the person leaves.
    private static Answer asked(CountDownLatch left, Supplier<Answer> question) {
        var answer = new FutureTask<Answer>(question::get);
        // a virtual thread, for its reading from a socket ends when it is interrupted
        var thread = Thread.ofVirtual().name("rekey-statement").start(answer);
        while (true)
            try {
                return answer.get(50, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (left.getCount() > 0 || answer.isDone()) continue;
                thread.interrupt();
                throw new Left();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof Error error) throw error;
                throw e.getCause() instanceof RuntimeException told ? told : new IllegalStateException(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Trouble.Stopped("Interrupted while an answer was awaited.");
            }
    }

    /// In a thread of its own, for the terminal's must not wait. Where the server does not take it soon, or takes it
    /// and the query goes on all the same, the person is let go.
    private void cancel(String queryId, AtomicBoolean cancelled, CountDownLatch left) {
        if (cancelled.getAndSet(true)) return;
        var killing = CompletableFuture.runAsync(() -> kill(queryId, cancelled), Thread::startVirtualThread);
        Thread.startVirtualThread(() -> {
            try {
                killing.get(PATIENCE, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                left.countDown();
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void kill(String queryId, AtomicBoolean cancelled) {
        try {
            target.server()
                    .execute("KILL QUERY WHERE query_id IN (" + Sql.text(queryId) + ", " + Sql.text(queryId + "-2")
                            + ") ASYNC");
        } catch (Trouble e) {
            dialogue.say("The query could not be ended: " + e.getMessage());
            cancelled.set(false);
        }
    }

    /// Shows the rows as they come; what is longer or wider than the screen a page at a time.
    ///
    /// @return how many there were, where the format numbers them; LEFT when the person did not wait for the end
    private long show(AnswerLines rows, QueryProgress progress, AtomicBoolean cancelled, String queryId) {
        try (rows) {
            boolean paged = dialogue.pages();
            var held = new ArrayList<String>();
            while (true) {
                if (!held.isEmpty() && !rows.comes(IMPATIENT)) { // it comes slowly: then each line when it is there
                    paged = false;
                    print(held);
                }
                var line = rows.line();
                if (line == null) break;
                progress.quiet();
                held.add(line);
                if (!paged) print(held);
                else if (held.size() > dialogue.screen().height() - 3
                        || width(line) > dialogue.screen().width()) {
                    progress.close();
                    dialogue.page(rows.stream(List.copyOf(held)));
                    held.clear();
                    if (rows.over()) return rows.shown();
                    kill(queryId, cancelled); // the person has left before the end
                    return LEFT;
                }
            }
            print(held);
            return rows.shown();
        }
    }

    private static int width(String line) {
        return AttributedString.fromAnsi(line).columnLength();
    }

    private void print(List<String> lines) {
        lines.forEach(dialogue.out()::println);
        dialogue.out().flush();
        lines.clear();
    }

    // --- after ---

    private void done(Statement statement) {
        if (statement.word(0).equals("SET") && !statement.word(1).matches("ROLE|DEFAULT|TRANSACTION"))
            sitting.keep(statement.text());
        if (statement.word(0).equals("USE") && statement.words().size() > 1)
            target.use(statement
                    .words()
                    .get(
                            statement.word(1).equals("DATABASE")
                                            && statement.words().size() > 2
                                    ? 2
                                    : 1)
                    .name());
    }

    /// In clickhouse-client's words.
    private String summary(Statement statement, long shown, long read, long bytes, long written, Duration time) {
        var out = new StringBuilder(
                shown > 0
                        ? Amounts.count(shown, "row") + " in set. "
                        : shown == LEFT
                                ? "Left before the end. "
                                : statement.word(0).equals("SELECT")
                                                && statement.format().isEmpty()
                                                && Outfile.of(statement).isEmpty()
                                                && dialogue.onScreen()
                                        ? "0 rows in set. "
                                        : "Ok. ");
        double seconds = Math.max(time.toMillis(), 1) / 1000.0;
        out.append("Elapsed: ").append("%.3f sec.".formatted(seconds));
        if (written > 0)
            out.append(" Wrote ").append(Amounts.count(written, "row")).append('.');
        else if (read > 0)
            out.append(" Processed ")
                    .append(Amounts.count(read, "row"))
                    .append(", ")
                    .append(Amounts.bytes(bytes))
                    .append(
                            seconds < 0.1
                                    ? "."
                                    : " (" + Amounts.rows(Math.round(read / seconds)) + " rows/s., "
                                            + Amounts.bytes(Math.round(bytes / seconds)) + "/s.).");
        return out.toString();
    }

    /// A table's name as it must be typed: in backticks only where it needs them.
    static String typed(String name) {
        return name.matches("[A-Za-z_][A-Za-z0-9_]*") ? name : TableName.quote(name);
    }
}
