package rekey.ingestion;

import rekey.clickhouse.ClickHouse;

/// How long nothing was read from Kafka.
///
/// @param heldMs  from the end of the first consumer's last batch, by the consumers' own record, to the return of
///                the statement that reopened ingestion
/// @param pauseMs from asking to stop until reopened
public record HeldTime(long heldMs, long pauseMs) {

    /// The server's clock in microseconds: held time is told by it alone, for a runner's clock may be off.
    public static long now(ClickHouse server) {
        return server.one("SELECT toUnixTimestamp64Micro(now64(6)) AS us").number("us");
    }

    /// @param asked   when the gate was closed, server's clock, microseconds
    /// @param since   what [Consumers#awaitStopped] said; 0 where there are no consumers
    /// @param resumed when the gate was open again
    public static HeldTime of(long asked, long since, long resumed) {
        return new HeldTime((resumed - (since == 0 ? asked : since)) / 1000, (resumed - asked) / 1000);
    }
}
