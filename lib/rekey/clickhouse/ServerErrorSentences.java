package rekey.clickhouse;

/// The server's errors as sentences that say what to do.
final class ServerErrorSentences {
    private ServerErrorSentences() {}

    static String of(int code, String message, Endpoint endpoint) {
        var plain = plain(message);
        return switch (code) {
            case ServerError.WRONG_PASSWORD, 192, 193, 194 ->
                "ClickHouse at " + endpoint.host() + " does not let user '" + endpoint.user()
                        + "' in: check --user and --password.";
            case ServerError.ACCESS_DENIED -> "User '" + endpoint.user() + "' may not do this: " + plain;
            case ServerError.MEMORY_LIMIT ->
                "ClickHouse ran out of memory (241): " + plain
                        + " Lower --threads or give the server more memory, and run again.";
            case ServerError.NO_SPACE ->
                "A disk of ClickHouse is full (243): " + plain + " Free some space and run again.";
            default -> "ClickHouse says (" + code + "): " + plain;
        };
    }

    /// By a proxy before the server, which asks for another login or a token.
    static String keptOut(int status, Endpoint endpoint) {
        return "What stands before ClickHouse at " + endpoint.host() + " does not let this client in (HTTP " + status
                + "): check --user and --password, or bearer_token in --jdbc-config.";
    }

    /// The server's own sentence without its frame of code, class and version.
    private static String plain(String message) {
        return message.replaceFirst("(?s)^Code: \\d+\\. ", "")
                .replaceFirst("^DB::Exception: ", "")
                .replaceAll("\\s*\\(version [^)]*\\)", "")
                .replaceAll("\\s*\\(queryId=[^)]*\\)", "")
                .replaceAll("\\s+", " ")
                .strip();
    }

    static String firstLine(Throwable t) {
        var text = t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
        return text.lines().findFirst().orElse("").strip();
    }
}
