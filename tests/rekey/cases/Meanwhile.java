package rekey.cases;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import rekey.Inserts;
import rekey.clickhouse.ClickHouse;

/// A case's statements that go on while it is migrated, each answered before the next one is sent; and each made on
/// a second table too, that nobody migrates and that holds what the first one should.
final class Meanwhile implements AutoCloseable {
    private final ClickHouse server;
    private final List<String> statements;
    private final String database;
    private final String twin;
    private final AtomicInteger made = new AtomicInteger();
    private final Thread thread;
    private volatile boolean ends;
    private volatile Throwable failed;

    Meanwhile(ClickHouse server, List<String> statements, String database, String twin, double everySeconds) {
        this.server = server;
        this.statements = statements;
        this.database = database;
        this.twin = twin;
        thread = Thread.ofVirtual().unstarted(() -> go((long) (everySeconds * 1e9)));
        if (!statements.isEmpty()) thread.start();
    }

    private void go(long everyNanos) {
        try {
            while (!ends) {
                int n = made.incrementAndGet();
                for (var s : statements) {
                    var sql = s.replace("{n}", "" + n);
                    Inserts.send(server, sql);
                    Inserts.send(server, sql.replace(database + ".", twin + "."));
                }
                LockSupport.parkNanos(everyNanos);
            }
        } catch (RuntimeException | Error e) {
            failed = e;
        }
    }

    /// How often they were made.
    int end() throws InterruptedException {
        ends = true;
        thread.join();
        assertTrue(failed == null, () -> "a writer of the case was refused: " + failed);
        return made.get();
    }

    @Override
    public void close() {
        ends = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
