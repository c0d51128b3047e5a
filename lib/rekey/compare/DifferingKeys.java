package rekey.compare;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import rekey.copy.Checksum;
import rekey.session.Session;

/// The keys of a partition that differ, a handful of each kind. A large partition is cut into buckets of the key's hash
/// first, so that only rows of buckets that differ are grouped by key, some at a time.
record DifferingKeys(Session session, RowHashes rows, Map<String, String> settings) {
    private static final long ROWS = 500_000;
    private static final int MOST = 1 << 16, AT_ONCE = 8, HANDFUL = 5;

    /// What was found of a partition.
    ///
    /// @param replaced whether others differed that are left out: of a collapsing table a row may vanish while it is looked at,
    ///                 in a merge with a newer one of its key. That one is there by now, and comes with a later round
    record Found(List<Key> keys, boolean replaced) { }

    Found in(String unit, long about) {
        var all = differing(unit, about);
        var hashes = all.keySet();
        if (hashes.isEmpty() || !rows.collapses()) return new Found(List.copyOf(all.values()), false);
        var replaced = new HashSet<String>();
        for (var side : List.of(rows.of().from(), rows.of().to()))
            query(rows.newer(side, unit, String.join(", ", hashes))).forEach(r -> replaced.add(r.string("rekey_key")));
        return new Found(all.entrySet().stream().filter(e -> !replaced.contains(e.getKey())).map(Map.Entry::getValue).toList(), !replaced.isEmpty());
    }

    /// By the hash of each key.
    private Map<String, Key> differing(String unit, long about) {
        long buckets = Math.clamp((about + ROWS - 1) / ROWS, 1, MOST);
        if (buckets == 1) return keys(unit, "");
        var differing = unequal(unit, buckets);
        var out = new LinkedHashMap<String, Key>();
        for (int i = 0; i < differing.size() && out.size() < HANDFUL; i += AT_ONCE) {
            session.control().checkpoint();
            out.putAll(keys(unit, rows.keyHash() + " % " + buckets + " IN (" + String.join(", ", differing.subList(i, Math.min(differing.size(), i + AT_ONCE))) + ")"));
        }
        return out;
    }

    private List<String> unequal(String unit, long buckets) {
        var from = sums(rows.of().from(), unit, buckets);
        var to = sums(rows.of().to(), unit, buckets);
        var all = new TreeSet<>(from.keySet());
        all.addAll(to.keySet());
        return all.stream().filter(b -> !from.getOrDefault(b, Checksum.NONE).equals(to.getOrDefault(b, Checksum.NONE))).toList();
    }

    private Map<String, Checksum> sums(Side side, String unit, long buckets) {
        return Checksum.byPartition(query("SELECT toString(cityHash64(rekey_key) % " + buckets + ") AS partition, " + Checksum.columns("rekey_hash") + " FROM (" + rows.select(side, unit, "") + ") GROUP BY partition"));
    }

    private Map<String, Key> keys(String unit, String more) {
        var one = rows.select(rows.of().from(), unit, more);
        var two = rows.select(rows.of().to(), unit, more);
        var sql = """
                SELECT toString(k) AS key, toString(cityHash64(k)) AS hash, multiIf(b = 0, 'MISSING', a = 0, 'EXTRA', 'DIFFERENT') AS kind, sumIf(n, side = 1) AS a, sumIf(n, side = 2) AS b FROM (
                  SELECT rekey_key AS k, count() AS n, sum(rekey_hash) AS s, groupBitXor(rekey_hash) AS x, 1 AS side FROM (%s) GROUP BY k UNION ALL SELECT rekey_key, count(), sum(rekey_hash), groupBitXor(rekey_hash), 2 FROM (%s) GROUP BY rekey_key)
                GROUP BY k HAVING count() != 2 OR uniqExact(n, s, x) != 1%s ORDER BY key LIMIT %d BY kind""".formatted(one, two, rows.collapses() ? " AND k NOT IN (" + tied(unit, more) + ")" : "", HANDFUL);
        var out = new LinkedHashMap<String, Key>();
        for (var r : query(sql)) out.put(r.string("hash"), new Key(r.string("key"), Key.Kind.valueOf(r.string("kind")), r.number("a"), r.number("b")));
        return out;
    }

    /// Keys whose row of the first table is among those of the second that have an equal right to be the last: no difference.
    private String tied(String unit, String more) {
        return "SELECT rekey_key FROM (" + rows.select(rows.of().from(), unit, more) + ") AS f INNER JOIN (" + rows.selectTied(rows.of().to(), unit, more) + ") AS t USING rekey_key"
                + " GROUP BY rekey_key HAVING min(has(rekey_hashes, rekey_hash)) = 1";
    }

    private List<rekey.clickhouse.Row> query(String sql) {
        return session.server().query(sql, session.queryId("compare"), settings);
    }
}
