package rekey.maintainer.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.Stream;
import rekey.lab.ClusterShape;

/// One case on a cluster: which process is killed, at which step, and which way it goes then.
///
/// @param id      by which it can be made again: `7.3`, the third by chance from seed 7
/// @param seed    what its rows and messages follow from
/// @param back    whether the way back is on when it is killed
/// @param step    as the journal names it
/// @param delayMs how long after its beginning
/// @param awayMs  how long a server or ZooKeeper is away
/// @param then    what is run afterwards, each until it has ended well
public record ClusterCase(
        String id, long seed, Killed killed, boolean back, String step, long delayMs, long awayMs, List<String> then) {

    /// Which process.
    public enum Killed {
        TOOL,
        COPIER,
        PEER,
        KEEPER,
        /// Nothing is killed, and a row is deleted at the end: the judge must find it.
        ROW_DELETED
    }

    private static final List<String> ON = List.of("create", "backfill", "verify", "while paused", "swap", "resume"),
            BACK = List.of("undo-swap", "pause", "swap", "attach");
    private static final List<List<String>> WAYS =
            List.of(List.of("migrate"), List.of("rollback"), List.of("rollback", "migrate"));

    /// Each process by turns, at moments that follow from the seed.
    public static List<ClusterCase> drawn(long seed, int count, ClusterShape shape) {
        var random = new SplittableRandom(seed);
        var killed = Stream.of(Killed.TOOL, Killed.COPIER, Killed.PEER, Killed.KEEPER)
                .filter(k -> k != Killed.PEER || shape.hosts() > 1)
                .toList();
        var out = new ArrayList<ClusterCase>();
        for (int n = 0; n < count; n++) {
            boolean back = random.nextInt(4) == 0;
            var steps = back ? BACK : ON;
            out.add(new ClusterCase(
                    seed + "." + (n + 1),
                    random.nextLong(1, 1_000_000),
                    killed.get(n % killed.size()),
                    back,
                    steps.get(random.nextInt(steps.size())),
                    random.nextLong(0, 1500),
                    random.nextLong(1000, 8000),
                    WAYS.get(random.nextInt(WAYS.size()))));
        }
        return List.copyOf(out);
    }

    public static ClusterCase control() {
        return new ClusterCase("row-deleted", 1, Killed.ROW_DELETED, false, "", 0, 0, List.of("migrate"));
    }

    boolean isControl() {
        return killed == Killed.ROW_DELETED;
    }

    /// What is run while it is killed.
    List<String> commands() {
        return back ? List.of("migrate", "rollback") : List.of("migrate");
    }

    /// Whether a line of the tool, `step EVENT`, is the moment; on the way back that is behind the first swap.
    Predicate<String> moment() {
        var seen = new java.util.concurrent.atomic.AtomicBoolean(!back);
        return line -> {
            if (back && line.equals("resume DONE")) seen.set(true);
            return seen.get() && line.startsWith(step + " ");
        };
    }

    @Override
    public String toString() {
        return isControl()
                ? "control: a row is deleted"
                : "%s  %s killed %d ms into %s %s, away %d ms, then %s"
                        .formatted(id, killed, delayMs, back ? "back:" : "on:", step, awayMs, String.join(", ", then));
    }
}
