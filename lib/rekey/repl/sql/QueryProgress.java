package rekey.repl.sql;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import rekey.clickhouse.Sql;
import rekey.model.Amounts;
import rekey.model.Trouble;
import rekey.repl.context.Dialogue;
import rekey.repl.context.Target;

/// Looks at a query that takes a while and shows below how far it is.
final class QueryProgress implements AutoCloseable {
    private static final long FIRST = 700, EVERY = 400, SILENT = 2000;

    private final Target target;
    private final Dialogue dialogue;
    private final String queryId;
    private final Instant begun;
    private final Thread thread, silence;
    private volatile Instant heard;
    private volatile boolean closed, quiet;
    private volatile long rows, bytes;

    QueryProgress(Target target, Dialogue dialogue, String queryId, Instant begun) {
        this.target = target;
        this.dialogue = dialogue;
        this.queryId = queryId;
        this.begun = begun;
        this.heard = begun;
        this.thread = Thread.startVirtualThread(this::look);
        this.silence = Thread.startVirtualThread(this::unanswered);
    }

    /// Read until it was last looked at; 0 for a short one.
    long readRows() {
        return rows;
    }

    long readBytes() {
        return bytes;
    }

    /// Rows come: nothing is drawn any more.
    void quiet() {
        quiet = true;
        erase();
    }

    /// As long as nothing is heard of the server, that is what the line says.
    private void unanswered() {
        try {
            for (Thread.sleep(SILENT); !closed; Thread.sleep(EVERY)) {
                var silent = Duration.between(heard, Instant.now());
                if (silent.toMillis() >= SILENT) draw("no answer for " + silent.toSeconds() + " s  Ctrl-C leaves it");
            }
        } catch (InterruptedException e) {
            erase();
        }
    }

    private void look() {
        try {
            for (Thread.sleep(FIRST); !closed; Thread.sleep(EVERY)) {
                var found = target.server().query("""
                    SELECT read_rows, read_bytes, total_rows_approx, written_rows, greatest(memory_usage, 0) AS
                      memory, elapsed
                    FROM system.processes WHERE query_id IN (%s, %s)\
                    """.formatted(Sql.text(queryId), Sql.text(queryId + "-2")));
                heard = Instant.now();
                if (found.isEmpty() || closed) continue;
                var r = found.getFirst();
                rows = r.number("read_rows");
                bytes = r.number("read_bytes");
                draw(line(r.number("total_rows_approx"), r.number("written_rows"), r.number("memory")));
            }
        } catch (InterruptedException | Trouble e) {
            erase(); // what can't be seen is not shown; the query itself tells
        }
    }

    private String line(long total, long written, long memory) {
        var time = Duration.between(begun, Instant.now());
        var out = new ArrayList<String>(List.of(Amounts.time(time)));
        if (total > 0) out.add(Math.min(100, rows * 100 / total) + "%");
        out.add(Amounts.rows(rows) + " rows read");
        out.add(Amounts.bytes(bytes));
        out.add(Amounts.bytes(Math.round(bytes / Math.max(0.1, time.toMillis() / 1000.0))) + "/s");
        if (written > 0) out.add(Amounts.rows(written) + " written");
        out.add(Amounts.bytes(memory) + " of memory");
        out.add("Ctrl-C cancels");
        return String.join("  ", out);
    }

    private synchronized void draw(String line) {
        if (!closed && !quiet && dialogue.interactive()) dialogue.query(List.of(line));
    }

    private synchronized void erase() {
        dialogue.query(List.of());
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        silence.interrupt();
        erase();
    }
}
