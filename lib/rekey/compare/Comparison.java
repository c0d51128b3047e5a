package rekey.compare;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.MisplacedPartitions;
import rekey.copy.CheckedChunk;
import rekey.copy.Checksum;
import rekey.copy.Copier;
import rekey.copy.Direction;
import rekey.copy.Expiry;
import rekey.copy.OpenDeletes;
import rekey.model.Blocks;
import rekey.model.Mutation;
import rekey.model.Table;
import rekey.model.Trouble;
import rekey.session.Original;
import rekey.session.ReplayedMutations;
import rekey.session.Session;

/// Compares, online, what was carried from one table with what stands in the other, by count, sum and
/// xor of row hashes. It does so per partition. Where the partition key changes, or partitions of the
/// same key do not hold the same rows, it does so by buckets of the old key. It only reads. What is
/// compared is fixed when it is made: see [Snapshot].
public final class Comparison {
    /// So many rows are hashed at one go where there are no partitions to go by: each bucket reads the
    /// whole of both tables.
    private static final long BUCKET = 500_000_000;
    /// FINAL merges as it reads: of more parts than this its memory is that of their columns' buffers.
    private static final int FEW_PARTS = 100;
    /// So often a unit is looked at from which others keep deleting.
    private static final int LOOKS = 12;
    /// Grouping by key spills to the server's disk above so many bytes; the queries end with the process that asked.
    private static final Map<String, String> SETTINGS = settings();

    /// A comparison of hours leaves out what expires within the hour from a moment that is no older than this: rows
    /// that had expired meanwhile on one side alone were a difference, and the journal was poisoned.
    private static final Duration EXPIRY = Duration.ofMinutes(15);

    private final Session session;
    private final Snapshot snapshot;
    private final Table old;
    private final long begun = System.nanoTime();
    private Duration expiryAt = Duration.ZERO;
    private final OpenDeletes open;
    private RowHashes rows;
    private final FoldedPartitions folded;
    private final Map<String, ComparedTable> from, to;
    private final Map<Set<String>, List<CheckedChunk>> chunks;
    /// Numbers of the mutations whose rows were left out.
    private final Set<Long> leftOut = new TreeSet<>();
    private Optional<Boolean> misplaced = Optional.empty();

    public Comparison(Session session, Direction direction, ComparedShare sample) {
        this(session, direction, sample, false);
    }

    /// @param afresh whether all of it is read, though it need not be
    Comparison(Session session, Direction direction, ComparedShare sample, boolean afresh) {
        this.session = session;
        snapshot = Snapshot.take(session, direction);
        old = direction.from().uuid().equals(Original.of(session).uuid()) ? direction.from() : direction.to();
        var other = old == direction.from() ? direction.to() : direction.from();
        rows = new RowHashes(
                snapshot,
                old.replacing() || !other.replacing() ? old : other,
                Expiry.of(old, snapshot.since() / 1_000_000),
                sample,
                List.of(),
                Optional.empty());
        folded = FoldedPartitions.of(session, snapshot, old, rows);
        open = new OpenDeletes(session, direction);
        from = snapshot.from().apart();
        to = snapshot.to().apart();
        chunks = chunks(afresh || !sample.whole(), snapshot);
    }

    /// By the partitions they are of; none where all is to be read.
    private static Map<Set<String>, List<CheckedChunk>> chunks(boolean reading, Snapshot snapshot) {
        if (reading || snapshot.patched()) return Map.of();
        var columns = CheckedChunk.columns(snapshot.direction());
        return snapshot.weighed().stream()
                .filter(w -> w.columns().equals(columns))
                .collect(Collectors.groupingBy(w -> w.slices().keySet()));
    }

    private ComparedTable from(String unit) {
        return RowHashes.byPartition(unit)
                ? from.getOrDefault(unit, snapshot.from().without())
                : snapshot.from();
    }

    private ComparedTable to(String unit) {
        return RowHashes.byPartition(unit) ? to.getOrDefault(unit, snapshot.to().without()) : snapshot.to();
    }

    private static Map<String, String> settings() {
        var all = new HashMap<>(Copier.READ);
        all.putAll(Map.of(
                "max_bytes_before_external_group_by",
                "" + (256L << 20),
                "cancel_http_readonly_queries_on_client_close",
                "1"));
        return Map.copyOf(all);
    }

    Snapshot snapshot() {
        return snapshot;
    }

    /// The partitions or buckets to compare.
    public List<String> units() {
        if (rows.samePartitions()) {
            var partitions = new TreeSet<>(snapshot.from().partitions());
            partitions.addAll(snapshot.to().partitions());
            partitions.removeAll(folded.untold());
            return List.copyOf(partitions);
        }
        return folded.untold().isEmpty() ? buckets() : List.of();
    }

    /// What of it can't be compared any more, or only by what it means, for merges have folded what was carried;
    /// empty where all can.
    Optional<String> folded() {
        return folded.note();
    }

    /// Whether something can still be said of a partition or bucket.
    public boolean tells(String unit) {
        return folded.tells(unit);
    }

    /// Whether merges folded rows of a unit while it was read: then nothing is said of it.
    public boolean foldedMeanwhile(String unit) {
        return folded.meanwhile(unit);
    }

    /// All of both tables, whatever the partitions. Sums of a table whose rows have no key need no groups: one
    /// bucket reads it once, and no key that a table computes in a time zone of its own can fall into
    /// another bucket.
    List<String> buckets() {
        long buckets = rows.collapses() || !rows.samePartitions()
                ? Math.max(1, snapshot.direction().from().rows() / BUCKET)
                : 1;
        return LongStream.range(0, buckets).mapToObj(i -> i + " of " + buckets).toList();
    }

    /// Whether partitions of the same key are not those of the same rows, for the one table has some where the
    /// other's time zone did not put them (INSERTs into a table that was created in New York, copied in UTC). Asked
    /// only once a partition differs, for it reads the key's columns of both: as long as none does, all
    /// is the same.
    boolean misplaced() {
        if (misplaced.isEmpty())
            misplaced = Optional.of(rows.samePartitions()
                    && folded.none()
                    && Stream.of(snapshot.from(), snapshot.to())
                            .anyMatch(side -> new MisplacedPartitions(session.server(), side.table())
                                    .found(session.queryId("compare"), SETTINGS)));
        return misplaced.get();
    }

    /// Whether nothing differs. What merges folded with rows that came since is passed over: the same round finds it
    /// void, and copies it anew.
    public boolean same() {
        return same(units()) || misplaced() && same(buckets());
    }

    private boolean same(List<String> units) {
        return units.stream().noneMatch(unit -> {
            session.control().checkpoint();
            return compare(unit).differs();
        });
    }

    /// What was done to the table read and is not yet done to the other, for the next round does it: then they
    /// differ, and nothing is wrong. Empty where there is nothing.
    public Optional<String> ahead() {
        var direction = snapshot.direction();
        var upTo = ReplayedMutations.upTo(
                session.journal().entries(),
                direction.from().uuid(),
                direction.to().uuid());
        var fresh = upTo.isEmpty()
                ? List.<Mutation>of()
                : session.catalog().mutations(direction.from().name()).stream()
                        .filter(m -> m.number() > upTo.getAsLong() && !m.isOurs())
                        .filter(m -> !m.harmless() && m.deletes().isEmpty())
                        .toList();
        if (!fresh.isEmpty())
            return Optional.of("the mutation " + fresh.getFirst() + " was made on "
                    + direction.from().name());
        return snapshot.gone().isEmpty()
                ? Optional.empty()
                : Optional.of("partition " + snapshot.gone().getFirst() + " of "
                        + direction.from().name() + " was dropped, or parts of it");
    }

    /// One of them. Where it differs and others delete meanwhile, it is looked at once more without what they take:
    /// the next round takes that from the other table, too.
    ///
    /// @throws Trouble.PutOff where they delete faster than it can be counted
    public ComparedPartition compare(String unit) {
        for (int looks = 1; ; looks++) {
            var found = look(unit);
            if (!found.differs() || !deletedMeanwhile()) return found;
            if (looks == LOOKS)
                throw new Trouble.PutOff(
                        "Rows of " + snapshot.direction().from().name()
                                + " are deleted faster than they can be counted, so nothing can be said of "
                                + (RowHashes.byPartition(unit) ? "partition " + unit : "it")
                                + ", and nothing was swapped. Run again when fewer DELETEs come.");
        }
    }

    private boolean deletedMeanwhile() {
        var mutations = open.mutations(); // one reading: a DELETE that is killed between two would be named by neither
        var now = OpenDeletes.conditions(mutations);
        // none fewer: what was made on the other table since may not have been when it was counted
        if (rows.deleted().containsAll(now)) return false;
        mutations.forEach(m -> leftOut.add(m.number()));
        rows = rows.without(
                Stream.concat(rows.deleted().stream(), now.stream()).distinct().toList());
        return true;
    }

    /// Whether every row was looked at. What a DELETE takes that is not made on both tables is left out, and the
    /// DELETE may be killed before it ever is: nothing is known for later then.
    boolean leftNothingOut() {
        return rows.deleted().isEmpty();
    }

    /// Numbers of the mutations whose rows were left out.
    Set<Long> leftOut() {
        return Set.copyOf(leftOut);
    }

    /// By the cheapest proof that there is: see the room's page.
    private ComparedPartition look(String unit) {
        var now = Duration.ofNanos(System.nanoTime() - begun);
        if (now.minus(expiryAt).compareTo(EXPIRY) > 0) {
            expiryAt = now;
            rows = rows.expiring(Expiry.of(old, snapshot.since() / 1_000_000 + now.toSeconds()));
        }
        if (folded.means(unit)) return folded.compare(unit, from(unit), to(unit), rows.deleted(), SETTINGS);
        var first = allRows(unit);
        session.progress().done(first.from().rows(), 0);
        if (first.equal() && ordered(unit)) return same(unit, first);
        var kept = kept(unit);
        if (kept.filter(Pair::equal).isPresent()) return same(unit, kept.get());
        var found = new DifferenceSearch(session, rows, SETTINGS)
                .in(unit, Math.max(first.from().rows(), first.to().rows()), ordered(unit));
        // of a collapsing table sums may differ by rows that have an equal right to be the last of their key
        boolean none = found.equal()
                || found.keys().isEmpty()
                        && !found.replaced()
                        && rows.collapses()
                        && found.from().rows() == found.to().rows();
        // its keys say nothing then: whoever asks goes on by buckets. Asked behind the search, for beside writers of a
        // ReplacingMergeTree all partitions came here, and two readings of both tables told that nothing is misplaced
        if (!none && RowHashes.byPartition(unit) && misplaced())
            return new ComparedPartition(
                    unit, ComparedPartition.Verdict.DIFFERS, first.by(), first.from(), first.to(), "", List.of());
        return new ComparedPartition(
                unit,
                none ? ComparedPartition.Verdict.SAME : ComparedPartition.Verdict.DIFFERS,
                found.by(),
                found.from(),
                found.to(),
                "",
                found.keys());
    }

    private record Pair(ComparedPartition.Proof by, Checksum from, Checksum to) {
        boolean equal() {
            return from.equals(to);
        }
    }

    private static ComparedPartition same(String unit, Pair found) {
        return new ComparedPartition(
                unit, ComparedPartition.Verdict.SAME, found.by(), found.from(), found.to(), "", List.of());
    }

    /// Under another partition key chunks are attached partition by partition: there no order is asked for.
    private boolean ordered(String unit) {
        return !rows.collapses() || !RowHashes.byPartition(unit) || snapshot.inOrder(unit);
    }

    /// All rows that were carried; what lies in parts that were checked need not be read for it.
    private Pair allRows(String unit) {
        var one = knownFrom(unit);
        var other = knownTo(unit);
        if (one.nothing() && other.nothing())
            return new Pair(
                    ComparedPartition.Proof.ROWS,
                    sum(rows.raw(from(unit), unit, "")),
                    sum(rows.raw(to(unit), unit, "")));
        boolean read = left(from(unit), one, unit).isPresent()
                || left(to(unit), other, unit).isPresent();
        return new Pair(
                read ? ComparedPartition.Proof.SUMS : ComparedPartition.Proof.PARTS,
                weighed(from(unit), one, unit),
                weighed(to(unit), other, unit));
    }

    private UnchangedChunks knownFrom(String unit) {
        return UnchangedChunks.read(from(unit), unit, chunks(unit));
    }

    private UnchangedChunks knownTo(String unit) {
        return UnchangedChunks.came(to(unit), unit, chunks(unit));
    }

    private List<CheckedChunk> chunks(String unit) {
        if (!rows.deleted().isEmpty()) return List.of();
        if (RowHashes.byPartition(unit)) return chunks.getOrDefault(Set.of(unit), List.of());
        return unit.endsWith(" of 1")
                ? chunks.values().stream().flatMap(List::stream).toList()
                : List.of();
    }

    private Checksum weighed(ComparedTable side, UnchangedChunks known, String unit) {
        return left(side, known, unit).map(this::sum).orElse(Checksum.NONE).plus(known.sum());
    }

    /// What is left to read of a side; empty where all of it is known.
    private Optional<String> left(ComparedTable side, UnchangedChunks known, String unit) {
        var rest = known.rest(side);
        var partitions = rest.partitions();
        return (RowHashes.byPartition(unit) ? partitions.contains(unit) : !partitions.isEmpty())
                ? Optional.of(rows.weighed(rest, unit, known.passing(unit, side)))
                : Optional.empty();
    }

    /// The rows that both engines keep by themselves, where every row of the partition was carried, and none came
    /// while they were read: FINAL runs before a filter on blocks, so it can leave none out.
    private Optional<Pair> kept(String unit) {
        if (!RowHashes.byPartition(unit)
                || !rows.deleted().isEmpty()
                || !Stream.of(from(unit), to(unit))
                        .allMatch(side -> side.table().replacing()
                                && !side.table().marksDeleted()
                                && !side.rest().containsKey(unit)
                                && side.parts().size() <= FEW_PARTS)) return Optional.empty();
        var found = new Pair(
                ComparedPartition.Proof.FINAL, sum(rows.kept(from(unit), unit)), sum(rows.kept(to(unit), unit)));
        return Stream.of(from(unit), to(unit)).allMatch(side -> nothingCame(side, unit))
                ? Optional.of(found)
                : Optional.empty();
    }

    private boolean nothingCame(ComparedTable side, String unit) {
        var then = Catalog.blocks(side.parts()).getOrDefault(unit, Blocks.NONE);
        return Catalog.blocks(session.catalog().parts(side.table().name(), Set.of(unit)))
                .getOrDefault(unit, Blocks.NONE)
                .equals(then);
    }

    private Checksum sum(String select) {
        return Checksum.of(session.server()
                .query(summing(select), session.queryId("compare"), SETTINGS)
                .getFirst());
    }

    static String summing(String select) {
        return "SELECT " + Checksum.columns("rekey_hash") + " FROM (" + select + ")";
    }

    /// The statements that are run first for one of them: none of a side whose parts are all known, and where these
    /// say that sums of all rows differ, others follow.
    public List<String> readings(String unit) {
        return Stream.of(left(from(unit), knownFrom(unit), unit), left(to(unit), knownTo(unit), unit))
                .flatMap(Optional::stream)
                .map(Comparison::summing)
                .toList();
    }

    /// See [ComparedTable#seal].
    String seal(String unit) {
        return ComparedTable.seal(unit, List.of(from(unit), to(unit)));
    }
}
