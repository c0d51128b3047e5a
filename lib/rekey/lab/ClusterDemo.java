package rekey.lab;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.clickhouse.Topology;
import rekey.migration.Events0002;
import rekey.migration.Migration;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Control;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Journal;
import rekey.session.Limits;
import rekey.session.Progress;
import rekey.session.Session;

/// The main job on a cluster: [ClusterTable], filled and fed all the while, under its new keys, and judged on every
/// replica by what Kafka acknowledged. What rekey refuses there is said as rekey says it, and judged all the same:
/// then the rows are those of before.
///
/// @param rows in the table before, over all shards
/// @param rate messages a second, all the while
/// @param say  is told what happens around the migration
/// @param seen is told each line of the journal
public record ClusterDemo(long rows, int rate, long seed, Consumer<String> say, Consumer<Entry> seen) {
    private static final int RATE = 2000;
    /// Each month is a part of each batch on each host, and an ATTACH of each round: with six of them four servers
    /// on two cores wrote parts and little else.
    private static final int MONTHS = 3;

    /// What a demo found.
    ///
    /// @param hosts     of the cluster
    /// @param apartMs   how long hosts had different tables under one name; null where none was noted
    /// @param heldMs    the longest time in which nothing was read from a Kafka partition; null before a migration
    /// @param missing   added up over all replicas
    /// @param differing replicas that are not equal to the others of their shard
    /// @param verdict   `ok`, or why not
    public record Outcome(
            int hosts,
            Long apartMs,
            Long heldMs,
            long rowsBefore,
            long produced,
            long missing,
            long duplicated,
            long inTwoShards,
            long differing,
            String verdict) {
        public boolean ok() {
            return verdict.equals("ok");
        }

        /// A short table for a person.
        public String text() {
            return """
                hosts                  %,15d
                rows before            %,15d
                produced meanwhile     %,15d
                ingestion held         %15s   ms without a read from Kafka
                hosts differed         %15s   ms in the swap
                missing                %,15d   on all replicas together
                duplicated             %,15d   likewise
                in two shards          %,15d
                replicas that differ   %,15d

                verdict: %s\
                """.formatted(
                            hosts,
                            rowsBefore,
                            produced,
                            heldMs == null ? "-" : heldMs,
                            apartMs == null ? "-" : apartMs,
                            missing,
                            duplicated,
                            inTwoShards,
                            differing,
                            verdict);
        }
    }

    /// Messages a second where none are given: those of one server, over the square of a cluster's hosts, for these
    /// share one machine, and each has something to do for each message. Four at 2,000 left no round short enough
    /// for a swap, nor at 500 on two cores.
    ///
    /// @param given   by the user, or null
    /// @param shape   null for one server
    /// @param writers so many send plain INSERTs
    /// @throws Trouble.Usage for what a cluster's demo has not
    public static int rate(Integer given, ClusterShape shape, int writers) {
        int rate = given != null ? given : shape == null ? RATE : Math.max(1, RATE / shape.hosts() / shape.hosts());
        if (shape != null && (writers > 0 || rate < 1))
            throw new Trouble.Usage(
                    "--writers " + writers + " and --rate " + rate + ": a cluster's demo is fed by Kafka alone. Give a"
                            + " rate of at least 1 and no writers, or leave out"
                            + " --shards and --replicas.");
        return rate;
    }

    /// Runs it on a cluster that is up.
    public Outcome run(EmbeddedLab lab) {
        var events = new TableName("posthog", "events");
        var options = ClusterTable.Options.of(lab.shape()).withMonths(MONTHS);
        try (var table = new ClusterTable(lab, events, options).create().fill(rows, seed)) {
            say.accept(
                    "%,d rows in %s on %d hosts, read from %s, ORDER BY (team_id, toDate(timestamp), distinct_id, uuid)"
                            .formatted(rows, table.local(), lab.shape().hosts(), table.events()));
            var ledger = new Ledger();
            try (var producer = new EventProducer(
                            lab.bootstrap(),
                            table.topic(),
                            EventProducer.Options.of(rate, seed).withMonths(MONTHS),
                            ledger)
                    .start()) {
                say.accept("%,d messages a second go to Kafka and into the table, from now to the end".formatted(rate));
                return migrate(table, producer);
            }
        }
    }

    private Outcome migrate(ClusterTable table, EventProducer producer) {
        var asked = table.servers().getFirst();
        // by the name that is read from, as a person gives it
        var migration = Events0002.of(new Catalog(asked).local(table.events()));
        Trouble refused = null;
        List<Entry> journal;
        try (var session = session(asked, migration, Limits.DEFAULT, seen)) {
            new Runner(session, false, List.of()).run(migration, Optional.of("resume"));
            journal = session.journal().entries();
        } catch (Trouble e) {
            refused = e;
            journal = List.of();
        }
        producer.pause();
        table.awaitConsumed(producer.ledger(), Duration.ofMinutes(2));
        var judge = ClusterJudge.of(table, producer.ledger());
        if (refused == null) judge = judge.withBackup(migration.rewrite().backup());
        return outcome(table, journal, judge.judge(table.local()), refused);
    }

    /// Over all hosts that have the table, as a command opens one.
    ///
    /// @param asked any of them
    /// @param seen  is told each line of the journals
    public static Session session(ClickHouse asked, Migration migration, Limits limits, Consumer<Entry> seen) {
        var runner = UUID.randomUUID().toString().substring(0, 8);
        var control = new Control(limits);
        var r = migration.rewrite();
        return Session.of(
                Topology.of(asked, r.source(), "", Map.of(), Set.of()),
                Set.of(),
                host -> ClickHouse.connect(Endpoint.of(host.url())),
                copier -> {
                    var journal = new Journal(copier, r.journal(), migration.name(), runner, Optional.empty());
                    journal.listen(seen);
                    return new Session(copier, r, Map.of(), journal, control, new Progress());
                },
                sql -> {});
    }

    private Outcome outcome(ClusterTable table, List<Entry> journal, ClusterJudge.Verdict judged, Trouble refused) {
        return new Outcome(
                table.servers().size(),
                Entry.last(journal, Detail.Apart.class)
                        .map(a -> a.apart().toMillis())
                        .orElse(null),
                Entry.last(journal, Detail.Resumed.class)
                        .flatMap(Detail.Resumed::held)
                        .map(Duration::toMillis)
                        .orElse(null),
                rows,
                judged.acknowledged(),
                judged.missing(),
                judged.duplicated(),
                judged.inTwoShards(),
                judged.differing(),
                !judged.ok()
                        ? "not ok: " + String.join("; ", judged.examples())
                        : refused != null ? "not rewritten, and nothing lost: " + refused.getMessage() : "ok");
    }
}
