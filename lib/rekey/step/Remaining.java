package rekey.step;

import rekey.check.OtherWriters;
import rekey.copy.Rounds;
import rekey.copy.Way;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Session;

/// Operation 4: the few rows that came between the last round and the pause.
///
/// Half done it is a round like any other: a chunk in staging is dropped, an attach that nobody noted is settled by
/// the target's parts (see [Backfill]). Whether it is done, the journal tells: a DONE behind the pause's HELD and no
/// RESUMED since. Where ingestion was opened meanwhile, by the guard or a person, it counts for nothing and is made
/// again in the next pause.
public record Remaining() implements Step {
    /// So many rounds find new rows before it is said that someone else is writing.
    private static final int TRIES = 4;

    @Override
    public String name() {
        return "remaining";
    }

    @Override
    public State state(Session s) {
        return switch (Position.of(s)) {
            case Position.NotBegun n -> State.of(false, "there is no target");
            case Position.Created c -> State.of(done(s), "by the journal's last pause");
            default -> State.of(true, s.rewrite().source() + " has the new keys");
        };
    }

    /// Whether it was done in the pause that stands now.
    static boolean done(Session s) {
        var since = s.journal()
                .entries(e -> e.is(Entry.Event.HELD, Entry.Event.RESUMED) || e.is("remaining", Entry.Event.DONE));
        return !since.isEmpty() && since.getLast().event() == Entry.Event.DONE;
    }

    @Override
    public void run(Session s) {
        if (!(Position.of(s) instanceof Position.Created created)) return;
        s.progress().begin(name(), 0);
        long rows = rest(s, new Rounds(s, Way.FORWARD, created.target()));
        s.journal().append(name(), new Detail.Remained(rows));
    }

    /// One held round, in either direction: it has all that Kafka brought, for consumers stand and their last batch
    /// is in. What others write until the EXCHANGE, and in INSERTs that run through it, comes by trailing rounds.
    /// With 7 to 10 plain INSERTs a second no round was empty, and the swap was refused in the end. A second round
    /// found only what such writers had brought, and ingestion was held for it. With --hold-writers rounds go on
    /// until one finds nothing new.
    ///
    /// @throws Trouble.PutOff when ingestion is open again meanwhile, or the deadline near: then rounds would find
    ///                        new rows for ever; or when someone else writes
    static long rest(Session s, Rounds rounds) {
        long rows = 0;
        int number = Backfill.nextRound(s);
        for (int n = 0; n < TRIES; n++) {
            StandingPause.mustStand(s);
            s.control().checkpoint();
            var round = rounds.once(number + n, true);
            rows += round.rows();
            if (round.rows() == 0 || !s.limits().holdWriters()) return rows;
        }
        StandingPause.mustStand(s);
        var writers = OtherWriters.suspects(s);
        throw new Trouble.PutOff(
                "Rows keep coming into " + s.rewrite().source() + " though Kafka is paused, so nothing was swapped"
                        + (writers.isEmpty() ? "" : ": " + String.join("; ", writers))
                        + ". Stop that writer for the swap, run again at a quieter time, or leave out --hold-writers:"
                        + " then what comes in that moment is visible a moment late.");
    }

    /// The rows that were carried stay: the next round goes on from them.
    @Override
    public void undo(Session s) {}
}
