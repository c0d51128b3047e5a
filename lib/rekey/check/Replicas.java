package rekey.check;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Peer;
import rekey.clickhouse.ReplicatedEngine;
import rekey.clickhouse.Row;
import rekey.clickhouse.Sql;
import rekey.model.Amounts;
import rekey.model.Table;
import rekey.model.Trouble;
import rekey.session.Definition;
import rekey.session.Session;

/// A replicated table can be written to, has lost no part, and all its replicas are hosts that this migration writes
/// to: one that it does not know would keep the old table under the live name.
public record Replicas() implements Check {
    /// What rounds behind an exchange allow for.
    private static final Duration CLOCKS = Duration.ofSeconds(2);

    @Override
    public String name() {
        return "replicas";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        var source = session.source();
        var needs = "every replica reachable, writable and of one definition";
        if (!source.replicated()) return Verdict.ok(this, "not replicated", needs);
        var engine = ReplicatedEngine.of(source.engineClause()).orElseThrow();
        if (engine.path().isEmpty())
            return Verdict.refusal(
                    this,
                    source.engineClause() + " has no path in its definition",
                    needs,
                    "Wait for a later version: a definition of before 2020, or in a Replicated database, is not"
                            + " supported.");
        // a lower block may become visible after a higher one here, so which of two equal rows came later is not
        // told yet
        var wanted = session.rewrite().engine();
        boolean newestWanted = session.rewrite().engineName().endsWith("ReplacingMergeTree")
                && ReplicatedEngine.of(ReplicatedEngine.fresh(source.engineClause(), wanted, source.name(), "x"))
                        .orElseThrow()
                        .rest()
                        .isEmpty();
        if (newestWanted || source.replacing() && source.versionColumn().isEmpty())
            return Verdict.refusal(
                    this,
                    (newestWanted ? "--engine " + wanted : source.engineClause()) + " has no version column",
                    "a version column, by which the newer of two rows is told on every replica",
                    "Wait for a later version: without a version the order of INSERTs decides, and a replicated table"
                            + " does not show it reliably.");
        var rows = session.server()
                .query(("SELECT is_readonly AS closed, lost_part_count AS lost, total_replicas AS n, "
                                + "replica_name AS name FROM system.replicas WHERE database = %s AND table = %s")
                        .formatted(
                                Sql.text(source.name().database()),
                                Sql.text(source.name().table())));
        if (rows.isEmpty())
            return Verdict.refusal(this, "system.replicas does not show it", needs, "Look at the server's log.");
        var r = rows.getFirst();
        var saw = Amounts.rows(r.number("n")) + " replicas" + (r.flag("closed") ? ", read-only" : "")
                + (r.number("lost") > 0 ? ", " + Amounts.rows(r.number("lost")) + " parts lost" : "");
        if (r.flag("closed"))
            return Verdict.refusal(
                    this, saw, needs, "Look at the table's Keeper connection: nothing can be written to it.");
        if (!session.knows(r.number("n")))
            return Verdict.refusal(
                    this,
                    saw + ", and " + (session.peers().size() + 1) + " of them are known",
                    needs,
                    "Name the cluster whose hosts they are with --cluster: all of them have to be written to.");
        for (var peer : session.peers()) {
            var refused = peer(session, source, peer, saw, needs);
            if (refused != null) return refused;
        }
        return r.number("lost") > 0
                ? Verdict.warning(
                        this,
                        saw,
                        needs,
                        "They were lost before; what the table has now is carried. Look whether you miss something.")
                : Verdict.ok(this, saw, needs);
    }

    /// What stands in the way on another host; null for nothing.
    private Verdict peer(Session session, Table source, Peer peer, String saw, String needs) {
        List<Row> rows;
        Optional<Table> there;
        try {
            rows = peer.query(
                    "SELECT is_readonly AS closed, zookeeper_path AS path FROM system.replicas WHERE database = "
                            + Sql.text(source.name().database()) + " AND table = "
                            + Sql.text(source.name().table()));
            there = new Catalog(peer.server()).find(source.name());
        } catch (Trouble.Failed e) {
            return Verdict.refusal(this, saw + "; " + peer.name() + " can't be reached", needs, e.getMessage());
        }
        var path = session.server()
                .one("SELECT zookeeper_path AS path FROM system.replicas WHERE database = "
                        + Sql.text(source.name().database()) + " AND table = "
                        + Sql.text(source.name().table()))
                .string("path");
        if (there.isEmpty() || rows.isEmpty() || !rows.getFirst().string("path").equals(path))
            return Verdict.refusal(
                    this,
                    "host " + peer.name() + " has no replica of " + source.name(),
                    needs,
                    "Make the replica there, or name the cluster of its hosts with --cluster.");
        if (rows.getFirst().flag("closed"))
            return Verdict.refusal(
                    this,
                    "it is read-only on host " + peer.name(),
                    needs,
                    "Look at the table's Keeper connection there: nothing can be written to it.");
        // one zone may have several names: what it makes of a winter's and a summer's moment tells
        var zone = "SELECT serverTimeZone() AS z, concat(toString(toDateTime(1767225600)), ' ',"
                + " toString(toDateTime(1782864000))) AS clock";
        var servers = Map.of("session_timezone", ""); // whatever the user's profile says
        var zones = Stream.of(session.server(), peer.server())
                .map(host -> host.query(zone, session.queryId("zone"), servers).getFirst())
                .toList();
        if (!zones.getFirst().string("clock").equals(zones.getLast().string("clock")))
            return Verdict.refusal(
                    this,
                    "host " + peer.name() + " is in " + zones.getLast().string("z") + ", and the one that copies in "
                            + zones.getFirst().string("z"),
                    needs + ", in one time zone",
                    "Give all hosts the same <timezone>: a mutation has its time in Keeper as the local time of the"
                            + " host that made it, and whether it came before the exchange can't be told.");
        var apart = apart(session.server(), peer);
        if (apart.compareTo(CLOCKS) > 0)
            return Verdict.refusal(
                    this,
                    "the clock of host " + peer.name() + " differs by " + Amounts.time(apart),
                    needs + ", with clocks that agree to " + CLOCKS.toSeconds() + " s",
                    "Set the clocks of all hosts by one time server: by them it is told which of two rows, or of a row"
                            + " and a DELETE, came first around the exchange.");
        var other = alike(there.get(), source);
        var changes = Definition.of(source).changes(Definition.of(other));
        if (!changes.isEmpty())
            return Verdict.refusal(
                    this,
                    "on host " + peer.name() + " its definition differs: " + String.join("; ", changes),
                    needs,
                    "Make the definitions the same, settings and comments too: the new table has one.");
        return null;
    }

    /// How much two clocks differ at least: what asking them takes is no difference.
    private static Duration apart(ClickHouse one, Peer other) {
        var clock = "SELECT toUnixTimestamp64Micro(now64(6)) AS us";
        long before = one.one(clock).number("us");
        long there = other.query(clock).getFirst().number("us");
        long after = one.one(clock).number("us");
        return Duration.of(Math.max(0, Math.max(before - there, there - after)), ChronoUnit.MICROS);
    }

    /// The other host's table as if it gave its replica the same name.
    static Table alike(Table other, Table source) {
        var theirs = ReplicatedEngine.of(other.engineClause());
        if (theirs.isEmpty() || !source.replicated()) return other;
        var ours = ReplicatedEngine.of(source.engineClause()).orElseThrow();
        var clause = new ReplicatedEngine(
                        theirs.get().family(),
                        ours.path(),
                        ours.replica(),
                        theirs.get().rest())
                .clause();
        return new Table(
                other.name(),
                source.uuid(),
                other.engine(),
                clause,
                other.keys(),
                other.ttl(),
                other.settings(),
                other.columns(),
                other.storagePolicy(),
                other.rows(),
                other.bytes(),
                other.definition().replace(other.engineClause(), clause));
    }
}
