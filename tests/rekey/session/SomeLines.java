package rekey.session;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rekey.model.Blocks;

/// Details for tests that make lines by hand, with something in each component that the test is not about.
public final class SomeLines {
    private SomeLines() {}

    public static LinePart.Staged staged(String from, String to, String staging, String slices, long rows) {
        return new LinePart.Staged(
                from,
                to,
                staging,
                Blocks.byPartition(slices),
                HighestBlock.parse("0"),
                rows,
                "0",
                "0",
                1,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /// The same with another checksum.
    public static LinePart.Staged summed(LinePart.Staged c, String sum, String xor) {
        return new LinePart.Staged(
                c.from(),
                c.to(),
                c.staging(),
                c.slices(),
                c.witness(),
                c.rows(),
                sum,
                xor,
                c.round(),
                c.mutations(),
                c.whole(),
                c.left(),
                c.behind(),
                c.deletes());
    }

    public static Detail.Attaching attaching(LinePart.Staged chunk, List<String> parts) {
        return new Detail.Attaching(
                chunk, new Encoded.Words(parts), Optional.empty(), Optional.empty(), Optional.empty());
    }

    public static Detail.Attached attached(String from, String to, String slices, String own) {
        return new Detail.Attached(
                staged(from, to, "staging", slices, 1), Blocks.byPartition(own), 1, Optional.empty());
    }

    public static Detail.Abandoned abandoned(LinePart.Staged chunk) {
        return new Detail.Abandoned(chunk, Map.of(), 0);
    }

    public static Detail.Dropped dropped(String from, String to, String slices, String own) {
        return new Detail.Dropped(from, to, "dropped", Blocks.byPartition(slices), Blocks.byPartition(own));
    }

    public static Detail.Round round(long rows, long late) {
        return new Detail.Round("from", "to", 1, rows, late, Optional.of(0L), Duration.ofMillis(1));
    }

    /// @param deadlineUs both by the server's clock, in microseconds
    public static Detail.Held held(String hold, long askedUs, long deadlineUs) {
        return new Detail.Held(hold, Micros.instant(askedUs), Micros.instant(deadlineUs));
    }

    public static Detail.Resumed resumed(String hold, String by) {
        return resumed(hold, by, null, null);
    }

    public static Detail.Resumed resumed(String hold, String by, Long heldMs, Instant at) {
        return new Detail.Resumed(
                hold,
                by,
                Optional.ofNullable(heldMs).map(Duration::ofMillis),
                Optional.of(Duration.ofMillis(1)),
                Optional.ofNullable(at),
                Optional.empty());
    }

    /// A comparison of all rows that found no difference.
    public static Detail.Verified verified(long sinceUs) {
        return new Detail.Verified(new LinePart.Comparison(
                Micros.instant(sinceUs),
                "from",
                "to",
                0,
                0,
                0,
                0,
                Optional.of(Map.of()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
    }

    public static Detail.Sample sample(long lag) {
        return new Detail.Sample(
                Optional.of(lag),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
