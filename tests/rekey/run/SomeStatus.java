package rekey.run;

import java.util.List;

/// A status for tests that make one by hand, with something in each component that the test is not about.
public final class SomeStatus {
    private SomeStatus() {}

    public static Status of(String migration, String table, Long etaSeconds, Long heldMs, Long lag) {
        return new Status(
                migration,
                "backfill",
                MigrationState.RUNNING,
                5,
                10,
                50,
                99,
                etaSeconds,
                null,
                heldMs,
                lag,
                null,
                List.of(),
                table,
                null,
                null,
                List.of(),
                null,
                true,
                List.of(),
                null,
                null);
    }
}
