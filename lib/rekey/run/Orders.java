package rekey.run;

import java.time.Duration;
import java.util.Map;
import rekey.clickhouse.Sql;
import rekey.session.Entry;
import rekey.session.Session;

/// The operator's words from another terminal, through the journal: stop, throttle, threads, ...
public final class Orders implements Runner.Watch {
    private String seen = "";

    /// Sends one to whoever runs the migration now.
    public static void send(Session session, String order, String argument) {
        session.journal().append("", Entry.Event.CONTROL, Map.of("order", order, "argument", argument));
    }

    /// Stops a run from another terminal: the order, then the end of its running query on the server.
    public static void stop(Session session) {
        send(session, "stop", "");
        session.server().execute("KILL QUERY WHERE startsWith(query_id, " + Sql.text(session.queryPrefix()) + ") AND NOT startsWith(query_id, "
                + Sql.text(session.queryPrefix() + session.journal().runner()) + ") SYNC");
    }

    @Override public void look(Session session) {
        if (seen.isEmpty()) seen = session.server().one("SELECT toString(now64(6, 'UTC')) AS t").string("t");
        for (var e : session.journal().fresh("event = 'CONTROL' AND at > toDateTime64(" + Sql.text(seen) + ", 6, 'UTC')")) {
            seen = e.at().toString().replace("T", " ").replace("Z", "");
            obey(session, e.get("order"), e.get("argument"));
        }
    }

    private static void obey(Session session, String order, String argument) {
        var control = session.control();
        switch (order) {
            case "stop" -> control.stop("Stopped by the operator. Go on with migrate, or go back with rollback.");
            case "throttle" -> control.throttle("by the operator");
            case "no-throttle" -> control.throttle(null);
            case "threads" -> control.limits(control.limits().withThreads(Integer.parseInt(argument)));
            case "chunk" -> control.limits(control.limits().withChunkRows(Long.parseLong(argument)));
            case "max-held" -> control.limits(control.limits().withMaxHeld(Duration.ofMillis(Long.parseLong(argument))));
            case "postpone" -> control.postpone(true);
            case "unpostpone" -> control.postpone(false);
            default -> session.journal().append("", Entry.Event.NOTE, Map.of("unknownOrder", order));
        }
    }
}
