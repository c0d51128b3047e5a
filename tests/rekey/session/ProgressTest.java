package rekey.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/// One total, told alike by the line of a run and by `status`.
class ProgressTest {

    @Test
    void theWholeIsWhatTheLiveTableHasNow() {
        var progress = new Progress();
        progress.begin("backfill", 1000);
        progress.done(1000, 0);
        assertEquals(100, progress.snapshot().percent());
        progress.total("backfill", 1250);
        assertEquals(80, progress.snapshot().percent());
        // of a round nobody knows how much comes, and another step counts other rows
        progress.total("optimize", 5000);
        progress.round(2, 10);
        progress.total("backfill", 5000);
        assertEquals(1260, progress.snapshot().rowsTotal());
    }
}
