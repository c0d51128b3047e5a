package rekey.check;

import java.util.ArrayList;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Sql;
import rekey.session.Session;

/// The server has what rekey's way of working rests on. The server itself is asked, for such things come and go
/// between versions, and distributions have their own.
public record ServerAbilities() implements Check {
    @Override
    public String name() {
        return "server abilities";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        return EachHost.worst(this, session, host -> look(session, host));
    }

    private Verdict look(Session session, ClickHouse host) {
        var missing = new ArrayList<String>();
        var needs = "block numbers kept through merges";
        if (!has(host, "system.merge_tree_settings WHERE name = " + Sql.text(Ddl.BLOCK_NUMBERS)))
            missing.add("the MergeTree setting " + Ddl.BLOCK_NUMBERS + ", by which new rows are told from copied ones");
        if (!session.catalog(host).ingestion(session.rewrite().source()).none()) {
            needs += ", consumers that tell what they wait for";
            // came with ClickHouse#85346; without it nobody can tell that the gate has closed
            if (!has(
                    host,
                    "system.columns WHERE database = 'system' AND table = 'kafka_consumers' AND name ="
                            + " 'missing_dependencies'"))
                missing.add("the column missing_dependencies of system.kafka_consumers, by which a pause is told");
        }
        return missing.isEmpty()
                ? Verdict.ok(this, "there", needs)
                : Verdict.refusal(
                        this,
                        "missing: " + String.join("; ", missing),
                        needs,
                        "Upgrade ClickHouse; rekey is tested on 26.7.");
    }

    private static boolean has(ClickHouse host, String fromWhere) {
        return host.one("SELECT count() AS n FROM " + fromWhere).number("n") > 0;
    }
}
