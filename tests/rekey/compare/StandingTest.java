package rekey.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Still;
import rekey.ingestion.HeldTime;
import rekey.session.Entry.Event;
import rekey.step.Create;

@Tag("compare")
class StandingTest {
    /// It may have compared the rows before they differed: finalize would drop the only other copy.
    @Test void aComparisonThatBeganBeforeADifferenceWasFoundDoesNotClearIt() {
        try (var still = Still.table("(a UInt64) ENGINE = MergeTree ORDER BY a", "", "a", "")) {
            still.run(new Create());
            var session = still.session();
            long before = HeldTime.now(still.server);
            session.journal().append("verify", Event.POISONED, Map.of("difference", "partition 1"));
            session.journal().append("verify", Event.VERIFIED, Map.of("sinceUs", "" + before));
            assertEquals("partition 1", Standing.poison(session).orElseThrow().get("difference"));
            session.journal().append("verify", Event.VERIFIED, Map.of("sinceUs", "" + HeldTime.now(still.server)));
            assertEquals(java.util.Optional.empty(), Standing.poison(session));
        }
    }
}
