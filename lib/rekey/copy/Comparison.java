package rekey.copy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import rekey.clickhouse.Sql;
import rekey.model.Blocks;
import rekey.model.Table;
import rekey.session.Entry;
import rekey.session.Original;
import rekey.session.Session;

/// Compares, online, what was carried from one table with what stands in the other: per partition, or by buckets of the
/// old key where the partition key changes; count, sum and xor of row hashes.
///
/// A ReplacingMergeTree drops rows at merges of its own choosing, so there the rows are compared that it would keep: per
/// old sorting key the one with the highest version, among equal ones the last inserted (argMax under the old key, so a
/// finer new key is no difference). Keys of which either side has a row that was not carried are left out: such a row may
/// already have displaced a carried one. FINAL can't do this, for it runs before a filter on blocks (DESIGN: exactness 8).
public final class Comparison {
    /// So many rows are hashed at one go where there are no partitions to go by.
    private static final long BUCKET = 50_000_000;

    /// The settings under which every row is counted, whatever the user's profile says.
    public static final Map<String, String> READ = Copier.READ;

    private final Session session;
    private final Direction direction;
    private final Side from, to;
    private final Expiry expiry;

    /// One of the two tables.
    ///
    /// @param rest the blocks that were not carried, by partition
    /// @param last the highest block that is looked at: what comes later is left alone
    private record Side(Table table, Map<String, Blocks> carried, Map<String, Blocks> rest, long last) {
        static Side of(Table table, Map<String, Blocks> active, Map<String, Blocks> carried) {
            var rest = new TreeMap<String, Blocks>();
            active.forEach((p, b) -> {
                var known = carried.getOrDefault(p, Blocks.NONE);
                var more = b.minus(known);
                if (!more.isEmpty()) rest.put(p, more.joined(known));
            });
            return new Side(table, carried, rest, last(active));
        }

        /// A table that nobody but rekey writes to: what it did not bring, and what did not come while this was the live
        /// table, is compared too, and so found.
        static Side filled(Table table, Map<String, Blocks> active, Map<String, Blocks> carriedBack) {
            return new Side(table, active, carriedBack, last(active));
        }

        private static long last(Map<String, Blocks> active) {
            return active.values().stream().mapToLong(Blocks::max).max().orElse(0);
        }

        /// What was not carried.
        String others() {
            return rest.isEmpty() ? "0" : Chunk.of(rest).condition();
        }

        /// What was carried: all but the rest, which is one interval where the list of what was carried has hundreds.
        String carriedOnes() {
            return "(_block_number <= " + last + " AND NOT " + others() + ")";
        }
    }

    /// @param partition the partition or bucket that differs
    /// @param keys      a handful of old sorting keys whose rows differ
    public record Difference(String partition, Checksum from, Checksum to, List<String> keys) {
        @Override public String toString() {
            return "partition " + partition + ": " + from + " against " + to + (keys.isEmpty() ? "" : "; keys that differ: " + String.join(", ", keys));
        }
    }

    /// What is compared is fixed here: the blocks carried by now.
    public Comparison(Session session, Direction direction) {
        this.session = session;
        this.direction = direction;
        var carried = new TreeMap<String, Blocks>();
        var own = new TreeMap<String, Blocks>();
        var back = new TreeMap<String, Blocks>();
        for (var e : session.journal().entries(e -> e.is(Entry.Event.ATTACHED))) {
            if (e.get("from").equals(direction.to().uuid()) && e.get("to").equals(direction.from().uuid())) Marks.decode(e.get("slices")).forEach((p, blocks) -> back.merge(p, blocks, Blocks::plus));
            if (!e.get("from").equals(direction.from().uuid()) || !e.get("to").equals(direction.to().uuid())) continue;
            Marks.decode(e.get("slices")).forEach((p, blocks) -> carried.merge(p, blocks, Blocks::plus));
            Marks.decode(e.get("own")).forEach((p, blocks) -> own.merge(p, blocks, Blocks::plus));
        }
        from = Side.of(direction.from(), session.catalog().blocks(direction.from().name()), carried);
        var there = session.catalog().blocks(direction.to().name());
        boolean live = direction.to().name().equals(session.rewrite().source());
        to = live ? Side.of(direction.to(), there, own) : Side.filled(direction.to(), there, back);
        expiry = Expiry.of(old(), session.server().one("SELECT toUnixTimestamp(now()) AS t").number("t"));
    }

    /// The partitions or buckets to compare.
    public List<String> units() {
        if (samePartitions()) {
            var partitions = new java.util.TreeSet<>(from.carried().keySet());
            partitions.addAll(to.carried().keySet());
            return List.copyOf(partitions);
        }
        long buckets = Math.max(1, direction.from().rows() / BUCKET);
        return IntStream.range(0, (int) buckets).mapToObj(i -> i + " of " + buckets).toList();
    }

    /// All of them, those that differ.
    public List<Difference> run() {
        var out = new ArrayList<Difference>();
        for (var unit : units()) {
            session.control().checkpoint();
            session.progress().note("comparing partition " + unit);
            compare(unit, 1).ifPresent(out::add);
        }
        session.progress().note("");
        return out;
    }

    /// One of them.
    ///
    /// @param sampleFactor 1 for every row; N for the keys whose hash is divisible by N
    public java.util.Optional<Difference> compare(String unit, long sampleFactor) {
        var one = sum(from, unit, sampleFactor);
        var two = sum(to, unit, sampleFactor);
        session.progress().done(one.rows(), 0);
        return one.equals(two) ? java.util.Optional.empty() : java.util.Optional.of(new Difference(unit, one, two, keys(unit)));
    }

    private Checksum sum(Side side, String unit, long sampleFactor) {
        return Checksum.of(session.server().query("SELECT " + Checksum.columns("h") + " FROM (" + rows(side, unit, sampleFactor) + ")",
                session.queryId("compare"), Copier.READ).getFirst());
    }

    /// A SELECT of one hash `h` per row, and the key `k` it belongs to.
    private String rows(Side side, String unit, long sampleFactor) {
        var hash = "cityHash64(tuple(" + direction.to().storedColumns().stream().map(expiry::value).collect(Collectors.joining(", ")) + "))";
        var where = inUnit(unit) + " AND " + expiry.condition() + " AND " + side.carriedOnes() + (sampleFactor == 1 ? "" : " AND " + keyHash() + " % " + sampleFactor + " = 0");
        if (!direction.from().collapses()) return "SELECT " + hash + " AS h, " + key() + " AS k FROM " + side.table().name().sql() + " WHERE " + where;
        var version = direction.from().versionColumn();
        return "SELECT argMax(" + hash + ", tuple(" + (version.isEmpty() ? "" : version + ", ") + "_block_number, _part_offset)) AS h, "
                + key() + " AS k FROM " + side.table().name().sql() + " WHERE " + where + left(from, unit) + left(to, unit)
                + " GROUP BY " + partition() + ", k";
    }

    /// Leaves out the keys of rows that were not carried. Which blocks those are is fixed, so both sides leave out the same.
    private String left(Side side, String unit) {
        var others = side.others();
        return others.equals("0") ? "" : " AND " + keyHash() + " NOT IN (SELECT " + keyHash() + " FROM " + side.table().name().sql() + " WHERE " + inUnit(unit) + " AND " + others + ")";
    }

    private boolean samePartitions() {
        return direction.from().keys().partitionBy().equals(direction.to().keys().partitionBy());
    }

    private String inUnit(String unit) {
        if (samePartitions()) return "_partition_id = " + Sql.text(unit);
        var part = unit.split(" of ");
        return keyHash() + " % " + part[1] + " = " + part[0];
    }

    /// The old sorting key, under which rows are one.
    private String key() {
        return "tuple(" + oldKeys() + ")";
    }

    private String keyHash() {
        return "cityHash64(tuple(" + oldKeys() + "))";
    }

    private String oldKeys() {
        return old().keys().orderBy().isEmpty() ? "1" : old().keys().orderBy();
    }

    private String partition() {
        return old().keys().partitionBy().isEmpty() ? "1" : "tuple(" + old().keys().partitionBy() + ")";
    }

    /// The table with the keys from before, whichever side it is on.
    private Table old() {
        return direction.from().uuid().equals(Original.of(session).uuid()) ? direction.from() : direction.to();
    }

    /// A handful of keys whose rows differ.
    private List<String> keys(String unit) {
        var one = rows(from, unit, 1);
        var two = rows(to, unit, 1);
        return session.server().query("""
                SELECT toString(k) AS key FROM (
                  SELECT k, count() AS n, sum(h) AS s, 1 AS side FROM (%s) GROUP BY k UNION ALL SELECT k, count(), sum(h), 2 FROM (%s) GROUP BY k)
                GROUP BY k HAVING count() != 2 OR uniqExact(n, s) != 1 ORDER BY key LIMIT 5""".formatted(one, two),
                session.queryId("compare"), Copier.READ).stream().map(r -> r.string("key")).collect(Collectors.toList());
    }

    /// What a runner of this migration found last, if it compared at all.
    public static java.util.Optional<Entry> last(Session session) {
        return session.journal().last(e -> e.event() == Entry.Event.VERIFIED || e.event() == Entry.Event.POISONED);
    }
}
