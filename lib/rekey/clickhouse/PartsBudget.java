package rekey.clickhouse;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import rekey.model.Table;
import rekey.model.TableName;

/// How many parts a table may get while its merges are held: INSERTs are delayed when a partition has
/// `parts_to_delay_insert` of them, and refused when all have `max_parts_in_total`. A half of that is for a copy.
///
/// @param partition the one with the most parts
/// @param parts     so many has that
/// @param limit     at which INSERTs into it are delayed or refused; 0 for none
/// @param all       parts of the table
/// @param total     at so many INSERTs are refused; 0 for none
public record PartsBudget(TableName table, String partition, long parts, long limit, long all, long total) {
    /// Of what the limits allow, in percent: what merges have not caught up with, and what a burst of writers
    /// brings, must find room, too.
    private static final int SHARE = 50;

    private static final String DELAY = "parts_to_delay_insert", REJECT = "parts_to_throw_insert";
    private static final String TOTAL = "max_parts_in_total";
    private static final List<String> LIMITS = List.of(DELAY, REJECT, TOTAL);

    public static PartsBudget of(ClickHouse server, Table table) {
        var name = table.name();
        var r = server.query("""
            SELECT partition_id AS p, count() AS n, sum(n) OVER () AS everywhere FROM system.parts
            WHERE active AND database = %s AND table = %s GROUP BY p ORDER BY n DESC LIMIT 1\
            """.formatted(Sql.text(name.database()), Sql.text(name.table()))).stream()
                .findFirst();
        var limits = limits(server, table);
        long delay = limits.getOrDefault(DELAY, 0L), reject = limits.getOrDefault(REJECT, 0L);
        return new PartsBudget(
                name,
                r.map(x -> x.string("p")).orElse(""),
                r.map(x -> x.number("n")).orElse(0L),
                delay == 0 ? reject : reject == 0 ? delay : Math.min(delay, reject),
                r.map(x -> x.number("everywhere")).orElse(0L),
                limits.getOrDefault(TOTAL, 0L));
    }

    /// Where a server has what holds for a table that says nothing itself: its configuration may have other values
    /// for replicated ones, under `<replicated_merge_tree>`.
    public static String settings(Table table) {
        return table.replicated() ? "system.replicated_merge_tree_settings" : "system.merge_tree_settings";
    }

    /// All of them in one question: one each was 10 ms of every round that looks at them.
    private static Map<String, Long> limits(ClickHouse server, Table table) {
        var out = new HashMap<String, Long>();
        for (var name : LIMITS) {
            var own = table.settings().get(name);
            if (own != null) out.put(name, Long.parseUnsignedLong(own.replace("'", "")));
        }
        var left = LIMITS.stream().filter(name -> !out.containsKey(name)).toList();
        if (left.isEmpty()) return out;
        try {
            out.putAll(limits(server, settings(table), left));
        } catch (ServerError e) {
            // a way back that another version's grants were made for
            if (e.code() != ServerError.ACCESS_DENIED || !table.replicated()) throw e;
            out.putAll(limits(server, "system.merge_tree_settings", left));
        }
        return out;
    }

    private static Map<String, Long> limits(ClickHouse server, String from, List<String> names) {
        return server.query("SELECT name, value FROM " + from + " WHERE name IN " + Sql.list(names)).stream()
                .collect(Collectors.toMap(x -> x.string("name"), x -> Long.parseUnsignedLong(x.string("value"))));
    }

    /// Whether merges can't be held any longer.
    public boolean spent() {
        return limit > 0 && parts * 100 >= limit * SHARE || total > 0 && all * 100 >= total * SHARE;
    }

    /// Whether merges have made so much room that they may be held once more.
    public boolean roomy() {
        return (limit == 0 || parts * 4 < limit) && (total == 0 || all * 4 < total);
    }

    /// How many seconds merges can be held from now on; empty where no limit or no INSERT is seen.
    public Optional<Long> seconds(Rate rate) {
        double left = Double.MAX_VALUE;
        if (limit > 0 && rate.fullest > 0)
            left = Math.max(0, limit * SHARE / 100.0 - parts) / rate.fullest * rate.seconds;
        if (total > 0 && rate.all > 0)
            left = Math.min(left, Math.max(0, total * SHARE / 100.0 - all) / rate.all * rate.seconds);
        return left == Double.MAX_VALUE ? Optional.empty() : Optional.of((long) left);
    }

    /// How many parts INSERTs brought.
    ///
    /// @param fullest into the partition that got most of them
    /// @param all     into all partitions
    /// @param seconds in this time
    /// @param by      the table that tells it
    public record Rate(long fullest, long all, long seconds, String by) {

        /// The faster one of two: the mean of the last hours by the part_log, and the last eight minutes by
        /// what a server still knows of parts that were merged away. The log alone told of two parts where
        /// nine had come within a minute, for it is written late, and a mean of hours hides writers that have
        /// just begun. An INSERT's part has one block. Its level tells nothing: where rows are folded as they
        /// are written it is 1.
        public static Rate of(ClickHouse server, TableName table) {
            var lately = lately(server, table);
            return logged(server, table).map(lately::faster).orElse(lately);
        }

        /// Each figure by the one that tells of more in the same time.
        private Rate faster(Rate other) {
            if (fullest * other.seconds > other.fullest * seconds)
                return new Rate(fullest, Math.max(all, other.all * seconds / other.seconds), seconds, by);
            return new Rate(other.fullest, Math.max(other.all, all * other.seconds / seconds), other.seconds, other.by);
        }

        /// Empty where a server keeps no log, or not for this user.
        private static Optional<Rate> logged(ClickHouse server, TableName table) {
            try {
                return read(server, """
                    SELECT count() AS n, sum(n) OVER () AS everywhere, dateDiff('second', (SELECT min(event_time) FROM
                      system.part_log), now()) AS reaches
                    FROM system.part_log WHERE event_type = 'NewPart' AND event_date >= today() - 1
                      AND event_time > now() - 10800 AND error = 0 AND database = %s AND table = %s
                    GROUP BY partition_id ORDER BY n DESC LIMIT 1\
                    """, table)
                        .map(r -> new Rate(
                                r.number("n"),
                                r.number("everywhere"),
                                Math.clamp(r.number("reaches"), 60, 10_800),
                                "system.part_log"));
            } catch (ServerError e) {
                if (e.code() != ServerError.UNKNOWN_TABLE && e.code() != ServerError.ACCESS_DENIED) throw e;
                return Optional.empty();
            }
        }

        private static Rate lately(ClickHouse server, TableName table) {
            var known = read(server, """
                SELECT count() AS n, sum(n) OVER () AS everywhere FROM system.parts WHERE
                  min_block_number = max_block_number AND modification_time > now() - 480
                  AND database = %s AND table = %s
                GROUP BY partition_id ORDER BY n DESC LIMIT 1\
                """, table);
            return new Rate(
                    known.map(r -> r.number("n")).orElse(0L),
                    known.map(r -> r.number("everywhere")).orElse(0L),
                    480,
                    "system.parts");
        }

        private static Optional<Row> read(ClickHouse server, String sql, TableName table) {
            return server.query(sql.formatted(Sql.text(table.database()), Sql.text(table.table()))).stream()
                    .findFirst();
        }
    }

    @Override
    public String toString() {
        return parts + " parts in partition " + partition + " of " + table + (limit == 0 ? "" : " of " + limit)
                + (total == 0 ? "" : ", " + all + " in all of " + total);
    }
}
