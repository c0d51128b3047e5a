package rekey.sheet;

import java.util.List;
import java.util.Optional;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Row;
import rekey.clickhouse.ServerError;

/// Answers that a server may not be able to give: of a log that is switched off, or of a system table
/// that this user may not read or this version does not have.
public final class OptionalAnswers {
    private static final int UNKNOWN_IDENTIFIER = 47, UNKNOWN_COLUMN = 16;

    private OptionalAnswers() {}

    /// Empty where it can't be seen; never a reason to fail.
    public static Optional<List<Row>> rows(ClickHouse server, String sql) {
        try {
            return Optional.of(server.query(sql));
        } catch (ServerError e) {
            return switch (e.code()) {
                case ServerError.UNKNOWN_TABLE,
                        ServerError.UNKNOWN_DATABASE,
                        ServerError.ACCESS_DENIED,
                        UNKNOWN_IDENTIFIER,
                        UNKNOWN_COLUMN -> Optional.empty();
                default -> throw e;
            };
        }
    }

    /// No rows where it can't be seen.
    public static List<Row> orNone(ClickHouse server, String sql) {
        return rows(server, sql).orElse(List.of());
    }
}
