package rekey.run;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// Where a migration stands, in a word or two: its name in small letters is what people and programs read.
public enum MigrationState {
    NOT_BEGUN,
    /// An operation ended well, others are left.
    BEGUN,
    RUNNING,
    /// Ingestion stands still and nobody runs.
    PAUSED,
    STOPPED,
    FAILED,
    /// Waits for finalize.
    SWAPPED,
    FINALIZED,
    ROLLED_BACK,
    /// Nobody can tell whether a statement was done.
    UNKNOWN;

    @Override
    @JsonValue
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
