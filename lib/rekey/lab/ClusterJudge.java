package rekey.lab;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.model.TableName;

/// Judges a cluster's table by the ledger, on every replica.
///
/// - The first replicas of all shards together are judged as one table is, by [Judge]; then the second ones, and so
///   on. So a message that is missing or doubled on one replica alone is found, by its coordinate.
/// - No coordinate may be in two shards.
/// - All replicas of a shard are equal by count, sum and xor of all their columns. A merge is made by one replica
///   and fetched by the other, and a collapsing table has fewer rows after it: so what differs is looked at again
///   until it is equal or the time is over.
///
/// All hosts must answer, and their queues must be empty: it waits for that first.
///
/// @param backup the other table of the swap on each host, or null; as of [Judge]
public record ClusterJudge(ClusterTable table, Ledger ledger, TableName backup, Duration patience) {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int EXAMPLES = 5;

    /// What a judgement says.
    ///
    /// @param missing      acknowledged messages and filled rows that are not there, added up over the replicas
    /// @param duplicated   rows too many, likewise
    /// @param inTwoShards  coordinates that are in more than one shard
    /// @param differing    replicas that are not equal to the first one of their shard
    /// @param acknowledged messages in the ledger
    /// @param examples     for a person
    public record Verdict(
            long missing, long duplicated, long inTwoShards, long differing, long acknowledged, List<String> examples) {
        /// Nothing missing, nothing doubled, all replicas equal.
        public boolean ok() {
            return missing == 0 && duplicated == 0 && inTwoShards == 0 && differing == 0;
        }
    }

    public static ClusterJudge of(ClusterTable table, Ledger ledger) {
        return new ClusterJudge(table, ledger, null, PATIENCE);
    }

    public ClusterJudge withBackup(TableName other) {
        return new ClusterJudge(table, ledger, other, patience);
    }

    /// How long replicas may differ, by a merge that one of them has not got yet.
    ClusterJudge withPatience(Duration other) {
        return new ClusterJudge(table, ledger, backup, other);
    }

    /// Judges the table that has a name on each host.
    public Verdict judge(TableName local) {
        table.inStep();
        var shape = table.lab().shape();
        var examples = new ArrayList<String>();
        long missing = 0, duplicated = 0;
        for (int r = 1; r <= shape.replicas(); r++) {
            int replica = r;
            var judged = Judge.of(first(), ledger)
                    .withFilled(table.filled())
                    .withBackup(backup)
                    .withFrom(name -> ofEachShard(replica, name))
                    .judge(local);
            missing += judged.missing() + judged.missingFinal();
            duplicated += judged.duplicated() + judged.doubledFinal();
            judged.examples().forEach(e -> examples.add(e + " (replica " + replica + ")"));
        }
        long twice = inTwoShards(local, examples);
        return new Verdict(
                missing, duplicated, twice, differing(local, examples), ledger.count(), List.copyOf(examples));
    }

    private long inTwoShards(TableName local, List<String> examples) {
        var row = first().one("""
            SELECT count() AS n, groupArray(%d)(toString(_partition) || ':' || toString(_offset)) AS at FROM (
                SELECT _partition, _offset FROM %s GROUP BY _partition, _offset HAVING uniqExact(_shard_num) > 1)\
            """.formatted(EXAMPLES, ofEachShard(1, local)));
        row.strings("at").forEach(at -> examples.add("in two shards: message " + at));
        return row.number("n");
    }

    private long differing(TableName local, List<String> examples) {
        for (var end = Instant.now().plus(patience); ; LockSupport.parkNanos(500_000_000)) {
            var found = new ArrayList<String>();
            var shape = table.lab().shape();
            for (int shard = 1; shard <= shape.shards(); shard++) {
                var first = fingerprint(shard, 1, local);
                for (int replica = 2; replica <= shape.replicas(); replica++) {
                    var other = fingerprint(shard, replica, local);
                    if (!other.equals(first))
                        found.add("differs: shard %d has %s on replica 1 and %s on replica %d"
                                .formatted(shard, first, other, replica));
                }
            }
            if (found.isEmpty()) return 0;
            if (Instant.now().isAfter(end)) {
                examples.addAll(found);
                return found.size();
            }
        }
    }

    /// Count, sum and xor of all stored columns of all rows.
    private String fingerprint(int shard, int replica, TableName local) {
        var shape = table.lab().shape();
        var server = table.servers().get((shard - 1) * shape.replicas() + replica - 1);
        return server.one("""
            SELECT toString(count()) || ' rows, sum ' || toString(sum(h)) || ', xor ' || toString(groupBitXor(h)) AS
              text FROM (SELECT cityHash64(*) AS h FROM %s)
            SETTINGS asterisk_include_materialized_columns = 1\
            """.formatted(local.sql())).string("text");
    }

    private String ofEachShard(int replica, TableName name) {
        return "remote(%s, %s, %s)"
                .formatted(
                        Sql.text(table.lab().cluster().replicaOfEachShard(replica)),
                        Sql.text(name.database()),
                        Sql.text(name.table()));
    }

    private ClickHouse first() {
        return table.servers().getFirst();
    }
}
