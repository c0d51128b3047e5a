package rekey.lab;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;

/// Every message that Kafka has acknowledged, against which the end is judged. 45 bytes each; threads may share it.
public final class Ledger {
    private static final int BLOCK = 1 << 16, LATE = 1, FUTURE = 2, REPEAT = 4;

    /// A message that Kafka acknowledged.
    ///
    /// @param offset its offset in the partition
    /// @param late   dated in an older partition of the table than the current month
    /// @param future dated in a later month
    /// @param repeat the same uuid and content as an earlier message
    public record Message(
            int partition,
            long offset,
            UUID uuid,
            Instant sent,
            Instant acknowledged,
            boolean late,
            boolean future,
            boolean repeat) {}

    private static final class Block {
        final int[] partition = new int[BLOCK];
        final long[] offset = new long[BLOCK],
                high = new long[BLOCK],
                low = new long[BLOCK],
                sent = new long[BLOCK],
                acknowledged = new long[BLOCK];
        final byte[] flags = new byte[BLOCK];
    }

    private final List<Block> blocks = new ArrayList<>();
    private final Map<Integer, Long> ends = new TreeMap<>();
    private int count;

    /// Adds a message.
    public synchronized void add(Message m) {
        if (count % BLOCK == 0) blocks.add(new Block());
        var b = blocks.getLast();
        int i = count++ % BLOCK;
        b.partition[i] = m.partition();
        b.offset[i] = m.offset();
        b.high[i] = m.uuid().getMostSignificantBits();
        b.low[i] = m.uuid().getLeastSignificantBits();
        b.sent[i] = micros(m.sent());
        b.acknowledged[i] = micros(m.acknowledged());
        b.flags[i] = (byte) ((m.late() ? LATE : 0) | (m.future() ? FUTURE : 0) | (m.repeat() ? REPEAT : 0));
        ends.merge(m.partition(), m.offset() + 1, Math::max);
    }

    /// How many messages were acknowledged.
    public synchronized int count() {
        return count;
    }

    /// How many were acknowledged from one moment up to before another.
    public long countBetween(Instant from, Instant to) {
        return count(from, to, 0);
    }

    /// How many are dated in an older partition, in a later month, sent a second time.
    public long late() {
        return count(Instant.MIN, Instant.MAX, LATE);
    }

    /// As [#late()].
    public long future() {
        return count(Instant.MIN, Instant.MAX, FUTURE);
    }

    /// As [#late()].
    public long repeats() {
        return count(Instant.MIN, Instant.MAX, REPEAT);
    }

    /// Per Kafka partition the offset after the last acknowledged message: a group that has committed these has read
    /// all.
    public synchronized Map<Integer, Long> endOffsets() {
        return new TreeMap<>(ends);
    }

    /// Shows every message so far, in the order of their acknowledgement.
    public void forEach(Consumer<Message> to) {
        int until = count();
        for (int n = 0; n < until; n++) to.accept(get(n));
    }

    /// Writes all so far to a file.
    public void save(Path file) throws IOException {
        try (var out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16))) {
            for (int n = 0, until = count(); n < until; n++) {
                Block b = block(n);
                int i = n % BLOCK;
                out.writeInt(b.partition[i]);
                for (long v : new long[] {b.offset[i], b.high[i], b.low[i], b.sent[i], b.acknowledged[i]})
                    out.writeLong(v);
                out.writeByte(b.flags[i]);
            }
        }
    }

    /// Reads what [#save(Path)] wrote.
    public static Ledger load(Path file) throws IOException {
        var ledger = new Ledger();
        try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
            for (long left = Files.size(file) / 45; left > 0; left--) {
                int partition = in.readInt();
                long offset = in.readLong();
                var uuid = new UUID(in.readLong(), in.readLong());
                var sent = instant(in.readLong());
                var acknowledged = instant(in.readLong());
                int flags = in.readByte();
                ledger.add(new Message(
                        partition,
                        offset,
                        uuid,
                        sent,
                        acknowledged,
                        (flags & LATE) != 0,
                        (flags & FUTURE) != 0,
                        (flags & REPEAT) != 0));
            }
        }
        return ledger;
    }

    private Message get(int n) {
        Block b = block(n);
        int i = n % BLOCK;
        return new Message(
                b.partition[i],
                b.offset[i],
                new UUID(b.high[i], b.low[i]),
                instant(b.sent[i]),
                instant(b.acknowledged[i]),
                (b.flags[i] & LATE) != 0,
                (b.flags[i] & FUTURE) != 0,
                (b.flags[i] & REPEAT) != 0);
    }

    private synchronized Block block(int n) {
        return blocks.get(n / BLOCK);
    }

    private long count(Instant from, Instant to, int flags) {
        long after = from == Instant.MIN ? Long.MIN_VALUE : micros(from),
                before = to == Instant.MAX ? Long.MAX_VALUE : micros(to),
                n = 0;
        for (int k = 0, until = count(); k < until; k++) {
            Block b = block(k);
            long at = b.acknowledged[k % BLOCK];
            if (at >= after && at < before && (b.flags[k % BLOCK] & flags) == flags) n++;
        }
        return n;
    }

    private static long micros(Instant t) {
        return t.getEpochSecond() * 1_000_000 + t.getNano() / 1000;
    }

    private static Instant instant(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000), Math.floorMod(micros, 1_000_000) * 1000L);
    }
}
