package rekey;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Instant;
import java.util.List;
import rekey.lab.Ledger;
import rekey.session.Detail;
import rekey.session.Entry;

/// What a run can have shown: where nothing came while ingestion was held, or no row came late for a partition
/// already copied, nothing could be lost, and a green test says nothing.
///
/// @param producedWhileHeld messages that Kafka acknowledged between a pause and its resume
/// @param lateCarried       rows for partitions already copied, carried by a later round
public record Shown(long producedWhileHeld, long lateCarried) {

    public static Shown by(List<Entry> journal, Ledger ledger) {
        long held = 0, late = 0;
        Instant asked = null;
        for (var e : journal) {
            if (e.detail() instanceof Detail.Round r) late += r.late();
            if (e.detail() instanceof Detail.Held h) asked = h.asked();
            if (e.detail() instanceof Detail.Resumed r && asked != null) {
                held += ledger.countBetween(asked, r.resumed().orElse(e.at()));
                asked = null;
            }
        }
        return new Shown(held, late);
    }

    /// Fails a test that showed nothing.
    public void mustNotBeVacuous() {
        if (producedWhileHeld == 0) fail("vacuous: nothing was produced while ingestion was held");
        if (lateCarried == 0) fail("vacuous: no late row came for a partition already copied");
    }
}
