package rekey.clickhouse;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import rekey.model.Trouble;

/// A statement that is waited for until a moment only, however long the server works on it: ingestion is held
/// meanwhile. A flush to a host that hangs ends with the server's own time-out, five minutes.
public final class StatementUntil {
    private StatementUntil() {}

    /// @param id of the query, by which it can be seen when nobody waits for it any more
    /// @return whether it has ended by then
    /// @throws ServerError     what the server says of it
    /// @throws Trouble.Stopped when this thread is interrupted
    public static boolean ended(ClickHouse host, String sql, String id, Instant until) {
        var sent = new CompletableFuture<Void>();
        Thread.startVirtualThread(() -> {
            try {
                host.execute(sql, id, Map.of());
                sent.complete(null);
            } catch (RuntimeException e) {
                sent.completeExceptionally(e);
            }
        });
        try {
            sent.get(Math.max(1, Duration.between(Instant.now(), until).toMillis()), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException r ? r : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("The run was interrupted.");
        }
    }
}
