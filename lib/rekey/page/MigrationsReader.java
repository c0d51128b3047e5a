package rekey.page;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import rekey.cli.Consent;
import rekey.cli.Job;
import rekey.cli.text.EventLine;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.Peer;
import rekey.clickhouse.Sql;
import rekey.migration.Migration;
import rekey.migration.Migrations;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.CheckResults;
import rekey.run.Lag;
import rekey.run.MigrationState;
import rekey.run.Status;
import rekey.session.CopyingHost;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Entry.Event;
import rekey.session.Limits;
import rekey.session.Session;
import rekey.step.Position;
import rekey.step.Step;
import rekey.step.Steps;

/// Looks at all migrations of a database, by reading alone.
final class MigrationsReader {
    private static final int POINTS = 240, LINES = 40;
    private static final Duration CHECKED = Duration.ofSeconds(15);

    private final ClickHouse server;
    private final PageOptions options;
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    /// A migration with its own connection to Kafka, kept from one look to the next.
    private static final class Known {
        final Session session;
        final Migration migration;
        final Lag lag = new Lag();
        final Instant at;
        Instant checked = Instant.EPOCH;
        List<ShownMigration.Verdict> checks = List.of();

        Known(Session session, Migration migration) {
            this.session = session;
            this.migration = migration;
            at = lastRunAt(session);
        }

        /// Whether a run has begun since: another host may copy in it.
        boolean isOld() {
            return session.copying().ofSeveral() && !lastRunAt(session).equals(at);
        }

        private static Instant lastRunAt(Session session) {
            return CopyingHost.LastRun.in(session.journal()).at();
        }
    }

    MigrationsReader(ClickHouse server, PageOptions options) {
        this.server = server;
        this.options = options;
    }

    /// The newest first.
    List<ShownMigration> look() {
        return Migrations.known(server).stream().map(this::shown).toList();
    }

    /// One that can't be read says why, and hides no other: a journal with a line of a newer version once emptied
    /// the page.
    private ShownMigration shown(String name) {
        try {
            return of(known(name));
        } catch (RuntimeException e) {
            server.query("SELECT 1"); // where the server is away nothing is told of any
            return ShownMigration.unreadable(name, String.valueOf(e.getMessage()));
        }
    }

    /// @throws Trouble.Usage when the journal knows no such migration
    Session session(String name) {
        return known(name).session;
    }

    Migration migration(String name) {
        return known(name).migration;
    }

    private Known known(String name) {
        // by another host's names its tables would not be found under the journal's
        known.computeIfPresent(name, (n, k) -> k.isOld() ? closed(k) : k);
        return known.computeIfAbsent(name, n -> {
            var migration = Migrations.named(server, n);
            // of all hosts: an order is read by the one that copies, whichever the page was opened by
            var session = Job.session(
                    options, server, migration, Limits.DEFAULT, host -> host.local() ? server : options.connect(host));
            return new Known(session, migration);
        });
    }

    /// But for the connection that the page itself was opened with.
    private Known closed(Known k) {
        k.lag.close();
        for (var s : k.session.shards()) {
            s.peers().forEach(Peer::close);
            if (s.server() != server) s.server().close();
        }
        return null;
    }

    private ShownMigration of(Known k) {
        var s = k.session.glance();
        var journal = s.journal().entries();
        long messages = k.lag.now(k.session);
        var status = Status.of(s, k.migration, messages < 0 ? null : messages);
        boolean runs = status.state() == MigrationState.RUNNING;
        if (!runs) k.checks = List.of();
        else if (k.checked.plus(CHECKED).isBefore(Instant.now())) {
            k.checked = Instant.now();
            k.checks = CheckResults.during(k.session).verdicts().stream()
                    .map(v -> new ShownMigration.Verdict(
                            v.name(), v.verdict().name().toLowerCase(Locale.ROOT), v.saw()))
                    .toList();
        }
        var holds = holds(journal);
        var held = holds.isEmpty() || holds.getLast().to() != null
                ? null
                : Entry.last(journal, Detail.Held.class).orElseThrow();
        return new ShownMigration(
                s.journal().migration(),
                status,
                phases(k.migration, status, s, journal),
                partitions(s),
                thinned(carried(ofAll(s))),
                thinned(lag(journal)),
                holds,
                held == null ? null : held.deadline().toEpochMilli(),
                runs && ordered(journal, "throttle", "no-throttle"),
                runs && ordered(journal, "postpone", "unpostpone"),
                k.checks,
                lines(journal),
                status.allowed().contains("rollback") ? new Consent(s, k.migration).rollback() : List.of());
    }

    private static List<ShownMigration.Phase> phases(
            Migration migration, Status status, Session s, List<Entry> journal) {
        var names = Steps.flat(migration.steps()).stream().map(Step::name).toList();
        boolean none = List.of(MigrationState.ROLLED_BACK, MigrationState.NOT_BEGUN, MigrationState.UNKNOWN)
                .contains(status.state());
        // a migration behind its swap waits for finalize with all steps done, but for what is left open
        var left = none || status.state() == MigrationState.FINALIZED
                ? List.<String>of()
                : rekey.run.Plan.left(s, migration).stream().map(Step::name).toList();
        int now = names.indexOf(status.step());
        boolean runs = status.state() == MigrationState.RUNNING;
        var out = new ArrayList<ShownMigration.Phase>();
        for (int i = 0; i < names.size(); i++)
            out.add(new ShownMigration.Phase(
                    names.get(i),
                    none
                            ? "later"
                            : i == now && runs ? "now" : left.contains(names.get(i)) && i >= now ? "later" : "done"));
        return out;
    }

    /// The journals of all shards, line by line as they were written.
    private static List<Entry> ofAll(Session s) {
        if (s.others().isEmpty()) return s.journal().entries();
        return s.shards().stream()
                .flatMap(shard -> shard.journal().entries().stream())
                .sorted(Comparator.comparing(Entry::at))
                .toList();
    }

    /// By the partitions of the table that is copied from, of all shards together; where the new one is partitioned
    /// otherwise, as one.
    private static List<ShownMigration.Partition> partitions(Session s) {
        var of = new TreeMap<String, Long>();
        var done = new TreeMap<String, Long>();
        for (var shard : HostsInParallel.each(s.shards(), MigrationsReader::rows)) {
            shard.of.forEach((p, n) -> of.merge(p, n, Long::sum));
            shard.done.forEach((p, n) -> done.merge(p, n, Long::sum));
        }
        if (!of.keySet().containsAll(done.keySet()))
            return List.of(new ShownMigration.Partition(
                    "all",
                    of.values().stream().mapToLong(n -> n).sum(),
                    done.values().stream().mapToLong(n -> n).sum()));
        return of.entrySet().stream()
                .map(e -> new ShownMigration.Partition(e.getKey(), e.getValue(), done.getOrDefault(e.getKey(), 0L)))
                .toList();
    }

    /// Of one shard, by partitions.
    private record Rows(Map<String, Long> of, Map<String, Long> done) {}

    private static Rows rows(Session s) {
        var rows = new Rows(new TreeMap<>(), new TreeMap<>());
        var r = s.rewrite();
        TableName from, to;
        try {
            switch (Position.of(s)) {
                case Position.Created c -> {
                    from = r.source();
                    to = r.target();
                }
                case Position.Swapped b -> {
                    from = b.backup();
                    to = r.source();
                }
                default -> {
                    return rows;
                }
            }
        } catch (Trouble.OutcomeUnknown e) {
            return rows; // the status says so
        }
        for (var row : s.server()
                .query("SELECT table, partition AS p, sum(rows) AS n FROM system.parts WHERE active AND database = "
                        + Sql.text(from.database()) + " AND table IN (" + Sql.text(from.table()) + ", "
                        + Sql.text(to.table()) + ") GROUP BY table, p ORDER BY p"))
            (row.string("table").equals(from.table()) ? rows.of : rows.done).put(row.string("p"), row.number("n"));
        return rows;
    }

    private static List<ShownMigration.Point> carried(List<Entry> journal) {
        var out = new ArrayList<ShownMigration.Point>();
        long rows = 0;
        for (var e : journal)
            switch (e.detail()) {
                case Detail.Locked l -> {
                    if (out.isEmpty()) out.add(new ShownMigration.Point(e.at().toEpochMilli(), 0));
                }
                case Detail.Attached a ->
                    out.add(new ShownMigration.Point(
                            e.at().toEpochMilli(), rows += a.chunk().rows()));
                default -> {
                    if (e.event() != Event.ROLLED_BACK) continue;
                    rows = 0;
                    out.clear();
                }
            }
        return out;
    }

    private static List<ShownMigration.Point> lag(List<Entry> journal) {
        var out = new ArrayList<ShownMigration.Point>();
        for (var e : journal)
            if (e.detail() instanceof Detail.Sample s && s.lag().isPresent())
                out.add(new ShownMigration.Point(e.at().toEpochMilli(), s.lag().get()));
        return out;
    }

    private static List<ShownMigration.Point> thinned(List<ShownMigration.Point> all) {
        int step = Math.ceilDiv(all.size(), POINTS);
        var out = new ArrayList<ShownMigration.Point>();
        for (int i = 0; i < all.size(); i++) if (i % step == 0 || i == all.size() - 1) out.add(all.get(i));
        return out;
    }

    private static List<ShownMigration.Hold> holds(List<Entry> journal) {
        var out = new ArrayList<ShownMigration.Hold>();
        for (var e : journal) {
            if (e.event() == Event.HELD) out.add(new ShownMigration.Hold(e.at().toEpochMilli(), null));
            if (e.event() == Event.RESUMED && !out.isEmpty() && out.getLast().to() == null)
                out.set(out.size() - 1, new ShownMigration.Hold(out.getLast().from(), e.at().toEpochMilli()));
        }
        return out;
    }

    /// Which of two orders was the last of this run.
    private static boolean ordered(List<Entry> journal, String yes, String no) {
        boolean on = false;
        for (var e : journal) {
            if (e.event() == Event.LOCKED) on = false;
            if (e.detail() instanceof Detail.Order o && o.order().equals(yes)) on = true;
            if (e.detail() instanceof Detail.Order o && o.order().equals(no)) on = false;
        }
        return on;
    }

    /// As they are told on a terminal; those that say nothing to a person are left out.
    private static List<ShownMigration.Line> lines(List<Entry> journal) {
        var told = new ArrayList<ShownMigration.Line>();
        for (int i = journal.size() - 1; i >= 0 && told.size() < LINES; i--) {
            var e = journal.get(i);
            var text = EventLine.text(e).replaceFirst("^.{10} ", ""); // the step stands in a column of its own
            if (e.detail() instanceof Detail.Order(var order, var argument)) text = "order: " + order + " " + argument;
            if (!text.isEmpty())
                told.add(new ShownMigration.Line(
                        e.at().toEpochMilli(), e.step(), e.event().name(), text));
        }
        return told;
    }
}
