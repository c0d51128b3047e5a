package rekey.lab.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// One case of the matrix: what goes wrong, when, and which way it goes then.
///
/// @param trigger  the journal's line after which it happens, as `step EVENT`
/// @param nth      which of those lines, from 1
/// @param delayMs  how long after it
/// @param rollback whether it goes back afterwards, instead of on
public record Case(long seed, String engine, Fault fault, String trigger, int nth, int delayMs, boolean rollback) {
    private static final List<String> ENGINES = List.of("ReplacingMergeTree(_timestamp)", "MergeTree");
    /// Before, in the middle and after each step, by the lines that a run writes.
    private static final List<String> TRIGGERS = List.of(" LOCKED", "create INTENT", "create DONE", "backfill BEGUN", "attach INTENT", "attach ATTACHED",
            "round ROUND", "backfill DONE", "verify BEGUN", "verify VERIFIED", "pause HELD", "pause DONE", "remaining DONE", "swap INTENT",
            "pause RESUMED", "swap DONE", "resume DONE", "optimize BEGUN", "optimize DONE");

    /// Every trigger with every fault that can strike there, on both engines by turns.
    public static List<Case> matrix(long seed) {
        var random = new SplittableRandom(seed);
        var out = new ArrayList<Case>();
        for (var fault : Fault.values())
            for (var trigger : triggers(fault)) out.add(new Case(random.nextLong() >>> 1, ENGINES.get(out.size() % 2), fault, trigger, nth(random, trigger), delay(random), out.size() / 2 % 2 == 1));
        return out;
    }

    /// So many cases that follow from a seed.
    public static List<Case> random(long seed, int count) {
        var random = new SplittableRandom(seed);
        var out = new ArrayList<Case>();
        for (int i = 0; i < count; i++) {
            var fault = Fault.values()[random.nextInt(Fault.values().length)];
            var triggers = triggers(fault);
            var trigger = triggers.get(random.nextInt(triggers.size()));
            out.add(new Case(random.nextLong() >>> 1, ENGINES.get(random.nextInt(2)), fault, trigger, nth(random, trigger), delay(random), random.nextBoolean()));
        }
        return out;
    }

    private static List<String> triggers(Fault fault) {
        return switch (fault) {
            case NOBODY_BACK -> List.of("pause HELD", "pause DONE", "remaining DONE", "swap INTENT");
            case MEMORY_LIMIT -> List.of(" LOCKED");
            default -> TRIGGERS;
        };
    }

    private static int nth(SplittableRandom random, String trigger) {
        return trigger.startsWith("attach") || trigger.startsWith("round") ? 1 + random.nextInt(6) : 1;
    }

    /// Mostly at once, for a statement takes milliseconds.
    private static int delay(SplittableRandom random) {
        return random.nextInt(3) == 0 ? random.nextInt(400) : random.nextInt(25);
    }

    @Override public String toString() {
        return "%-13s %3d ms after %-18s %-11s then %s".formatted(fault, delayMs, trigger.strip() + (nth > 1 ? " #" + nth : ""), engine.replaceFirst("\\(.*", "").replace("MergeTree", "MT"),
                rollback ? "back" : "on");
    }
}
