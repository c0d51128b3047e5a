package rekey.repl.sql;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import rekey.clickhouse.Sql;
import rekey.model.Trouble;
import rekey.repl.Shell;
import rekey.run.Amounts;

/// Looks at a query that takes a while and shows below how far it is, unless a run has that line for itself.
final class Watch implements AutoCloseable {
    private static final long FIRST = 700, EVERY = 400;

    private final Shell shell;
    private final String queryId;
    private final Instant begun;
    private final Thread thread;
    private volatile boolean closed, quiet, drawn;
    private volatile long rows, bytes;

    Watch(Shell shell, String queryId, Instant begun) {
        this.shell = shell;
        this.queryId = queryId;
        this.begun = begun;
        this.thread = Thread.startVirtualThread(this::look);
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

    private void look() {
        try {
            for (Thread.sleep(FIRST); !closed; Thread.sleep(EVERY)) {
                var found = shell.server().query("""
                        SELECT read_rows, read_bytes, total_rows_approx, written_rows, greatest(memory_usage, 0) AS memory, elapsed
                        FROM system.processes WHERE query_id IN (%s, %s)""".formatted(Sql.text(queryId), Sql.text(queryId + "-2")));
                if (found.isEmpty() || closed) continue;
                var r = found.getFirst();
                rows = r.number("read_rows");
                bytes = r.number("read_bytes");
                draw(line(r.number("total_rows_approx"), r.number("written_rows"), r.number("memory")));
            }
        } catch (InterruptedException | Trouble e) {
            erase();                                    // what can't be seen is not shown; the query itself tells
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
        if (closed || quiet || !shell.screen().interactive() || shell.underway().isPresent()) return;
        shell.screen().status(List.of(line));
        drawn = true;
    }

    private synchronized void erase() {
        if (drawn) shell.screen().status(List.of());
        drawn = false;
    }

    @Override public void close() {
        closed = true;
        thread.interrupt();
        erase();
    }
}
