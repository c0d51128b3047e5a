package rekey.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToIntFunction;
import rekey.clickhouse.Peer;
import rekey.clickhouse.ServerGone;
import rekey.model.Trouble;
import rekey.run.Orders;
import rekey.run.ServerOutage;
import rekey.session.HostAway;

/// A run whose copier is lost goes on with another one, and with all hosts when it is back. It is a new run each
/// time: the topology, the journal and what is left to do are read anew.
record ChangingHosts(Job job) {
    /// A host that comes and goes all the time is for a person to look at.
    private static final int MOST = 20;

    /// @param on what goes on after that
    /// @return an exit code
    int goingOn(ToIntFunction<ConfirmedRun> first, ToIntFunction<ConfirmedRun> on) {
        var now = job;
        var work = first;
        Trouble unknown = null;
        try {
            for (int changes = 0; ; changes++) {
                var run = now.run();
                try {
                    return work.applyAsInt(run);
                } catch (ServerGone | HostAway | Trouble.OutcomeUnknown e) {
                    if (run.begun()) work = on;
                    var next = changes < MOST ? onOtherHosts(now, e) : Optional.<Job>empty();
                    // that nothing was done is true of the last try alone
                    if (next.isEmpty() && unknown != null && there(e)) {
                        unknown.addSuppressed(e);
                        throw unknown;
                    }
                    if (next.isEmpty()) throw e;
                    unknown = e instanceof Trouble.OutcomeUnknown ? e : null;
                    heed(now, next.get());
                    if (now != job) now.close();
                    now = next.get();
                    if (away(now).isEmpty()) now.options().say("All hosts answer: they go on together.");
                }
            }
        } finally {
            if (now != job) now.close();
        }
    }

    /// The same on the hosts that there are now; empty where they are those that it is about.
    private Optional<Job> onOtherHosts(Job now, Trouble by) {
        var session = now.session();
        if (!now.options().withoutCopier()
                || !session.copying().ofSeveral()
                || session.control().stopping()) return Optional.empty();
        now.options().connection.knows(session);
        var until = Instant.now().plus(there(by) ? starting() : Duration.ZERO);
        while (true) {
            var found = onOneOfThem(now, by);
            if (found.isPresent() && !away(found.get()).equals(away(now))) return found;
            found.ifPresent(Job::close);
            if (Instant.now().isAfter(until)) return Optional.empty();
            session.control().sleep(2000);
        }
    }

    private static Optional<Job> onOneOfThem(Job now, Trouble by) {
        for (var host : now.session().everyPeer())
            try {
                return Optional.of(on(now, host));
            } catch (Trouble e) {
                by.addSuppressed(e); // the next one may answer
            }
        return Optional.empty();
    }

    private static Job on(Job now, Peer host) {
        var asked = now.options().connect(host.endpoint().url());
        try {
            return Job.of(now.options(), asked, now.migration());
        } catch (RuntimeException e) {
            asked.close();
            throw e;
        }
    }

    /// What the operator said to the run before holds for the next one.
    private static void heed(Job before, Job next) {
        var was = before.session().control();
        var control = next.session().control();
        control.limits(was.limits());
        control.postpone(was.postponed());
        if (Orders.THROTTLED.equals(was.throttled())) control.throttle(was.throttled());
    }

    private static boolean there(Trouble e) {
        return e instanceof HostAway away && away.there();
    }

    /// A server that has just started is active in Keeper before it answers.
    private static Duration starting() {
        return ServerOutage.patience().dividedBy(2);
    }

    private static Set<String> away(Job job) {
        return job.session().copying().leftOut().away();
    }
}
