package rekey.maintainer;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.lab.GuideTable;
import rekey.migration.Events0002;
import rekey.migration.Migration;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.model.Trouble;

/// The tables that a bench measures: the guide's, and those that are copied and compared in another way than it is.
/// All have its columns, its engine and its sorting keys, and as many rows as are asked for.
public enum BenchShape {
    /// Six months, rows of about 250 bytes.
    GUIDE("toYYYYMM(timestamp)", "timestamp", "properties"),
    /// Properties of about 1 KiB, which hardly compress.
    WIDE(
            "toYYYYMM(timestamp)",
            "timestamp",
            "concat(properties, arrayStringConcat(arrayMap(i -> hex(sipHash128(uuid, i)), range(27))))"),
    UNPARTITIONED("", "timestamp", "properties"),
    /// A single huge month.
    HOT("toYYYYMM(timestamp)", "toStartOfMonth(now('UTC')) + toIntervalMinute(cityHash64(uuid) % 40000)", "properties"),
    /// 2,000 days, each a partition.
    DAYS(
            "toYYYYMMDD(timestamp)",
            "toStartOfDay(timestamp) - toIntervalDay(cityHash64(uuid) % 2000) + toIntervalSecond(team_id)",
            "properties");

    static final String ORDER = "team_id, toDate(timestamp), event, cityHash64(distinct_id), cityHash64(uuid)";
    private static final String SAMPLE = "cityHash64(distinct_id)";
    static final String COLUMNS =
            "uuid, event, properties, timestamp, team_id, distinct_id, created_at, _timestamp, _offset, _partition";

    private final String partitionBy, timestamp, properties;

    BenchShape(String partitionBy, String timestamp, String properties) {
        this.partitionBy = partitionBy;
        this.timestamp = timestamp;
        this.properties = properties;
    }

    /// By its name in any case.
    ///
    /// @throws Trouble.Usage where it is none of these
    public static BenchShape of(String name) {
        return Arrays.stream(values())
                .filter(s -> s.toString().equals(name.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new Trouble.Usage("--shape " + name + " is none of the bench's: give "
                        + Arrays.stream(values()).map(BenchShape::toString).collect(Collectors.joining(", ")) + "."));
    }

    /// Its rows, merged, so that no merge of the filling runs beside a copy.
    void fill(ClickHouse server, TableName events, long rows, long seed) {
        var guide = this == GUIDE ? events : events.sibling("filled");
        new GuideTable(server, null, guide, GuideTable.Options.GUIDE).create().fill(rows, seed);
        if (this != GUIDE) {
            server.execute("CREATE TABLE " + events.sql() + " AS " + guide.sql()
                    + " ENGINE = ReplacingMergeTree(_timestamp) " + partitionClause()
                    + " ORDER BY (team_id, toDate(timestamp), distinct_id, uuid)");
            server.execute("INSERT INTO " + events.sql() + " (" + COLUMNS + ") SELECT uuid, event, " + properties + ", "
                    + timestamp + ", team_id, distinct_id, created_at, _timestamp, _offset, _partition FROM "
                    + guide.sql() + " SETTINGS max_partitions_per_insert_block = 0, max_insert_threads = 2");
            server.execute("DROP TABLE " + guide.sql() + " SYNC");
        }
        // a table whose rows are all in one partition is never all in one part, if it is large
        if (this == UNPARTITIONED || this == HOT) awaitMerges(server, events);
        else server.execute("OPTIMIZE TABLE " + events.sql() + " FINAL SETTINGS optimize_skip_merged_partitions = 1");
    }

    private static void awaitMerges(ClickHouse server, TableName events) {
        while (server.one("SELECT count() AS n FROM system.merges WHERE database = " + Sql.text(events.database()))
                        .number("n")
                > 0) LockSupport.parkNanos(100_000_000);
    }

    private String partitionClause() {
        return partitionBy.isEmpty() ? "" : "PARTITION BY " + partitionBy;
    }

    /// The statement that makes a table like another under the new keys.
    String creating(TableName table, TableName like) {
        return "CREATE TABLE " + table.sql() + " AS " + like.sql() + " ENGINE = ReplacingMergeTree(_timestamp) "
                + partitionClause() + " ORDER BY (" + ORDER + ") SAMPLE BY " + SAMPLE;
    }

    /// The guide's migration of it.
    Migration migration(TableName events) {
        return new Migration(
                new Rewrite(Events0002.NAME, events, partitionBy, "", ORDER, SAMPLE, ""),
                Optional.empty(),
                List.of(),
                Migration.inOrder());
    }

    /// Which rows are those of a partition, as the guide writes it.
    ///
    /// @param partition its value
    String in(String partition) {
        return partitionBy.isEmpty() ? "1" : partitionBy + " = " + partition;
    }

    /// As an option has it.
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
