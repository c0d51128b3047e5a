package rekey.run;

import java.util.List;
import rekey.clickhouse.ServerGone;
import rekey.session.Session;

/// The thread that looks on while a run goes.
public final class Watching implements AutoCloseable {
    private final Thread thread;
    private volatile boolean over;

    public Watching(Session session, List<Runner.Watch> watches) {
        thread = Thread.ofPlatform().daemon().name("rekey-watch").start(() -> {
            while (!over) {
                for (var watch : watches) look(session, watch);
                try {
                    Thread.sleep(500);
                } catch (InterruptedException e) {
                    return;
                }
            }
        });
    }

    /// A server that is away can't be looked at; the run itself says so.
    private static void look(Session session, Runner.Watch watch) {
        try {
            watch.look(session);
        } catch (ServerGone e) {
            session.progress().note("the server is away");
        }
    }

    @Override public void close() {
        over = true;
        thread.interrupt();
        try {
            thread.join(2000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
