package rekey.check;

import java.util.Map;
import rekey.clickhouse.MisplacedPartitions;
import rekey.session.Session;

/// The partitions of the table are those that the new one will have, if the key stays the same: no row
/// was put into a neighbouring partition by the clock of another time zone. The check reads rows only of
/// partitions whose least or greatest values are suspect.
public record MisplacedRows() implements Check {
    @Override
    public String name() {
        return "rows in other partitions";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        var source = session.source();
        var needs = "each row in the partition that its key gives in the server's time zone";
        var key = source.keys().partitionBy();
        if (key.isEmpty() || !key.equals(session.keys(source).partitionBy()))
            return Verdict.ok(this, key.isEmpty() ? "no partition key" : "a new partition key", needs);
        var rows = new MisplacedPartitions(session.server(), source);
        if (!rows.suspected() || !rows.found(session.queryId("count"), Map.of()))
            return Verdict.ok(this, "none", needs);
        return Verdict.warning(
                this,
                "rows that " + key + " puts into another partition: " + source.name()
                        + " was created in another time zone, or holds parts from one",
                needs,
                "The new table has them where they belong, so the two are compared as a whole and not partition by"
                        + " partition. Drop no partition until the migration has ended: the new table has not the same"
                        + " rows in it.");
    }
}
