package rekey.step;

import org.junit.jupiter.api.Test;
import rekey.Still;

import static org.junit.jupiter.api.Assertions.assertEquals;

/// A target that was made in part is made whole.
class CreateTest {
    @Test void whatWasCutShortBetweenTwoColumnTtlsGoesOn() {
        try (var still = Still.table("(a UInt64, d Date, x String TTL d + INTERVAL 20 YEAR, y String TTL d + INTERVAL 20 YEAR) ENGINE = MergeTree ORDER BY a", "", "cityHash64(a), a", "")) {
            still.execute("INSERT INTO %s SELECT number, '2026-01-01', 'x', 'y' FROM numbers(10)");
            still.run(new Create());
            still.execute("ALTER TABLE %s MODIFY COLUMN y String TTL d + INTERVAL 20 YEAR", still.target());
            assertEquals(Step.Phase.UNDER_WAY, new Create().state(still.session()).phase());
            still.run(new Create());
            assertEquals(Step.Phase.DONE, new Create().state(still.session()).phase());
            var wanted = still.content(still.name);
            still.migrate("resume");
            assertEquals(wanted, still.content(still.name));
            assertEquals(2, still.session().source().columns().stream().filter(c -> !c.ttl().isEmpty()).count());
        }
    }
}
