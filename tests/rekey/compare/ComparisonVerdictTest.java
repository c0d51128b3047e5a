package rekey.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Still;
import rekey.ingestion.HeldTime;
import rekey.session.Detail;
import rekey.session.SomeLines;
import rekey.step.Create;

@Tag("compare")
class ComparisonVerdictTest {
    /// Of a key's two rows the one table may have both and the other the last: the same DELETE leaves the older row
    /// here, and none there.
    @Test
    void aDeleteByMoreThanTheKeyMakesAComparisonOld() {
        try (var still = Still.table(
                "(a UInt64, b UInt64, s String) ENGINE = ReplacingMergeTree(b) ORDER BY a", "", "a, s", "")) {
            still.execute("INSERT INTO %s SELECT number, 1, 'old' FROM numbers(100)");
            still.migrate("verify");
            var session = still.session();
            var target = session.rewrite().target();
            var uuid = session.catalog().uuid(target).orElseThrow();
            assertEquals(Optional.empty(), ComparisonVerdict.missing(session, target, uuid));
            still.execute("ALTER TABLE %s DELETE WHERE a = 5 SETTINGS mutations_sync = 2");
            assertEquals(Optional.empty(), ComparisonVerdict.missing(still.session(), target, uuid));
            still.execute("ALTER TABLE %s DELETE WHERE b = 7 SETTINGS mutations_sync = 2");
            assertTrue(ComparisonVerdict.missing(still.session(), target, uuid)
                    .orElseThrow()
                    .contains("A mutation was made"));
        }
    }

    /// It may have compared the rows before they differed: finalize would drop the only other copy.
    @Test
    void aComparisonThatBeganBeforeADifferenceWasFoundDoesNotClearIt() {
        try (var still = Still.table("(a UInt64) ENGINE = MergeTree ORDER BY a", "", "a", "")) {
            still.run(new Create());
            var session = still.session();
            long before = HeldTime.now(still.server);
            session.journal().append("verify", new Detail.Poisoned("partition 1", Optional.empty()));
            session.journal().append("verify", SomeLines.verified(before));
            assertEquals(
                    "partition 1",
                    ComparisonVerdict.poison(session).orElseThrow().difference());
            session.journal().append("verify", SomeLines.verified(HeldTime.now(still.server)));
            assertEquals(Optional.empty(), ComparisonVerdict.poison(session));
        }
    }
}
