package rekey.check;

import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.session.Session;

/// What one INSERT brings falls into few partitions of the new key. The copy itself has no such limit; but behind
/// the swap each block of Kafka's, and each INSERT, into more partitions than `max_partitions_per_insert_block` is
/// refused (252), and ingestion stands still.
///
/// The check looks at late parts that no merge has touched. An INSERT into several old partitions lies in several
/// parts, so it may fall into more new ones than the check says. All replicas have the same parts, and each host a
/// limit of its own.
public record PartitionsPerInsert() implements Check {
    private static final int PARTS = 50;

    @Override
    public String name() {
        return "partitions per INSERT";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        var source = session.source();
        var key = session.keys(source).partitionBy();
        if (key.isEmpty() || key.equals(source.keys().partitionBy()))
            return Verdict.ok(
                    this,
                    key.isEmpty() ? "no partition key" : "the same key",
                    "no INSERT into more partitions than a server allows");
        var r = session.server()
                .one("SELECT max(rekey_n) AS rekey_most FROM (SELECT uniqExact(tuple(" + key + ")) AS rekey_n FROM "
                        + source.name().sql() + " WHERE _part IN (SELECT name FROM system.parts WHERE active AND level"
                        + " = 0 AND database = " + Sql.text(source.name().database()) + " AND table = "
                        + Sql.text(source.name().table()) + " ORDER BY modification_time DESC LIMIT " + PARTS
                        + ") GROUP BY _part)");
        long seen = r.number("rekey_most");
        return EachHost.worst(this, session, host -> look(host, key, seen));
    }

    private Verdict look(ClickHouse host, String key, long seen) {
        long most = host.one("SELECT toUInt64OrZero(any(value)) AS n FROM system.settings WHERE name ="
                        + " 'max_partitions_per_insert_block'")
                .number("n");
        var needs = "no INSERT into more partitions than max_partitions_per_insert_block, " + most;
        if (most == 0) return Verdict.ok(this, "no limit", needs);
        if (seen > most)
            return Verdict.refusal(
                    this,
                    "a recent INSERT falls into " + seen + " partitions by " + key,
                    needs,
                    "Behind the swap such INSERTs, Kafka's too, would be refused. Choose a coarser --partition-by, or"
                            + " raise the setting for the writers first and for this user.");
        return Verdict.ok(this, seen == 0 ? "no unmerged part" : seen + " at most, lately", needs);
    }
}
