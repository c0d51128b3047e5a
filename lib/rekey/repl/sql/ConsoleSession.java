package rekey.repl.sql;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import rekey.clickhouse.Answer;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.ServerError;

/// The console's session on a server: what SET says holds for the statements after it, and temporary tables stay. A
/// server forgets sessions, when it restarts or after a while without a statement; then a new one is begun and SET
/// done again.
final class ConsoleSession {
    private static final int SESSION_NOT_FOUND = 372, SESSION_IS_LOCKED = 373, READONLY = 164;
    /// As long as servers let a session live by default.
    private static final String TIMEOUT = "3600";

    private final List<String> sets = new ArrayList<>();
    private ClickHouse of;
    private String id = "";
    private boolean readonly;
    private volatile boolean left;

    /// @param lost is told when the session had to be begun anew
    synchronized Answer ask(
            ClickHouse server,
            String sql,
            String queryId,
            String format,
            String database,
            Map<String, String> settings,
            Runnable lost) {
        if (of != server) begin(server);
        if (left) {
            left = false;
            again(database);
        }
        try {
            return patient(sql, queryId, format, database, settings);
        } catch (ServerError e) {
            if (e.code() != SESSION_NOT_FOUND) throw e;
            lost.run();
            again(database);
            return patient(sql, queryId + "-2", format, database, settings);
        }
    }

    /// The session is locked by a query that was left; another is begun, with its own lock here.
    void leave() {
        left = true;
    }

    /// A statement that holds for those after it.
    synchronized void keep(String set) {
        sets.add(set);
    }

    private void begin(ClickHouse server) {
        boolean other =
                of == null || !of.endpoint().host().equals(server.endpoint().host());
        if (other) sets.clear();
        of = server;
        readonly = false;
        id = "";
        if (!other) again(server.endpoint().database());
    }

    private void again(String database) {
        id = "";
        for (var set : sets)
            patient(set, UUID.randomUUID().toString(), "TabSeparated", database, Map.of())
                    .close();
    }

    /// A session is still locked for a moment after its query was killed.
    private Answer patient(String sql, String queryId, String format, String database, Map<String, String> settings) {
        for (int i = 0; ; i++)
            try {
                return once(sql, queryId, format, database, settings);
            } catch (ServerError e) {
                if (e.code() != SESSION_IS_LOCKED || i == 30) throw e;
                sleep();
            }
    }

    private Answer once(String sql, String queryId, String format, String database, Map<String, String> settings) {
        boolean fresh = id.isEmpty();
        if (fresh) id = "rekey-" + UUID.randomUUID();
        var all = new LinkedHashMap<String, String>(readonly ? Map.of() : settings);
        all.put("session_id", id);
        all.put("session_timeout", TIMEOUT);
        all.put("session_check", fresh ? "0" : "1");
        try {
            return of.ask(sql, queryId, format, database, all);
        } catch (ServerError e) {
            // a user under readonly = 1 may change no setting, that of a format neither
            if (e.code() != READONLY || readonly || settings.isEmpty()) throw e;
            readonly = true;
            return once(sql, queryId, format, database, settings);
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
