package rekey.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import rekey.Still;
import rekey.model.Trouble;
import rekey.session.Control;

/// An operator's words from another terminal.
class OrdersTest {
    /// It has the lock, so it can be spoken to; before its first line it may wait for a statement of a dead one that
    /// hardly ends. An order from before it had the lock was meant for another.
    @Test
    void oneThatWasGivenWhileARunBeginsIsObeyed() {
        try (var still = Still.table("(a UInt64) ENGINE = MergeTree ORDER BY a", "", "cityHash64(a), a", "")) {
            still.execute("INSERT INTO %s VALUES (1)");
            still.migrate("create");
            Orders.send(still.session(), "stop", "");
            new Runner(still.session(), false, List.of(new Orders())).run(still.migration, Optional.of("create"));
            var sent = new AtomicBoolean();
            var control = new AtomicReference<Control>();
            var session = still.listening(sql -> {
                if (sql.startsWith("KILL QUERY WHERE startsWith") && !sent.getAndSet(true)) {
                    Orders.send(still.session(), "stop", "");
                }
                for (int n = 0;
                        sql.startsWith("CREATE TABLE")
                                && n < 900
                                && !control.get().stopping();
                        n++) control.get().sleep(100);
            });
            control.set(session.control());
            var stopped = assertThrows(
                    Trouble.Stopped.class,
                    () -> new Runner(session, false, List.of(new Orders()))
                            .run(still.migration, Optional.of("verify")));
            assertTrue(stopped.getMessage().contains("Stopped by the operator"), stopped::getMessage);
        }
    }

    /// Four rollbacks at once found the same run, and each told it to stop; the first of them had begun by then, and
    /// was stopped by the others.
    @Test
    void aStopIsForTheOneThatWasSeen() {
        try (var still = Still.table("(a UInt64) ENGINE = MergeTree ORDER BY a", "", "cityHash64(a), a", "")) {
            still.execute("INSERT INTO %s VALUES (1)");
            var session = still.session();
            session.journal().open();
            for (var whom : List.of("another", session.journal().runner())) {
                var orders = new Orders();
                orders.look(session);
                Orders.send(still.session(), "stop", whom);
                orders.look(session);
                assertEquals(!whom.equals("another"), session.control().stopping(), whom);
            }
        }
    }
}
