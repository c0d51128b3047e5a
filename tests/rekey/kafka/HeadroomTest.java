package rekey.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The arithmetic alone.
@Tag("kafka")
class HeadroomTest {
    private static final double FOR_EVER = Double.POSITIVE_INFINITY;

    /// A partition of 1,000 messages; 100 bytes a message and 10 messages a second.
    private static Headroom.Partition partition(
            long committed, long retentionMillis, long retentionBytes, String cleanup, double age) {
        return partition(committed, 0, retentionMillis, retentionBytes, cleanup, age, 10, 100);
    }

    private static Headroom.Partition partition(
            long committed,
            long beginning,
            long millis,
            long bytes,
            String cleanup,
            double age,
            double rate,
            double size) {
        var seen = new Headroom.Seen(
                new Offsets("t", 3, committed, beginning, 1000),
                new Retention("t", millis, bytes, 1 << 20, cleanup),
                rate,
                age,
                size);
        return Headroom.of(List.of(seen), List.of(), List.of(), 1).worst().orElseThrow();
    }

    @Test
    void offsets() {
        assertEquals(0, new Offsets("t", 0, 1000, 10, 1000).lag());
        assertEquals(990, new Offsets("t", 0, -1, 10, 1000).lag()); // never committed: it will read all there is
        assertEquals(990, new Offsets("t", 0, 5, 10, 1000).lag());
        assertEquals(5, new Offsets("t", 0, 5, 10, 1000).expired());
        assertEquals(0, new Offsets("t", 0, -1, 10, 1000).expired());
    }

    @Test
    void byTime() {
        assertEquals(3600, partition(1000, 3_600_000, -1, "delete", 0).seconds());
        assertEquals(600, partition(100, 3_600_000, -1, "delete", 3000).seconds());
        assertEquals(0, partition(100, 3_600_000, -1, "delete", 4000).seconds());
        assertEquals(
                "retention.ms", partition(100, 3_600_000, -1, "delete", 3000).decides());
    }

    @Test
    void bySize() {
        var p = partition(1000, 3_600_000, 600_000, "delete", 0);
        assertEquals(600, p.seconds()); // 600,000 B at 1,000 B/s
        assertEquals("retention.bytes", p.decides());
        assertEquals(510, partition(100, 3_600_000, 600_000, "delete", 60).seconds()); // 90,000 B of it wait already
        assertEquals(0, partition(100, 3_600_000, 80_000, "delete", 60).seconds());
        assertEquals(
                3600,
                partition(1000, 0, 3_600_000, 600_000, "delete", 0, 0, 100).seconds()); // nothing comes
    }

    @Test
    void nothingDeletes() {
        assertEquals(FOR_EVER, partition(1000, -1, -1, "delete", 0).seconds());
        assertEquals(FOR_EVER, partition(100, 3_600_000, 1, "compact", 9999).seconds());
        assertEquals("nothing", partition(1000, -1, -1, "delete", 0).decides());
        assertEquals(3600, partition(1000, 3_600_000, -1, "compact,delete", 0).seconds());
    }

    @Test
    void sizesThatTheBrokerDoesNotTell() {
        var p = partition(100, 0, 3_600_000, 600_000, "delete", 60, 10, Double.NaN);
        assertEquals(3540, p.seconds());
        assertTrue(Double.isNaN(p.bySize()));
        assertEquals(List.of(p), new Headroom(List.of(p), List.of()).unknown());
    }

    @Test
    void alreadyDeleted() {
        var p = partition(5, 10, 3_600_000, -1, "delete", 0, 10, 100);
        assertEquals(0, p.seconds());
        assertEquals("already deleted", p.decides());
        assertEquals("t/3", p.name());
    }

    @Test
    void theWorstOfSeveral() {
        var good = partition(1000, 3_600_000, -1, "delete", 0);
        var bad = partition(100, 3_600_000, -1, "delete", 3000);
        var both = new Headroom(List.of(good, bad), List.of());
        assertEquals(bad, both.worst().orElseThrow());
        assertEquals(20, both.perSecond());
    }

    @Test
    void disks() {
        var before = List.of(
                new LogDirs.Volume(1, "/a", 1000_000, 500_000, 100_000),
                new LogDirs.Volume(2, "/a", 1000_000, 900_000, 100_000));
        var after = List.of(
                new LogDirs.Volume(1, "/a", 1000_000, 480_000, 110_000),
                new LogDirs.Volume(2, "/a", 1000_000, 900_000, 100_000),
                new LogDirs.Volume(3, "/old", -1, -1, 50));
        var seen = new Headroom.Seen(new Offsets("t", 0, 0, 0, 0), new Retention("t", -1, -1, 1, "delete"), 10, 0, 100);
        var h = Headroom.of(List.of(seen), before, after, 2);
        assertEquals(96, h.disks().get(0).seconds()); // 480,000 B at 5,000 B/s, other topics' growth
        assertEquals(900, h.disks().get(1).seconds()); // at least this topic's own 1,000 B/s
        assertTrue(Double.isNaN(h.disks().get(2).seconds()));
        assertEquals(h.disks().getFirst(), h.worstDisk().orElseThrow());
        assertEquals(
                FOR_EVER,
                Headroom.of(List.of(), List.of(), before, 2).disks().getFirst().seconds());
    }
}
