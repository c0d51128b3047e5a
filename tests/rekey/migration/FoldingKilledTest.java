package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import rekey.Still;
import rekey.run.Runner;
import rekey.session.Entry.Event;

/// A runner that dies at each moment of a migration there, and of one back, of a table whose merges fold rows,
/// beside a writer that never pauses: whoever comes next goes on, and what each key says is the same.
@Tag("engines")
@Tag("slow")
class FoldingKilledTest {
    /// In place of a kill -9 at an exact line of the journal, or before a statement.
    private static final class Dead extends RuntimeException {}

    private record Moment(String step, Event event, String statement) {
        static Moment line(String step, Event event) {
            return new Moment(step, event, "");
        }

        static Moment before(String statement) {
            return new Moment("", null, statement);
        }
    }

    /// Each of these was seen both ways; half of them take a minute and a half alone.
    private static final List<Moment>
            FORTH =
                    List.of(
                            Moment.line("attach", Event.INTENT),
                            Moment.line("swap", Event.INTENT),
                            Moment.before("EXCHANGE")),
            BACK = List.of(Moment.line("attach", Event.ATTACHED), Moment.before("EXCHANGE"), Moment.before("RENAME"));

    @ParameterizedTest
    @EnumSource
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void diesAtEachMomentThereAndBack(Folding engine) throws InterruptedException {
        try (var bed = engine.bed()) {
            var still = bed.still();
            var before = still.session().source();
            var struck = new ArrayList<Moment>();
            bed.whileRowsCome(() -> {
                for (var moment : FORTH)
                    dies(still, moment, struck, r -> r.run(still.migration, Optional.of("resume")));
                still.migrate("resume");
            });
            assertTrue(struck.size() == FORTH.size(), "vacuous: struck " + struck);
            bed.assertSame("there");
            still.execute("OPTIMIZE TABLE %s FINAL");
            bed.assertSame("there, merged");
            struck.clear();
            bed.whileRowsCome(() -> {
                for (var moment : BACK) dies(still, moment, struck, r -> r.rollback(still.migration));
                still.rollback();
            });
            assertTrue(struck.size() == BACK.size(), "vacuous: struck " + struck);
            bed.assertSame("back");
            still.execute("OPTIMIZE TABLE %s FINAL");
            bed.assertSame("back, merged");
            assertEquals(before.definition(), still.session().source().definition());
        }
    }

    private static void dies(Still still, Moment moment, List<Moment> struck, Consumer<Runner> work) {
        var once = new AtomicBoolean();
        Runnable die = () -> {
            if (once.getAndSet(true)) return;
            struck.add(moment);
            throw new Dead();
        };
        var session = still.listening(sql -> {
            if (!moment.statement.isEmpty() && sql.startsWith(moment.statement)) die.run();
        });
        session.journal().listen(e -> {
            if (moment.event != null && e.is(moment.step, moment.event)) die.run();
        });
        try {
            work.accept(new Runner(session, false, List.of()));
        } catch (Dead e) {
            assertTrue(once.get());
        }
    }
}
