package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import rekey.Still;
import rekey.session.Entry.Event;

/// A runner that dies at each moment of a migration there, and of one back, of a table whose merges fold rows,
/// beside a writer that never pauses: whoever comes next goes on, and what each key says is the same.
@Tag("engines")
@Tag("slow")
class FoldingKilledTest {
    /// Each of these was seen both ways; half of them take a minute and a half alone.
    static final List<Dying>
            FORTH = List.of(Dying.at("attach", Event.INTENT), Dying.at("swap", Event.INTENT), Dying.before("EXCHANGE")),
            BACK = List.of(Dying.at("attach", Event.ATTACHED), Dying.before("EXCHANGE"), Dying.before("RENAME"));

    @ParameterizedTest
    @EnumSource
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void diesAtEachMomentThereAndBack(Folding engine) throws InterruptedException {
        try (var bed = engine.bed()) {
            var still = bed.still();
            var before = still.session().source();
            bed.whileRowsCome(() -> {
                for (var moment : FORTH)
                    moment.dies(session(still), r -> r.run(still.migration, Optional.of("resume")));
                still.migrate("resume");
            });
            bed.assertSame("there");
            still.execute("OPTIMIZE TABLE %s FINAL");
            bed.assertSame("there, merged");
            bed.whileRowsCome(() -> {
                for (var moment : BACK) moment.dies(session(still), r -> r.rollback(still.migration));
                still.rollback();
            });
            bed.assertSame("back");
            still.execute("OPTIMIZE TABLE %s FINAL");
            bed.assertSame("back, merged");
            assertEquals(before.definition(), still.session().source().definition());
        }
    }

    private static Dying.Sessions session(Still still) {
        return (statements, lines) -> {
            var session = still.listening(statements);
            session.journal().listen(lines);
            return session;
        };
    }
}
