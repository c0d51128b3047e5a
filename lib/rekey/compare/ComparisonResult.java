package rekey.compare;

import java.util.List;
import rekey.copy.Direction;

/// What a comparison said.
///
/// @param from       the table whose rows were carried
/// @param to         the one into which
/// @param verdict    `same` or `differs`
/// @param sample     the share of the keys that was compared; 1 for all rows
/// @param rows       compared on the first side now; those of unchanged partitions are not among them
/// @param unchanged  so many partitions still consist of the parts that were compared before, and were
///                   not compared again
/// @param notes      what a person should know about it
public record ComparisonResult(
        String from,
        String to,
        String verdict,
        double sample,
        long rows,
        int unchanged,
        List<ComparedPartition> partitions,
        List<String> notes) {

    static ComparisonResult of(
            Direction direction, ComparedShare sample, List<ComparedPartition> all, List<String> notes) {
        boolean same = all.stream().noneMatch(ComparedPartition::differs);
        return new ComparisonResult(
                direction.from().name().toString(),
                direction.to().name().toString(),
                same ? "same" : "differs",
                sample.share(),
                all.stream()
                        .filter(c -> c.verdict() != ComparedPartition.Verdict.UNCHANGED)
                        .mapToLong(c -> c.from().rows())
                        .sum(),
                (int) all.stream()
                        .filter(c -> c.verdict() == ComparedPartition.Verdict.UNCHANGED)
                        .count(),
                List.copyOf(all),
                List.copyOf(notes));
    }

    public List<ComparedPartition> differing() {
        return partitions.stream().filter(ComparedPartition::differs).toList();
    }
}
