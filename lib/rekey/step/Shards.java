package rekey.step;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import rekey.clickhouse.HostsInParallel;
import rekey.model.Trouble;
import rekey.session.Session;

/// Does the same work on each shard, side by side. Each shard is a table of its own, with its own
/// copier, marks and journal. The pause, the exchange and the end of the pause must be one over all
/// shards: steps see to that in [Step#run(List)].
public final class Shards {
    private Shards() {}

    /// @throws Trouble what the first said that could not, with its host, when all have ended
    public static void all(List<Session> shards, Consumer<Session> work) {
        each(shards, s -> {
            work.accept(s);
            return s;
        });
    }

    /// The same, and what each gave.
    public static <R> List<R> each(List<Session> shards, Function<Session, R> work) {
        if (shards.isEmpty()) return List.of();
        return HostsInParallel.each(shards, s -> {
            try {
                return work.apply(s);
            } catch (Trouble e) {
                throw s.elsewhere().isEmpty() ? e : named(s, e);
            }
        });
    }

    private static Trouble named(Session s, Trouble e) {
        var told = "On the shard of " + s.server().endpoint().host() + ": " + e.getMessage();
        return switch (e) {
            case Trouble.PutOff p -> caused(p.reworded(told), p);
            case Trouble.OutcomeUnknown u -> caused(new Trouble.OutcomeUnknown(told), u);
            case Trouble.Refused r -> caused(new Trouble.Refused(told), r);
            default -> e;
        };
    }

    private static Trouble caused(Trouble told, Trouble by) {
        told.addSuppressed(by);
        return told;
    }
}
