package rekey.run;

import java.util.List;
import rekey.clickhouse.ServerGone;
import rekey.session.Session;

/// The thread that looks on while a run goes.
public final class ObserverThread implements AutoCloseable {
    private final Thread thread;
    private volatile boolean over;

    public ObserverThread(Session session, List<Runner.Observer> observers) {
        thread = Thread.ofPlatform().daemon().name("rekey-observers").start(() -> {
            while (!over) {
                for (var observer : observers) look(session, observer);
                try {
                    Thread.sleep(500);
                } catch (InterruptedException e) {
                    return;
                }
            }
        });
    }

    /// A server that is away, or refuses for a moment, can't be looked at; the run itself says so. The operator's
    /// words and the healthcheck are heard again when it answers.
    private static void look(Session session, Runner.Observer observer) {
        try {
            observer.look(session);
        } catch (RuntimeException e) {
            // whatever it is: this thread hears 'stop'
            session.progress().note(e instanceof ServerGone ? ProgressLine.AWAY : e.getMessage());
        }
    }

    @Override
    public void close() {
        over = true;
        thread.interrupt();
        try {
            thread.join(2000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
