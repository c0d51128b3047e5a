package rekey.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.ServerGone;
import rekey.clickhouse.Sql;
import rekey.session.Session;

/// Ctrl-C, a closed terminal or SIGTERM while a run goes: the run is stopped as by `stop`, ingestion reopened, and
/// only then does the process end.
public final class Interrupt implements AutoCloseable {
    private static final CountDownLatch ANSWERED = new CountDownLatch(1);
    private static volatile int exitCode = 4;

    private final Session session;
    private final CountDownLatch over;
    private final Thread hook = new Thread(this::stop, "rekey-interrupt");

    /// For a script, which ends with its command's last word.
    Interrupt(Session session) {
        this(session, ANSWERED);
    }

    /// @param over when the process may end
    public Interrupt(Session session, CountDownLatch over) {
        this.session = session;
        this.over = over;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /// The command has said its last word; the process may end.
    static int answered(int code) {
        exitCode = code;
        ANSWERED.countDown();
        return code;
    }

    private void stop() {
        session.control().stop("Stopped by Ctrl-C. Go on with migrate, or go back with rollback.");
        try {
            HostsInParallel.all(
                    session.everyHost(),
                    host -> host.execute("KILL QUERY WHERE startsWith(query_id, "
                            + Sql.text(session.queryPrefix() + session.journal().runner()) + ")"));
            if (!over.await(2, TimeUnit.MINUTES))
                System.err.println("The run did not come to its end within two minutes: look with status.");
        } catch (InterruptedException | ServerGone e) {
            System.err.println("Stopped without a word from the server: look with status.");
        }
        Runtime.getRuntime().halt(exitCode);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the process is on its way out: the hook runs, and waits for the command's last word
        }
    }
}
