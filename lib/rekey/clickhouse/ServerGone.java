package rekey.clickhouse;

import java.util.Optional;
import rekey.model.Trouble;

/// No answer came: nobody listens, or the connection broke. What a statement under way has done is not known, and is
/// found out from the server when it is back.
public final class ServerGone extends Trouble.Failed {
    private final Optional<Unanswered> unanswered;

    /// A changing statement that was sent and not answered.
    public record Unanswered(String sql, String queryId) {
        /// What is not known, and how to look.
        public String sentence() {
            return "Whether this was carried out is not known: "
                    + sql.strip().lines().findFirst().orElse("")
                    + " -- Look with: SELECT query, elapsed FROM system.processes WHERE query_id = "
                    + Sql.text(queryId)
                    + "; and, where there is a query log: SELECT type, exception FROM system.query_log WHERE query_id"
                    + " = "
                    + Sql.text(queryId)
                    + "; or run the same command again when the server is back: it looks first and goes on from what"
                    + " it finds.";
        }
    }

    public ServerGone(String message, Throwable cause) {
        this(message, cause, Optional.empty());
    }

    ServerGone(String message, Throwable cause, Optional<Unanswered> unanswered) {
        super(message, cause);
        this.unanswered = unanswered;
    }

    /// Empty when nothing was under way, or only a question.
    public Optional<Unanswered> unanswered() {
        return unanswered;
    }

    /// The same with more to say.
    public ServerGone saying(String more) {
        return reworded(getMessage() + more);
    }

    /// The same in other words.
    ServerGone reworded(String message) {
        return new ServerGone(message, this, unanswered);
    }
}
