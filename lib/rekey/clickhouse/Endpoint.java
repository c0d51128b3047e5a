package rekey.clickhouse;

import java.util.Map;
import java.util.TreeMap;

/// Where a server is and who asks. Its text never shows the password.
///
/// @param url        such as `http://localhost:8123`
/// @param database   the database of bare table names
/// @param properties handed to the JDBC driver as they are (TLS, time-outs)
public record Endpoint(String url, String user, String password, String database, Map<String, String> properties) {

    public static Endpoint of(String url) {
        return new Endpoint(url, "default", "", "default", Map.of());
    }

    public Endpoint withDatabase(String other) {
        return new Endpoint(url, user, password, other, properties);
    }

    /// Host and port, as a prompt or a sentence shows them; no user, no password.
    public String host() {
        return url.replaceFirst("^[a-z]+://", "").replaceFirst("^[^@/]*@", "").replaceFirst("[/?].*$", "");
    }

    /// With the driver's own repetition of failed statements switched off: by default it ran a half-done INSERT
    /// SELECT four times (clickhouse-java#3072), which doubles rows. And a connection that was idle for a second is
    /// not used again: where the server closed it in the same moment, nothing came back, and whether a statement
    /// had been carried out was not known (seen where hosts are asked now and then; servers keep them for 3 s or
    /// more).
    java.util.Properties driverProperties() {
        var all = new TreeMap<String, String>(Map.of(
                "retry",
                "0",
                "client_retry_on_failures",
                "None",
                "socket_timeout",
                "0",
                "connection_timeout",
                "5000",
                "compress",
                "false",
                "http_keep_alive_timeout",
                "1000"));
        all.putAll(properties);
        all.put("user", user);
        all.put("password", password);
        var p = new java.util.Properties();
        p.putAll(all);
        return p;
    }

    @Override
    public String toString() {
        return user + "@" + host() + "/" + database;
    }
}
