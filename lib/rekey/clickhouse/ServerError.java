package rekey.clickhouse;

import rekey.model.Trouble;

/// The server answered, and its answer is an error.
public final class ServerError extends Trouble.Failed {
    public static final int BAD_ARGUMENTS = 36,
            UNKNOWN_IDENTIFIER = 47,
            UNKNOWN_TABLE = 60,
            TABLE_ALREADY_EXISTS = 57,
            MEMORY_LIMIT = 241,
            TIMEOUT = 159,
            ACCESS_DENIED = 497,
            WRONG_PASSWORD = 516,
            QUERY_CANCELLED = 394,
            QUERY_ID_IN_USE = 216,
            UNKNOWN_DATABASE = 81,
            NO_SUCH_PART = 232,
            NO_SPACE = 243,
            TOO_MANY_PARTS = 252,
            THROWN = 395,
            CANCELLED_BY_CLIENT = 735;

    private final int code;

    public ServerError(int code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /// Whether the statement was ended by somebody.
    public boolean cancelled() {
        return code == QUERY_CANCELLED || code == CANCELLED_BY_CLIENT;
    }

    /// ClickHouse's error code, such as 60 for an unknown table.
    public int code() {
        return code;
    }
}
