package rekey.maintainer.fault;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.Scene;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.clickhouse.ServerError;
import rekey.model.TableName;
import rekey.run.RunLock;
import rekey.session.Control;
import rekey.session.Limits;

/// The lock in moments that only the wire can choose.
@Tag("lock")
class LockOnTheWireTest {
    /// As a broken connection's does, a runner's own among them: the server refuses the lock, and a moment later
    /// nobody has it.
    @Test
    void aHoldThatEndsInThisMomentIsNoOtherRunner() throws Exception {
        var table = new TableName("locks", "t_" + UUID.randomUUID());
        var id = "rekey-lock:" + table;
        try (var wire = new HttpProxy(Labs.shared().clickhouse().httpPort(), line -> {});
                var looking = Labs.connect();
                var server = ClickHouse.connect(Endpoint.of(wire.url()))) {
            var dead = Thread.ofPlatform().start(() -> hold(id));
            Scene.await(
                    "the lock to be held", () -> RunLock.holder(looking, table).isPresent());
            var ended = new AtomicBoolean();
            wire.watch(sql -> !sql.contains("sleepEachRow(0.05)") || !ended.compareAndSet(false, true)
                    ? null
                    : new HttpProxy.Strike(Moment.When.AFTER, 0, () -> {
                        looking.kill(id);
                        return true;
                    }));
            RunLock.acquire(server, table, "the next", false, new Control(Limits.DEFAULT))
                    .close();
            assertTrue(ended.get(), "vacuous");
            dead.join();
        }
    }

    private static void hold(String id) {
        try (var server = Labs.connect()) {
            server.query(
                    "SELECT sleepEachRow(1) FROM numbers(100)",
                    id,
                    Map.of(
                            "max_block_size",
                            "1",
                            "function_sleep_max_microseconds_per_block",
                            "1000000000",
                            "log_comment",
                            "the dead"));
        } catch (ServerError killed) {
            assertTrue(killed.code() == ServerError.QUERY_CANCELLED, killed::getMessage);
        }
    }
}
