package rekey.repl.run;

import java.util.List;
import rekey.repl.screen.Screen;
import rekey.run.ProgressWatch;
import rekey.run.Runner;
import rekey.session.Session;

/// The bottom lines while a run goes: step, percent, rows and rows a second, time left, lag, held, parts.
final class StatusBar implements Runner.Watch, AutoCloseable {
    private final Screen screen;
    private final ProgressWatch progress;
    private volatile boolean closed;

    StatusBar(Screen screen) {
        this.screen = screen;
        this.progress = new ProgressWatch(this::draw);
    }

    @Override public void look(Session session) {
        progress.look(session);
    }

    private synchronized void draw(String line) {
        if (!closed) screen.status(List.of(line));
    }

    @Override public synchronized void close() {
        closed = true;
        progress.close();
        screen.status(List.of());
    }
}
