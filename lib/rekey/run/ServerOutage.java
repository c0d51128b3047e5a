package rekey.run;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import rekey.clickhouse.ServerGone;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Session;

/// Waits for a server that goes away. When it is back, what it did before is read from it.
///
/// @param most how long it is waited for, each time
public record ServerOutage(Session session, Duration most) {
    /// Started anew so often in a row, with nothing carried between, it may be what is asked of it that ends it: a
    /// copy that wants more memory than there is would be the end of it for ever.
    private static final int IN_A_ROW = 4;

    /// How long a server that went away is waited for: two minutes, unless the property `rekey.patience` has other
    /// seconds.
    public static Duration patience() {
        return Duration.ofSeconds(Long.getLong("rekey.patience", 120));
    }

    /// What is seen when it is back.
    ///
    /// @param upSeconds since when it runs, in whole seconds: 0 where it was started anew within the second
    /// @param done      lines of the journal that say so of something
    private record ServerState(long upSeconds, long done) {}

    /// Does a piece of work, from its beginning whenever the server has been away: it reads from the server what is
    /// left of it.
    ///
    /// @param first what is to be done when it is there again
    /// @throws ServerGone when it stays away, or somebody wants the run stopped
    /// @throws Trouble.Failed when it is started anew again and again
    void during(Runnable work, Runnable first) {
        long done = -1;
        for (int restarts = 0; ; ) {
            var begun = Instant.now();
            try {
                work.run();
                return;
            } catch (ServerGone e) {
                if (session.control().stopping()) throw e;
                session.progress().note(ProgressLine.AWAY + ": " + e.getMessage());
                var back =
                        await(Instant.now().plus(most), e, first); // from now on, for it may have been there for days
                if (back.done != done) restarts = 0;
                done = back.done;
                if (back.upSeconds <= Duration.between(begun, Instant.now()).toSeconds() && ++restarts == IN_A_ROW)
                    throw new Trouble.Failed(
                            "The server was started anew "
                                    + IN_A_ROW
                                    + " times in a row, and nothing was copied in between. The last error: "
                                    + e.getMessage()
                                    + " rekey's statements may be what ends it: look into its log and for a"
                                    + " process killed for want of memory; then go on with migrate, with fewer"
                                    + " --threads.",
                            e);
            }
        }
    }

    private ServerState await(Instant until, ServerGone gone, Runnable first) {
        while (true) {
            session.control().sleep(300);
            try {
                // every host, for what is done on all of them waits for each
                long up = session.everyHost().stream()
                        .mapToLong(h -> h.one("SELECT uptime() AS s").number("s"))
                        .min()
                        .orElseThrow();
                session.control().fence();
                long carried = 0;
                for (var s : session.shards()) {
                    s.journal().append("", new Detail.ServerBack(gone.getMessage()));
                    s.journal().alone();
                    // the guard may have opened it meanwhile; what is held is seen anew, and till then no
                    // healthcheck and no throttle is to be passed over
                    s.progress().resumed();
                    carried += s.journal()
                            .entries(j -> j.is(Entry.Event.ATTACHED, Entry.Event.DONE))
                            .size();
                }
                session.control().ingestionHeld(false);
                first.run();
                return new ServerState(up, carried);
            } catch (ServerGone e) {
                if (Instant.now().isAfter(until)) throw gone.unanswered().isPresent() ? gone : e;
            }
        }
    }

    /// Where the host that is away is one that copies: of any other it is said by whoever asked it.
    static String wayOn(List<Session> shards, ServerGone gone) {
        return shards.stream()
                .filter(s -> s.copying().ofSeveral()
                        && !s.peers().isEmpty()
                        && gone.getMessage()
                                .startsWith("No ClickHouse answers at "
                                        + s.server().endpoint().host() + " "))
                .map(s -> " Host " + s.copying().name() + " copies. Run again when it is back; if it never comes back"
                        + " say --host-is-gone " + s.copying().name() + ", and another host goes on from there.")
                .findFirst()
                .orElse("");
    }
}
