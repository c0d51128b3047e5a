package rekey.compare;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import rekey.clickhouse.Misplaced;
import rekey.copy.Checksum;
import rekey.copy.Copier;
import rekey.copy.Direction;
import rekey.copy.Expiry;
import rekey.model.Mutation;
import rekey.session.Original;
import rekey.session.Replayed;
import rekey.session.Session;

/// Compares, online, what was carried from one table with what stands in the other: per partition, or by buckets of the
/// old key where the partition key changes, or partitions of the same key are not those of the same rows; count, sum and xor of row hashes. Only reads. What is compared is fixed when
/// it is made: see [Snapshot].
public final class Comparison {
    /// So many rows are hashed at one go where there are no partitions to go by: each bucket reads the whole of both tables.
    private static final long BUCKET = 500_000_000;
    /// Grouping by key spills to the server's disk above so many bytes; the queries end with the process that asked.
    private static final Map<String, String> SETTINGS = settings();

    private final Session session;
    private final Snapshot snapshot;
    private final RowHashes rows;
    private Optional<Boolean> misplaced = Optional.empty();

    public Comparison(Session session, Direction direction, Sample sample) {
        this.session = session;
        snapshot = Snapshot.take(session, direction);
        var old = direction.from().uuid().equals(Original.of(session).uuid()) ? direction.from() : direction.to();
        var other = old == direction.from() ? direction.to() : direction.from();
        rows = new RowHashes(snapshot, old.collapses() || !other.collapses() ? old : other, Expiry.of(old, snapshot.since() / 1_000_000), sample);
    }

    private static Map<String, String> settings() {
        var all = new HashMap<>(Copier.READ);
        all.putAll(Map.of("max_bytes_before_external_group_by", "" + (4L << 30), "cancel_http_readonly_queries_on_client_close", "1"));
        return Map.copyOf(all);
    }

    Snapshot snapshot() {
        return snapshot;
    }

    /// The partitions or buckets to compare.
    List<String> units() {
        if (rows.samePartitions()) {
            var partitions = new TreeSet<>(snapshot.from().partitions());
            partitions.addAll(snapshot.to().partitions());
            return List.copyOf(partitions);
        }
        return buckets();
    }

    /// All of both tables, whatever the partitions. Sums of a table whose rows have no key need no groups: one bucket reads it once,
    /// and no key that a table computes in a time zone of its own can fall into another bucket.
    List<String> buckets() {
        long buckets = rows.collapses() || !rows.samePartitions() ? Math.max(1, snapshot.direction().from().rows() / BUCKET) : 1;
        return LongStream.range(0, buckets).mapToObj(i -> i + " of " + buckets).toList();
    }

    /// Whether partitions of the same key are not those of the same rows, for the one table has some where the other's time zone did
    /// not put them (INSERTs into a table that was created in New York, copied in UTC). Asked only once a partition differs, for it
    /// reads the key's columns of both: as long as none does, all is the same.
    boolean misplaced() {
        if (misplaced.isEmpty()) misplaced = Optional.of(rows.samePartitions() && Stream.of(snapshot.from(), snapshot.to())
                .anyMatch(side -> new Misplaced(session.server(), side.table()).found(session.queryId("compare"), SETTINGS)));
        return misplaced.get();
    }

    /// Whether nothing differs.
    public boolean same() {
        return same(units()) || misplaced() && same(buckets());
    }

    private boolean same(List<String> units) {
        return units.stream().noneMatch(unit -> {
            session.control().checkpoint();
            return compare(unit).differs();
        });
    }

    /// What was done to the table read and is not yet done to the other, for the next round does it: then they differ, and
    /// nothing is wrong. Empty where there is nothing.
    public Optional<String> ahead() {
        var direction = snapshot.direction();
        var upTo = Replayed.upTo(session.journal().entries(), direction.from().uuid(), direction.to().uuid());
        var fresh = upTo.isEmpty() ? List.<Mutation>of() : session.catalog().mutations(direction.from().name()).stream().filter(m -> m.number() > upTo.getAsLong()).toList();
        if (!fresh.isEmpty()) return Optional.of("the mutation " + fresh.getFirst() + " was made on " + direction.from().name());
        return snapshot.gone().isEmpty() ? Optional.empty() : Optional.of("partition " + snapshot.gone().getFirst() + " of " + direction.from().name() + " was dropped, or parts of it");
    }

    /// One of them.
    public Compared compare(String unit) {
        var one = sum(snapshot.from(), unit);
        var two = sum(snapshot.to(), unit);
        session.progress().done(one.rows(), 0);
        if (one.equals(two)) return new Compared(unit, Compared.Verdict.SAME, one, two, "", List.of());
        // its keys say nothing then: whoever asks goes on by buckets
        if (RowHashes.byPartition(unit) && misplaced()) return new Compared(unit, Compared.Verdict.DIFFERS, one, two, "", List.of());
        var found = new DifferingKeys(session, rows, SETTINGS).in(unit, Math.max(one.rows(), two.rows()));
        // of a collapsing table sums may differ by rows that have an equal right to be the last of their key
        boolean none = found.keys().isEmpty() && !found.replaced() && rows.collapses() && one.rows() == two.rows();
        return new Compared(unit, none ? Compared.Verdict.SAME : Compared.Verdict.DIFFERS, one, two, "", found.keys());
    }

    private Checksum sum(Side side, String unit) {
        return Checksum.of(session.server().query(sql(side, unit), session.queryId("compare"), SETTINGS).getFirst());
    }

    private String sql(Side side, String unit) {
        return "SELECT " + Checksum.columns("rekey_hash") + " FROM (" + rows.select(side, unit, "") + ")";
    }

    /// The statements, two for each partition.
    public List<String> statements() {
        return units().stream().flatMap(unit -> Stream.of(sql(snapshot.from(), unit), sql(snapshot.to(), unit))).toList();
    }

    /// What both sides of a partition consist of, in a few letters: parts never change, so while it is the same nothing
    /// has changed in them. Nor have the columns: one that came since is filled by its DEFAULT in parts that lack it, and DEFAULTs may
    /// differ. What is left out by time alone, for a TTL, makes no equal rows unequal.
    String seal(String unit) {
        try {
            var text = Stream.of(snapshot.from(), snapshot.to()).map(side -> side.parts().stream()
                    .filter(p -> !RowHashes.byPartition(unit) || p.partition().equals(unit)).map(p -> p.name() + "/" + p.hash()).sorted().collect(Collectors.joining(" "))
                    + " without " + (RowHashes.byPartition(unit) ? side.rest().get(unit) : side.rest())).collect(Collectors.joining("; "))
                    + "; " + unit + " " + snapshot.direction().from().columns() + " " + snapshot.direction().to().columns();
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)), 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
