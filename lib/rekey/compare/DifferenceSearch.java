package rekey.compare;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import rekey.copy.Checksum;
import rekey.session.Session;

/// The keys of a partition that differ, a handful of each kind. A large partition is cut into buckets of the key's
/// hash first, and sums of all rows of each are compared: a bucket has whole keys, so where those are equal nothing
/// differs, and only rows of the other buckets are grouped by key, some at a time.
///
/// Grouping by key takes about 525 MiB for a million rows of the guide's table and a side (uuid, distinct_id and the
/// hash are what a group holds), so a group has [#ROWS] of both sides; sums of 65,536 buckets take 16 MiB. What
/// spills to the server's disk all the same, spills above the bound in the settings.
record DifferenceSearch(Session session, RowHashes rows, Map<String, String> settings) {
    private static final long ROWS = 500_000, IN_A_BUCKET = 2_000;
    private static final int MOST = 1 << 16, HANDFUL = 5;

    /// What was found of a partition.
    ///
    /// @param equal    whether sums of all rows, or of those that are kept, are equal
    /// @param replaced whether others differed that are left out: of a collapsing table a row may vanish while it
    ///                 is looked at, in a merge with a newer one of its key. That one is there by now, and comes
    ///                 with a later round
    /// @param from     sums of the one side: of all rows where they are equal, else of those that would be kept
    record Found(
            boolean equal,
            List<DifferingKey> keys,
            boolean replaced,
            ComparedPartition.Proof by,
            Checksum from,
            Checksum to) {}

    /// @param ordered whether equal sums of all rows tell that the same of them are kept
    Found in(String unit, long about, boolean ordered) {
        long buckets = Math.clamp((about + IN_A_BUCKET - 1) / IN_A_BUCKET, 1, MOST);
        Map<String, Checksum> from = Map.of(), to = Map.of();
        var groups = new ArrayList<String>();
        var one = Checksum.NONE;
        var two = Checksum.NONE;
        if (about <= ROWS && rows.grouped()) groups.add("");
        else {
            from = sums(rows.of().from(), unit, buckets);
            to = sums(rows.of().to(), unit, buckets);
            var group = new ArrayList<String>();
            long size = 0;
            var all = new TreeSet<>(from.keySet());
            all.addAll(to.keySet());
            for (var b : all) {
                var there = from.getOrDefault(b, Checksum.NONE);
                var here = to.getOrDefault(b, Checksum.NONE);
                if (there.equals(here) && ordered) {
                    one = one.plus(there);
                    two = two.plus(here);
                    continue;
                }
                long more = Math.max(there.rows(), here.rows());
                if (!group.isEmpty() && size + more > ROWS) {
                    groups.add(among(group, buckets));
                    group.clear();
                    size = 0;
                }
                group.add(b);
                size += more;
            }
            if (!group.isEmpty()) groups.add(among(group, buckets));
        }
        if (groups.isEmpty()) return new Found(true, List.of(), false, ComparedPartition.Proof.ROWS, one, two);
        var differing = new LinkedHashMap<String, DifferingKey>();
        boolean equal = true;
        for (var group : groups) {
            session.control().checkpoint();
            var there = keptSums(rows.of().from(), unit, buckets, group);
            var here = keptSums(rows.of().to(), unit, buckets, group);
            one = one.plus(total(there));
            two = two.plus(total(here));
            // the same rows, whatever bucket the time zone of a table may put them into
            if (total(there).equals(total(here))) continue;
            var apart = new TreeSet<>(there.keySet());
            apart.addAll(here.keySet());
            apart.removeIf(b -> there.getOrDefault(b, Checksum.NONE).equals(here.getOrDefault(b, Checksum.NONE)));
            equal = false;
            differing.putAll(keys(unit, among(apart, buckets)));
            if (differing.size() >= HANDFUL) break;
        }
        if (equal) return new Found(true, List.of(), false, ComparedPartition.Proof.KEYS, one, two);
        var replaced = new HashSet<String>();
        if (!differing.isEmpty() && rows.collapses())
            for (var side : List.of(rows.of().from(), rows.of().to()))
                query(rows.newer(side, unit, String.join(", ", differing.keySet())))
                        .forEach(r -> replaced.add(r.string("rekey_key")));
        return new Found(
                false,
                differing.entrySet().stream()
                        .filter(e -> !replaced.contains(e.getKey()))
                        .map(Map.Entry::getValue)
                        .toList(),
                !replaced.isEmpty(),
                ComparedPartition.Proof.KEYS,
                one,
                two);
    }

    private String among(Collection<String> group, long buckets) {
        return rows.keyHash() + " % " + buckets + " IN (" + String.join(", ", group) + ")";
    }

    private Map<String, Checksum> sums(ComparedTable side, String unit, long buckets) {
        return byBucket(rows.raw(side, unit, ""), buckets);
    }

    /// Of the rows that are kept, likewise by bucket: the ties of a whole partition took 8.2 s of a million rows,
    /// for five keys that differed.
    private Map<String, Checksum> keptSums(ComparedTable side, String unit, long buckets, String more) {
        return byBucket(rows.select(side, unit, more), buckets);
    }

    private Map<String, Checksum> byBucket(String select, long buckets) {
        return Checksum.byPartition(query("SELECT toString(cityHash64(rekey_key) % " + buckets
                + ") AS rekey_partition, " + Checksum.columns("rekey_hash") + " FROM (" + select
                + ") GROUP BY rekey_partition"));
    }

    private static Checksum total(Map<String, Checksum> sums) {
        return sums.values().stream().reduce(Checksum.NONE, Checksum::plus);
    }

    Checksum sum(ComparedTable side, String unit, String more) {
        return Checksum.of(
                query(Comparison.summing(rows.select(side, unit, more))).getFirst());
    }

    private Map<String, DifferingKey> keys(String unit, String more) {
        var one = rows.select(rows.of().from(), unit, more);
        var two = rows.select(rows.of().to(), unit, more);
        var sql = """
            SELECT toString(k) AS key, toString(cityHash64(k)) AS hash, multiIf(b = 0, 'MISSING', a = 0, 'EXTRA',
              'DIFFERENT') AS kind, sumIf(n, side = 1) AS a, sumIf(n, side = 2) AS b FROM (
              SELECT rekey_key AS k, count() AS n, sum(rekey_hash) AS s, groupBitXor(rekey_hash) AS x, 1 AS side
                FROM (%s) GROUP BY k UNION ALL SELECT rekey_key, count(), sum(rekey_hash), groupBitXor(rekey_hash),
                2 FROM (%s) GROUP BY rekey_key)
            GROUP BY k HAVING count() != 2 OR uniqExact(n, s, x) != 1%s ORDER BY key LIMIT %d BY kind\
            """.formatted(
                one, two, rows.collapses() ? " AND k" + " NOT IN" + " (" + tied(unit, more) + ")" : "", HANDFUL);
        var out = new LinkedHashMap<String, DifferingKey>();
        for (var r : query(sql))
            out.put(
                    r.string("hash"),
                    new DifferingKey(
                            r.string("key"),
                            DifferingKey.Kind.valueOf(r.string("kind")),
                            r.number("a"),
                            r.number("b")));
        return out;
    }

    /// Keys whose row of the first table is among those of the second that have an equal right to be the
    /// last: no difference.
    private String tied(String unit, String more) {
        return "SELECT rekey_key FROM (" + rows.select(rows.of().from(), unit, more) + ") AS f INNER JOIN ("
                + rows.selectTied(rows.of().to(), unit, more) + ") AS t USING rekey_key"
                + " GROUP BY rekey_key HAVING min(has(rekey_hashes, rekey_hash)) = 1";
    }

    private List<rekey.clickhouse.Row> query(String sql) {
        return session.server().query(sql, session.queryId("compare"), settings);
    }
}
