package rekey.run;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.ServerGone;
import rekey.clickhouse.Sql;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Session;

/// The operator's words from another terminal, through the journal: stop, throttle, threads, ... Panic ends the
/// process as it stands: what it left is found out by whoever runs next, and ingestion is reopened by its guard.
public final class Orders implements Runner.Observer {
    private final Runnable panic;
    private String seen = "";

    /// Why a copy waits that an operator lets wait.
    public static final String THROTTLED = "throttled by the operator";

    /// @param panic ends this process at once
    public Orders(Runnable panic) {
        this.panic = panic;
    }

    public Orders() {
        this(() -> Runtime.getRuntime().halt(5));
    }

    /// What a limit is now, told by the runner's first line and the orders since; empty where nothing runs.
    public static Optional<String> limit(Session session, String name) {
        return session.journal().fresh("event = 'LOCKED' OR event = 'CONTROL'").stream()
                .reduce(
                        Optional.<String>empty(),
                        (was, e) -> switch (e.detail()) {
                            case Detail.Locked l -> Optional.of(l.limit(name));
                            case Detail.Order o when o.order().equals(name) -> Optional.of(o.argument());
                            default -> was;
                        },
                        (a, b) -> b);
    }

    /// How many chunks the run that goes on may have under way, where its healthcheck lets it have fewer than was
    /// said.
    public static Optional<Detail.Adapted> adapted(Session session) {
        return Detail.Adapted.last(
                session.journal().fresh("event = 'LOCKED' OR event = 'NOTE' AND step = 'healthcheck'"));
    }

    /// Sends one to whoever runs the migration now.
    public static void send(Session session, String order, String argument) {
        try {
            session.journal().append("", new Detail.Order(order, argument));
        } catch (ServerGone e) {
            // the host that copies has it first, and the run hears it there
            if (session.peers().isEmpty() || !isWritten(session, order)) throw e;
        }
    }

    private static boolean isWritten(Session session, String order) {
        return session.journal().fresh("event = 'CONTROL'").stream()
                .anyMatch(line -> line.runner().equals(session.journal().runner())
                        && line.detail() instanceof Detail.Order o
                        && o.order().equals(order));
    }

    /// Stops the run that goes on, from another terminal. One that has no lock in this moment, for its server was
    /// away, hears it too.
    ///
    /// @return as of [#stop(Session, RunLock.Holder)]
    public static Optional<String> stop(Session session) {
        var holder = RunLock.holder(session);
        if (holder.isPresent()) return stop(session, holder.get());
        send(session, "stop", "");
        return Optional.empty();
    }

    /// Stops this run and no other: the order, then the end of its running query on the server. Of four rollbacks at
    /// once the first that had stopped a run was stopped by the order, and by the kill, that the next had for it.
    ///
    /// @return why its running statement was not ended: it is another user's, and has the order, by which it stops
    ///         behind that
    public static Optional<String> stop(Session session, RunLock.Holder whom) {
        send(session, "stop", whom.runner());
        return HostsInParallel.each(session.answering().everyHost(), h -> {
                    try {
                        h.execute(ending(session, whom.runner()));
                        return Optional.<String>empty();
                    } catch (ServerError e) {
                        if (e.code() != ServerError.ACCESS_DENIED) throw e;
                        return Optional.of(RunLock.mayNotEnd(h, e).getMessage());
                    }
                })
                .stream()
                .flatMap(Optional::stream)
                .findFirst();
    }

    /// The end of what a runner has running.
    public static String ending(Session session, String runner) {
        return "KILL QUERY WHERE startsWith(query_id, " + Sql.text(session.queryPrefix() + runner + ":") + ") SYNC";
    }

    @Override
    public void look(Session session) {
        if (seen.isEmpty())
            seen = session.journal().last(Entry.Event.LOCKED).map(Orders::since).orElse("1970-01-01 00:00:00");
        for (var e :
                session.journal().fresh("event = 'CONTROL' AND at > toDateTime64(" + Sql.text(seen) + ", 6, 'UTC')")) {
            seen = text(e.at());
            if (!(e.detail() instanceof Detail.Order(var order, var argument))) continue;
            try {
                obey(session, order, argument);
            } catch (RuntimeException wrong) {
                session.journal().append("", new Detail.UnknownOrder(order + " " + argument));
            }
        }
    }

    /// From when on a run is spoken to: it has the lock, and may still wait for a statement of a dead one, before
    /// its first line.
    private static String since(Entry locked) {
        return text(locked.detail() instanceof Detail.Locked l ? l.since().orElse(locked.at()) : locked.at());
    }

    private static String text(Instant at) {
        return at.toString().replace("T", " ").replace("Z", "");
    }

    private void obey(Session session, String order, String argument) {
        var control = session.control();
        switch (order) {
            case "stop" -> {
                if (argument.isEmpty() || argument.equals(session.journal().runner()))
                    control.stop("Stopped by the operator. Go on with migrate, or go back with rollback.");
            }
            case "throttle" -> control.throttle(THROTTLED);
            case "no-throttle" -> control.throttle(null);
            case "threads" -> {
                control.limits(control.limits().withThreads(Integer.parseInt(argument)));
                for (var shard : session.shards())
                    shard.lanes().asSaid().ifPresent(all -> shard.journal().append("healthcheck", all));
            }
            case "nice" -> control.limits(control.limits().withNice(Double.parseDouble(argument)));
            case "chunk" -> control.limits(control.limits().withChunkRows(Long.parseLong(argument)));
            case "max-held" ->
                control.limits(control.limits().withMaxHeld(Duration.ofMillis(Long.parseLong(argument))));
            case "postpone" -> control.postpone(true);
            case "unpostpone" -> control.postpone(false);
            case "panic" -> panic.run();
            default -> session.journal().append("", new Detail.UnknownOrder(order));
        }
    }
}
