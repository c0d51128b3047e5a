package rekey.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Labs;
import rekey.Scene;
import rekey.Still;
import rekey.run.Runner;
import rekey.session.Entry.Event;
import rekey.step.Position;

/// Numbers are exact only when whatever merged or mutated before they were on has ended: such a part is written
/// without them, and all its rows read as of its lowest block.
class BlockNumbersTest {
    /// Some milliseconds of work for each row.
    private static final String SLOW = "editDistance(repeat(b, 3000), repeat(toString(a), 1000))";

    /// The merge is slow because of an index that the parts don't have yet.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "OPTIMIZE TABLE %s FINAL",
                "ALTER TABLE %s UPDATE b = concat(b, toString(" + SLOW + ")) WHERE 1 SETTINGS mutations_sync = 1"
            })
    void whatBeganBeforeIsAwaited(String statement) throws Exception {
        try (var still = Still.table(
                "(a UInt64, b String) ENGINE = MergeTree ORDER BY a SETTINGS merge_selector_base = 1000",
                "",
                "cityHash64(a), a",
                "")) {
            for (int i = 0; i < 4; i++)
                still.execute("INSERT INTO %s SELECT number + " + 100 * i + ", 'b' FROM numbers(100)");
            still.execute("ALTER TABLE %s ADD INDEX slow " + SLOW + " TYPE minmax GRANULARITY 1");
            var begun = Thread.ofPlatform().start(() -> {
                try (var own = Labs.connect()) {
                    own.execute(statement.replace("%s", still.name.sql()));
                }
            });
            Scene.await("it to begin", () -> running(still, statement) > 0);
            var session = still.session();
            var whenOn = new ArrayList<Long>();
            session.journal().listen(e -> {
                if (e.is("attach", Event.INTENT)) whenOn.add(running(still, statement));
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("backfill"));
            assertTrue(whenOn.size() > 0, "vacuous: nothing was carried");
            assertEquals(0, whenOn.getFirst());
            begun.join();
            still.migrate("resume");
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
            assertEquals(
                    400,
                    still.server
                            .one("SELECT uniqExact(a) AS n FROM " + still.name.sql())
                            .number("n"));
            assertEquals(
                    400,
                    still.server
                            .one("SELECT count() AS n FROM " + still.name.sql())
                            .number("n"));
        }
    }

    /// Merges of the other kind may well begin afterwards.
    private static long running(Still still, String statement) {
        try (var own = Labs.connect()) {
            return own.one("SELECT count() AS n FROM system.merges WHERE database = '" + still.name.database()
                            + "' AND table = 't' AND is_mutation = " + statement.startsWith("ALTER"))
                    .number("n");
        }
    }
}
