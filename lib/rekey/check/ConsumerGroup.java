package rekey.check;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.concurrent.atomic.AtomicBoolean;
import rekey.kafka.KafkaAdmin;
import rekey.kafka.Member;
import rekey.model.Amounts;
import rekey.model.Ingestion;
import rekey.model.TableName;
import rekey.session.IngestionHosts;
import rekey.session.Session;

/// Only this server's consumers of the source's Kafka tables belong to their groups: any other would take the
/// partitions over when they pause, and go on inserting elsewhere. `consumer_id` of `system.kafka_consumers` is the
/// broker's own name for a member (seen on 26.7 with Kafka 4.4).
public record ConsumerGroup(When when) implements Check {
    private static final int LOOKS = 6;
    /// A member of before a restart of the server is in its group until its session has timed out: 45 s by default.
    private static final int OLD_SELF_LOOKS = 50;

    @Override
    public String name() {
        return "consumer group";
    }

    /// A consumer that has just joined is known to the broker a moment before the server shows its name: a stranger
    /// is one only if it is still there after a while. Right before the pause there is time to wait for those who
    /// have only not been missed yet, for nothing is held.
    @Override
    public boolean ofEachShard() {
        return false;
    }

    @Override
    public Verdict look(Session session) {
        for (int i = 1; ; i++) {
            var oldSelves = new AtomicBoolean();
            var verdict = now(session, oldSelves);
            if (verdict.verdict() != Level.REFUSAL
                    || i >= (when == When.AT_SWAP && oldSelves.get() ? OLD_SELF_LOOKS : LOOKS)) return verdict;
            session.progress().note("waiting for others to leave the consumer group");
            session.control().sleep(1000);
        }
    }

    /// @param oldSelves is told whether all strangers may be this server's own consumers from before a restart, by
    ///                  their names
    private Verdict now(Session session, AtomicBoolean oldSelves) {
        var intake = IngestionHosts.of(session);
        var needs = "no members but " + (intake.hosts().size() > 1 ? "these hosts'" : "this server's") + " consumers";
        if (intake.none()) return Verdict.ok(this, "none", needs);
        var own = new HashSet<String>();
        var other = new ArrayList<String>();
        for (var host : intake.hosts())
            for (var r : host.server()
                    .query("SELECT database, table, consumer_id FROM system.kafka_consumers WHERE consumer_id != ''")) {
                var table = new TableName(r.string("database"), r.string("table"));
                if (host.ingestion().kafkaTables().stream()
                        .anyMatch(k -> k.name().equals(table))) own.add(r.string("consumer_id"));
            }
        int members = 0;
        oldSelves.set(true);
        for (var k : intake.groups())
            for (var m : members(session, k)) {
                members++;
                if (own.contains(m.id())) continue;
                var name = m.clientId().replaceFirst("-\\d+$", "") + "-";
                // right after a restart the new ones have not been let in yet
                if (!own.isEmpty() && own.stream().noneMatch(id -> id.startsWith(name))) oldSelves.set(false);
                other.add(m.clientId() + " from " + m.host().replaceFirst("^/", "") + " in group " + k.group());
            }
        if (!other.isEmpty())
            return Verdict.refusal(
                    this,
                    Amounts.some(other),
                    needs,
                    "Stop that consumer, or give it a group of its own: it would take the messages over while"
                        + " ingestion is paused. Right after a restart of the server it may be its own old self: wait"
                        + " 60 s and look again.");
        return members < own.size() || own.isEmpty()
                ? Verdict.warning(
                        this,
                        members + " members of " + own.size() + " consumers",
                        needs,
                        "Wait until the consumers have joined their group, then look again.")
                : Verdict.ok(
                        this,
                        members + " members, all " + (intake.hosts().size() > 1 ? "these hosts'" : "this server's"),
                        needs);
    }

    private static java.util.List<Member> members(Session session, Ingestion.KafkaTable table) {
        try (var kafka = KafkaAdmin.connect(table.brokers(), session.kafkaConfig())) {
            return kafka.members(table.group());
        }
    }
}
