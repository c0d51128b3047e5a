package rekey.maintainer.table;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.clickhouse.Topology;
import rekey.lab.EmbeddedLab;
import rekey.migration.Migration;
import rekey.model.Keys;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Control;
import rekey.session.Journal;
import rekey.session.Limits;
import rekey.session.Progress;
import rekey.session.Session;
import rekey.step.Finalize;

/// One drawn table on a lab: filled, migrated while its rows come, judged; taken back while they come, judged;
/// migrated again, judged; and made final.
public final class TableTrial {
    private static final Limits LIMITS = Limits.DEFAULT
            .withMaxHeld(Duration.ofSeconds(20))
            .withDeadline(Duration.ofSeconds(50))
            .withChunkRows(2_500);

    private final EmbeddedLab lab;
    private final DrawnTable drawn;
    private final boolean control;
    private final String database;
    private final List<String> log = new ArrayList<>();

    /// What came of one.
    ///
    /// @param table  what it was, in a few words
    /// @param stuck  what did not come to its end, or was refused; empty when nothing
    /// @param rows   that came meanwhile
    /// @param create its first statement
    public record Result(
            String id,
            long seed,
            String table,
            boolean control,
            long lost,
            long doubled,
            List<String> different,
            String stuck,
            boolean ok,
            long rows,
            long millis,
            String create,
            List<String> log) {
        @Override
        public String toString() {
            return "%-8s %s: %d lost, %d doubled, %d different%s%s  (%d rows came, %.1f s)%s"
                    .formatted(
                            id,
                            table,
                            lost,
                            doubled,
                            different.size(),
                            different.isEmpty() ? "" : " (" + String.join("; ", different) + ")",
                            stuck.isEmpty() ? "" : ", stuck: " + stuck,
                            rows,
                            millis / 1000.0,
                            control ? ok ? ", and all that was spoilt then was found" : ", NOT FOUND" : "");
        }
    }

    private TableTrial(EmbeddedLab lab, DrawnTable drawn, boolean control) {
        this.lab = lab;
        this.drawn = lab.hosts().size() > 1 ? drawn.onReplicas() : drawn;
        this.control = control;
        database = "drawn_" + drawn.id().replace('.', '_');
    }

    TableTrial(EmbeddedLab lab, DrawnTable drawn) {
        this(lab, drawn, false);
    }

    /// The one that is spoilt behind the migration's back in each way.
    static TableTrial control(EmbeddedLab lab) {
        return new TableTrial(lab, DrawnTable.control(), true);
    }

    Result run() throws InterruptedException {
        var begun = Instant.now();
        var table = new TableName(database, "t");
        var second = new TableName(database + "_second", "t");
        var found = new TableJudge.Found(0, 0, List.of());
        var stuck = "";
        long rows = 0;
        var others = new ArrayList<ClickHouse>();
        try (var server = lab.clickhouse().connect()) {
            try {
                for (var host : lab.hosts().subList(1, lab.hosts().size())) others.add(host.connect());
                for (var host : others) {
                    host.execute("CREATE DATABASE " + TableName.quote(table.database()));
                    create(host, table, drawn.keys().before(), drawn.engine().replicated());
                }
                fill(
                        server,
                        table,
                        others.isEmpty()
                                ? drawn.engine().clause
                                : drawn.engine().replicated());
                fill(server, second, drawn.engine().clause);
                var before = wanted(server, second, "before", drawn.keys().before());
                var after = wanted(server, second, "after", drawn.keys().after());
                var judge = new TableJudge(server, drawn, table, second);
                try (var feeding = new Feeding(lab, server, drawn, table, second)) {
                    found = logged("filled", judge.judge(before, false));
                    if (found.none()) found = round(server, others, table, feeding, judge, before, after);
                    rows = feeding.rows();
                }
            } catch (Trouble e) {
                stuck = e.getMessage();
                log.add("! " + stuck);
            } finally {
                for (var t : List.of(table, second))
                    server.execute("DROP DATABASE IF EXISTS " + TableName.quote(t.database()) + " SYNC");
                for (var host : others)
                    host.execute("DROP DATABASE IF EXISTS " + TableName.quote(table.database()) + " SYNC");
                others.forEach(ClickHouse::close);
            }
        }
        return new Result(
                (lab.hosts().size() > 1 ? "1x" + lab.hosts().size() + "/" : "") + drawn.id(),
                drawn.seed(),
                (lab.hosts().size() > 1 ? "Replicated" : "") + drawn.kind(),
                control,
                found.lost(),
                found.doubled(),
                found.different(),
                stuck,
                found.none() && stuck.isEmpty(),
                rows,
                Duration.between(begun, Instant.now()).toMillis(),
                drawn.create(new TableName("db", "t"), drawn.keys().before()),
                List.copyOf(log));
    }

    private TableJudge.Found logged(String when, TableJudge.Found found) {
        log.add(when + ": " + found);
        return found;
    }

    /// There, back, there again, and final.
    private TableJudge.Found round(
            ClickHouse server,
            List<ClickHouse> others,
            TableName table,
            Feeding feeding,
            TableJudge judge,
            TableName before,
            TableName after)
            throws InterruptedException {
        var migration = migration(table);
        feeding.begin();
        run(server, migration, r -> r.run(migration, Optional.of("resume")));
        feeding.end();
        var found = logged("there", judged(judge, after, true, others));
        if (control) spoil(server, table, judge, after);
        if (!found.none() || control) return found;
        feeding.begin();
        run(server, migration, r -> r.rollback(migration));
        feeding.end();
        found = logged("back", judged(judge, before, false, others));
        if (!found.none()) return found;
        feeding.begin();
        run(server, migration, r -> r.run(migration, Optional.empty()));
        feeding.end();
        found = logged("there again", judged(judge, after, true, others));
        if (!found.none()) return found;
        run(server, migration, r -> r.run(new Finalize()));
        found = logged("final", judged(judge, after, false, others));
        var left = Stream.concat(Stream.of(server), others.stream())
                .flatMap(host -> new Catalog(host).tablesLike(table.database(), "t_").stream())
                .map(TableName::table)
                .filter(name -> name.contains("rekey") || name.contains("backup"))
                .toList();
        if (!left.isEmpty()) throw new Trouble.Failed("left behind: " + String.join(", ", left));
        return found;
    }

    /// The same on every host, and there as it should be.
    private static TableJudge.Found judged(
            TableJudge judge, TableName wanted, boolean during, List<ClickHouse> others) {
        var found = judge.judge(wanted, during);
        var different = new ArrayList<>(found.different());
        for (int n = 0; n < others.size(); n++) different.addAll(judge.otherThan(others.get(n), "host " + (n + 2)));
        return new TableJudge.Found(found.lost(), found.doubled(), List.copyOf(different));
    }

    private void spoil(ClickHouse server, TableName table, TableJudge judge, TableName after) {
        for (var spoilt : Spoilt.values()) {
            for (var sql : spoilt.doing(table.sql()))
                server.execute(sql, UUID.randomUUID().toString(), SYNC);
            var found = logged(spoilt.words, judge.judge(after, true));
            if (!spoilt.isFound(found))
                throw new Trouble.Failed("The judge has not found " + spoilt.words + ", but " + found + ".");
            for (var sql : spoilt.undoing(table.sql()))
                server.execute(sql, UUID.randomUUID().toString(), SYNC);
        }
    }

    private static final Map<String, String> SYNC = Map.of("mutations_sync", "2", "insert_deduplicate", "0");

    private void fill(ClickHouse server, TableName name, String engine) {
        server.execute("CREATE DATABASE " + TableName.quote(name.database()));
        create(server, name, drawn.keys().before(), engine);
        int third = DrawnTable.FILLED / 3;
        for (int n = 0; n < 2; n++) server.execute(drawn.insert(name, (long) n * third, third));
        if (!drawn.later().isEmpty()) server.execute(drawn.addLater(name));
        server.execute(drawn.insert(name, 2L * third, third));
        for (var sql : drawn.earlier())
            server.execute(sql.replace("{}", name.sql()), UUID.randomUUID().toString(), SYNC);
    }

    /// An empty table as it should be.
    private TableName wanted(ClickHouse server, TableName second, String which, Keys keys) {
        var name = second.sibling("wanted_" + which);
        create(server, name, keys, drawn.engine().clause);
        if (!drawn.later().isEmpty()) server.execute(drawn.addLater(name));
        return name;
    }

    private void create(ClickHouse server, TableName name, Keys keys, String engine) {
        server.execute(
                drawn.create(name, keys, engine),
                UUID.randomUUID().toString(),
                Map.of("allow_suspicious_low_cardinality_types", "1", "allow_suspicious_codecs", "1"));
    }

    private Migration migration(TableName table) {
        var keys = drawn.keys().after();
        return Migration.of(new Rewrite(
                "drawn", table, keys.partitionBy(), keys.primaryKey(), keys.orderBy(), keys.sampleBy(), ""));
    }

    private void run(ClickHouse server, Migration migration, Consumer<Runner> work) {
        if (lab.hosts().size() == 1) {
            work.accept(runner(session(server, migration)));
            return;
        }
        var hosts = new ArrayList<Topology.Host>();
        for (var host : lab.hosts()) hosts.add(new Topology.Host(host.address(), host.url(), hosts.isEmpty()));
        try (var session = Session.of(
                new Topology(List.of(hosts)),
                Set.of(),
                host -> ClickHouse.connect(Endpoint.of(host.url())),
                copier -> session(copier, migration),
                sql -> {})) {
            work.accept(runner(session));
        }
    }

    private static Runner runner(Session session) {
        return new Runner(session, false, List.of()).checked();
    }

    private Session session(ClickHouse server, Migration migration) {
        var rewrite = migration.rewrite();
        var journal = new Journal(
                server,
                rewrite.journal(),
                migration.name(),
                UUID.randomUUID().toString().substring(0, 8),
                Optional.empty());
        journal.listen(e -> log.add(e.step() + " " + e.event()));
        return new Session(server, rewrite, Map.of(), journal, new Control(LIMITS), new Progress());
    }
}
