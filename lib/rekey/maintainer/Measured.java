package rekey.maintainer;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// One line of the bench: milliseconds of each way, and what rekey's cost.
///
/// @param rows       of the table
/// @param bytes      that it has on disk
/// @param copyMs     of rekey's the first round alone, which copies all rows there were
/// @param plannedMs  what `plan` said that it would take, in whole seconds
/// @param engine     which way of the bare engine was the fastest, and so is `engineMs`
/// @param engines    all of them with their milliseconds
/// @param cpuSeconds, statements, peakBytes, writtenBytes, parts: see [BenchCost]
/// @param ranges     the least and the greatest of all runs, of each ratio that the line has
/// @param heldMs     in which nothing was read from Kafka, where it fed the table; null where it was not measured
/// @param live       each migration with a dashboard beside it
public record Measured(
        BenchShape shape,
        long rows,
        long bytes,
        long guideMs,
        long rekeyMs,
        long engineMs,
        long copyMs,
        long plannedMs,
        String engine,
        Map<String, Long> engines,
        Map<String, Double> cpuSeconds,
        long statements,
        long peakBytes,
        long writtenBytes,
        long parts,
        Map<String, List<Double>> ranges,
        Long heldMs,
        List<BenchLive> live) {

    /// What checking costs of the copy's CPU: chunk checks and the whole comparison.
    public double checking() {
        return (cpuSeconds.getOrDefault("check", 0.0) + cpuSeconds.getOrDefault("compare", 0.0))
                / cpuSeconds.getOrDefault("copy", Double.NaN);
    }

    public double againstGuide() {
        return (double) rekeyMs / guideMs;
    }

    public double againstEngine() {
        return (double) rekeyMs / engineMs;
    }

    public double againstPlan() {
        return (double) copyMs / plannedMs;
    }

    /// Bytes written for each byte that the old table has.
    public double amplification() {
        return (double) writtenBytes / bytes;
    }

    /// The run whose ratio to the guide's SQL is the median, with the ranges of all.
    static Measured median(List<Measured> all) {
        var sorted = all.stream()
                .sorted(Comparator.comparingDouble(Measured::againstGuide))
                .toList();
        return sorted.get(all.size() / 2)
                .with(Map.of(
                        "rekey/guide", range(all, Measured::againstGuide),
                        "rekey/engine", range(all, Measured::againstEngine),
                        "checks/copy", range(all, Measured::checking)));
    }

    private static List<Double> range(List<Measured> all, ToDoubleFunction<Measured> ratio) {
        var each = all.stream().mapToDouble(ratio).sorted().boxed().toList();
        return List.of(each.getFirst(), each.get(each.size() / 2), each.getLast());
    }

    private Measured with(Map<String, List<Double>> ranges) {
        return new Measured(
                shape,
                rows,
                bytes,
                guideMs,
                rekeyMs,
                engineMs,
                copyMs,
                plannedMs,
                engine,
                engines,
                cpuSeconds,
                statements,
                peakBytes,
                writtenBytes,
                parts,
                ranges,
                heldMs,
                live);
    }

    /// The same with what was measured beside a dashboard.
    Measured with(List<BenchLive> live) {
        var held =
                live.stream().filter(l -> l.rate() > 0).map(BenchLive::heldMs).findFirst();
        return new Measured(
                shape,
                rows,
                bytes,
                guideMs,
                rekeyMs,
                engineMs,
                copyMs,
                plannedMs,
                engine,
                engines,
                cpuSeconds,
                statements,
                peakBytes,
                writtenBytes,
                parts,
                ranges,
                held.orElse(null),
                List.copyOf(live));
    }

    /// The median of this very ratio and its range, as `0.62 (0.60-0.71)`. Of the run in the middle by another ratio
    /// it was the lowest of its range once, or the highest.
    String ranged(String ratio) {
        var range = ranges.get(ratio);
        return "%.2f (%.2f-%.2f)".formatted(range.get(1), range.getFirst(), range.getLast());
    }
}
