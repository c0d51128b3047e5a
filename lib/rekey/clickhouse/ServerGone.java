package rekey.clickhouse;

import rekey.model.Trouble;

/// No answer came: nobody listens, or the connection broke. What a statement under way has done is not known, and is
/// found out from the server when it is back.
public final class ServerGone extends Trouble.Failed {
    public ServerGone(String message, Throwable cause) {
        super(message, cause);
    }
}
