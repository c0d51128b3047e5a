package rekey.step;

import java.util.List;
import rekey.session.Session;

/// One operation of a migration, as a value: it can be run, looked at, undone and composed. What is done is read
/// from the server, so a step can be run twice, killed anywhere and run again. What it would do is told
/// by room `preview`.
public interface Step {
    /// As in the guide's list: `create`, `backfill`, ...
    String name();

    /// Read from the server.
    State state(Session session);

    /// Does what is left of it; nothing where it is done.
    void run(Session session);

    /// Takes it back; nothing where it is not done.
    void undo(Session session);

    /// The same of every shard in which it is not done.
    default void run(List<Session> shards) {
        Shards.all(shards, this::run);
    }

    /// Takes it back on every shard.
    default void undo(List<Session> shards) {
        Shards.all(shards, this::undo);
    }

    /// The shards in which it is not done.
    default List<Session> notDone(List<Session> shards) {
        return shards.stream().filter(s -> state(s).phase() != Phase.DONE).toList();
    }

    /// @param saw what on the server tells it
    record State(Phase phase, String saw) {
        public static State of(boolean done, String saw) {
            return new State(done ? Phase.DONE : Phase.TO_DO, saw);
        }
    }

    enum Phase {
        TO_DO,
        UNDER_WAY,
        DONE
    }
}
