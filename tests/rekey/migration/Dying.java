package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import rekey.run.Runner;
import rekey.session.Entry;
import rekey.session.Entry.Event;
import rekey.session.Session;

/// The moment at which a runner dies: behind a line of the journal, or before a statement.
record Dying(String step, Event event, String statement) {
    /// In place of a kill -9.
    private static final class Dead extends RuntimeException {}

    /// How a runner comes by its session.
    interface Sessions {
        /// @param statements is shown each statement before it is sent
        /// @param lines      is told each line of the journal when it is written
        Session open(Consumer<String> statements, Consumer<Entry> lines);
    }

    static Dying at(String step, Event event) {
        return new Dying(step, event, "");
    }

    static Dying before(String statement) {
        return new Dying("", null, statement);
    }

    /// Lets a runner work until it dies, once; that it comes to this moment is asserted.
    void dies(Sessions sessions, Consumer<Runner> work) {
        var once = new AtomicBoolean();
        Runnable die = () -> {
            if (!once.getAndSet(true)) throw new Dead();
        };
        var session = sessions.open(
                sql -> {
                    if (!statement.isEmpty() && sql.startsWith(statement)) die.run();
                },
                line -> {
                    if (event != null && line.is(step, event)) die.run();
                });
        try {
            work.accept(new Runner(session, false, List.of()));
        } catch (Dead e) {
            return;
        }
        assertTrue(once.get(), () -> "vacuous: it never came to " + this);
    }
}
