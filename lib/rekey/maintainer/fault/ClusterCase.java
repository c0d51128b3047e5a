package rekey.maintainer.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.Stream;
import rekey.lab.ClusterShape;

/// One case on a cluster: which process is killed, or what else goes wrong, at which step, and which way it goes
/// then.
///
/// @param id      by which it can be made again: `7.3`, the third by chance from seed 7; `a5`, an aimed one
/// @param seed    what its rows and messages follow from
/// @param back    whether the way back is on when it is killed
/// @param step    as the journal names it
/// @param delayMs how long after its beginning
/// @param awayMs  how long a server or ZooKeeper is away
/// @param then    what is run afterwards, each until it has ended well
public record ClusterCase(
        String id, long seed, Killed killed, boolean back, String step, long delayMs, long awayMs, List<String> then) {

    /// Which process, or what.
    public enum Killed {
        TOOL,
        COPIER,
        PEER,
        KEEPER,
        /// The copier fetches nothing for a while: there a lower block appears behind a higher one.
        FETCHES_STOPPED,
        /// The copier sends nothing, so that nobody fetches what it attaches, and is killed then.
        SENDS_STOPPED,
        /// What waits in the queues of the last host's Distributed tables is not sent on for a while.
        QUEUE_STOPPED,
        /// Somebody resets the block numbers on the last host.
        NUMBERS_OFF,
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

    /// Where it would hurt: each process at each step, a host between two hosts' EXCHANGE, one that is away through
    /// the whole swap, ZooKeeper away for half a minute, and what no process is killed for.
    public static List<ClusterCase> aimed(ClusterShape shape) {
        var out = new ArrayList<ClusterCase>();
        for (var delay : List.of(0L, 60L, 150L)) {
            out.add(aimed(out, Killed.COPIER, false, "swap", delay, 3000, "migrate"));
            out.add(aimed(out, Killed.PEER, false, "swap", delay, 3000, delay == 60 ? "rollback" : "migrate"));
        }
        out.add(aimed(out, Killed.PEER, true, "swap", 60, 3000, "rollback", "migrate"));
        out.add(aimed(out, Killed.PEER, false, "verify", 0, 45_000, "migrate"));
        out.add(aimed(out, Killed.COPIER, false, "while paused", 0, 45_000, "rollback"));
        out.add(aimed(out, Killed.KEEPER, false, "backfill", 300, 30_000, "migrate"));
        out.add(aimed(out, Killed.KEEPER, false, "while paused", 300, 30_000, "rollback", "migrate"));
        out.add(aimed(out, Killed.FETCHES_STOPPED, false, "backfill", 0, 6000, "migrate"));
        out.add(aimed(out, Killed.FETCHES_STOPPED, true, "undo-swap", 0, 6000, "rollback"));
        out.add(aimed(out, Killed.SENDS_STOPPED, false, "backfill", 500, 3000, "migrate"));
        out.add(aimed(out, Killed.SENDS_STOPPED, false, "attach", 0, 3000, "rollback"));
        out.add(aimed(out, Killed.QUEUE_STOPPED, false, "while paused", 0, 4000, "migrate"));
        out.add(aimed(out, Killed.QUEUE_STOPPED, true, "undo-swap", 0, 4000, "rollback", "migrate"));
        out.add(aimed(out, Killed.NUMBERS_OFF, false, "backfill", 0, 0, "rollback", "migrate"));
        for (var killed : List.of(Killed.TOOL, Killed.COPIER, Killed.PEER, Killed.KEEPER))
            for (boolean back : List.of(false, true))
                for (var step : back ? BACK : ON)
                    out.add(aimed(out, killed, back, step, step.length() * 40L, 4000, back ? "rollback" : "migrate"));
        return out.stream()
                .filter(c -> shape.hosts() > 1 || c.killed != Killed.PEER)
                .toList();
    }

    private static ClusterCase aimed(
            List<ClusterCase> before,
            Killed killed,
            boolean back,
            String step,
            long delayMs,
            long awayMs,
            String... then) {
        int n = before.size() + 1;
        return new ClusterCase("a" + n, n, killed, back, step, delayMs, awayMs, List.of(then));
    }

    /// Those of some names, or, where none are named, so many by chance; of none the aimed ones and then 20.
    ///
    /// @throws rekey.model.Trouble.Usage for a name that no case has
    public static List<ClusterCase> chosen(String[] ids, long seed, int from, int count, ClusterShape shape) {
        if (ids == null && count > 0)
            return drawn(seed, from - 1 + count, shape).subList(from - 1, from - 1 + count);
        var aimed = aimed(shape);
        if (ids == null)
            return Stream.concat(aimed.stream(), drawn(seed, 20, shape).stream())
                    .toList();
        return Stream.of(ids).map(id -> named(id, aimed, shape)).toList();
    }

    private static ClusterCase named(String id, List<ClusterCase> aimed, ClusterShape shape) {
        var drawn = id.matches("\\d{1,9}\\.[1-9]\\d{0,3}")
                ? drawn(Long.parseLong(id.split("\\.")[0]), Integer.parseInt(id.split("\\.")[1]), shape)
                : List.<ClusterCase>of();
        return Stream.concat(aimed.stream(), drawn.stream())
                .filter(c -> c.id.equals(id))
                .findFirst()
                .orElseThrow(
                        () -> new rekey.model.Trouble.Usage("There is no case " + id + " on a cluster: give a1 to a"
                                + aimed.size() + ", or one like 7.3, the third by chance from seed 7."));
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
