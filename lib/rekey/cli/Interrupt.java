package rekey.cli;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.ServerGone;
import rekey.clickhouse.Sql;
import rekey.session.Session;

/// Ctrl-C, a closed terminal or SIGTERM while a run goes: the run is stopped as by `stop`, ingestion reopened, and
/// only then does the process end.
public final class Interrupt implements AutoCloseable {
    private static final CountDownLatch ANSWERED = new CountDownLatch(1);
    private static volatile int exitCode = 4;
    /// A server that hangs answers no KILL: Ctrl-C waited for it for ever, and only SIGKILL ended the process. By
    /// then a guard opens ingestion soon.
    private static final Duration SILENT = Duration.ofSeconds(30);

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
            if (silent()) System.err.println("Stopped without a word from the server: look with status.");
            else if (!over.await(2, TimeUnit.MINUTES))
                System.err.println("The run did not come to its end within two minutes: look with status.");
        } catch (InterruptedException e) {
            System.err.println("Stopped without a word from the server: look with status.");
        }
        Runtime.getRuntime().halt(exitCode);
    }

    /// Ends the run's statements.
    ///
    /// @return whether the server said nothing, and the run has not ended by itself
    private boolean silent() throws InterruptedException {
        var ended = CompletableFuture.runAsync(
                () -> HostsInParallel.all(
                        session.everyHost(),
                        host -> host.execute("KILL QUERY WHERE startsWith(query_id, "
                                + Sql.text(session.queryPrefix()
                                        + session.journal().runner()) + ")")),
                Thread::startVirtualThread);
        try {
            ended.get(SILENT.toSeconds(), TimeUnit.SECONDS);
            return false;
        } catch (ExecutionException e) {
            // one of several hosts that is away is waited for no less: the run opens ingestion on the others
            return e.getCause() instanceof ServerGone && session.everyPeer().size() == 1;
        } catch (TimeoutException e) {
            return over.getCount() > 0;
        }
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
