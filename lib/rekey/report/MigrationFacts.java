package rekey.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.Sql;
import rekey.copy.Chunk;
import rekey.copy.Marks;
import rekey.ingestion.HeldTime;
import rekey.migration.Migration;
import rekey.model.Keys;
import rekey.model.Part;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.report.facts.AttemptHistory;
import rekey.report.facts.IngestionPause;
import rekey.report.facts.QueryCosts;
import rekey.report.facts.WholeStory;
import rekey.run.MigrationState;
import rekey.run.Status;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Original;
import rekey.session.Session;

/// What a report says of a migration, read from the journal and the server by anyone, while it runs or afterwards.
///
/// @param at         when it was read, by the server's clock
/// @param before     the keys that the table had; after finalize as the plan was told
/// @param after      those it is to have, or has
/// @param partitions rows and parts of each partition on both sides, and what was checked; of all shards together
/// @param shards     of a cluster what happened on each
/// @param holds      times in which ingestion stood still
/// @param costs      of queries under both keys
/// @param backup     what finalize would free: bytes on disk, of one replica each; null where there is no backup
public record MigrationFacts(
        Instant at,
        Status status,
        Optional<Keys> before,
        Optional<Keys> after,
        AttemptHistory story,
        List<Partition> partitions,
        List<ShardHistory> shards,
        List<IngestionPause> holds,
        LoggedStatements statements,
        List<QueryCosts.Cost> costs,
        Long backup) {

    /// @param rowsBefore   in the old table's partition of this name now; where a partition key changes, names are
    ///                     different
    /// @param rowsSince    of the new table's those that came since the swap, by their blocks
    /// @param chunks       that were carried into it, each compared by count, sum and xor of row hashes
    public record Partition(
            String name,
            long rowsBefore,
            long rowsAfter,
            long rowsSince,
            long partsBefore,
            long partsAfter,
            long bytesBefore,
            long bytesAfter,
            long chunks) {
        /// Of two shards.
        Partition plus(Partition p) {
            return new Partition(
                    name,
                    rowsBefore + p.rowsBefore,
                    rowsAfter + p.rowsAfter,
                    rowsSince + p.rowsSince,
                    partsBefore + p.partsBefore,
                    partsAfter + p.partsAfter,
                    bytesBefore + p.bytesBefore,
                    bytesAfter + p.bytesAfter,
                    chunks + p.chunks);
        }
    }

    /// @param queries a person's own, with `{table}` where the table's name belongs
    public static MigrationFacts of(Session session, Migration migration, List<String> queries) {
        long us = HeldTime.now(session.server());
        var now = Instant.ofEpochSecond(us / 1_000_000, us % 1_000_000 * 1000);
        var status = Status.withLag(session, migration);
        var story = AttemptHistory.last(session.journal().entries());
        var old = side(session, true);
        var fresh = side(session, false);
        var statements = story.none()
                ? new LoggedStatements(List.of(), List.of(), "")
                : LoggedStatements.of(session, story.begun(), now);
        return new MigrationFacts(
                now,
                status,
                old.map(Table::keys).or(() -> planned(session)),
                fresh.map(Table::keys)
                        .or(() -> session.catalog()
                                .find(session.rewrite().source())
                                .map(session::keys)),
                story,
                partitions(session, status),
                ShardHistory.of(session),
                IngestionPause.of(story.lines(), statements.exchanges()),
                statements,
                costs(session, old, fresh, queries),
                backup(session));
    }

    /// On the hosts that copy; their replicas free as much again.
    private static Long backup(Session session) {
        return session.shards().stream()
                .flatMap(s -> s.catalog().find(s.rewrite().backup()).stream())
                .map(Table::bytes)
                .reduce(Long::sum)
                .orElse(null);
    }

    /// The table with the old keys, or with the new ones, under whichever name it stands.
    private static Optional<Table> side(Session s, boolean old) {
        var original = Original.find(s.journal().entries());
        for (TableName name :
                List.of(s.rewrite().source(), s.rewrite().target(), s.rewrite().backup())) {
            var table = s.catalog().find(name);
            boolean isOld = original.isEmpty()
                    ? name.equals(s.rewrite().source())
                    : table.isPresent()
                            && table.get().uuid().equals(original.get().uuid());
            if (table.isPresent() && isOld == old) return table;
        }
        return Optional.empty();
    }

    /// What the plan said of the table's keys before the first change.
    private static Optional<Keys> planned(Session s) {
        return Entry.last(s.journal().entries(), Detail.Planned.class)
                .map(p -> p.definition().facts())
                .map(facts -> new Keys(
                        facts.getOrDefault("partition key", ""),
                        facts.getOrDefault("primary key", ""),
                        facts.getOrDefault("sorting key", ""),
                        facts.getOrDefault("sampling key", "")));
    }

    private static List<Partition> partitions(Session session, Status status) {
        var all = new TreeMap<String, Partition>();
        for (var shard : HostsInParallel.each(session.shards(), s -> ofShard(s, status)))
            for (var p : shard) all.merge(p.name, p, Partition::plus);
        return List.copyOf(all.values());
    }

    private static List<Partition> ofShard(Session s, Status status) {
        var old = side(s, true);
        var fresh = side(s, false);
        var story = AttemptHistory.last(s.journal().entries());
        var all = new TreeMap<String, Partition>();
        old.ifPresent(t -> parts(s, t, true, all));
        fresh.ifPresent(t -> parts(s, t, false, all));
        var to = fresh.map(Table::uuid).orElse("");
        for (var a : Entry.all(story.lines(), Detail.Attached.class).toList()) {
            if (!a.to().equals(to)) continue;
            for (var partition : a.chunk().slices().keySet())
                all.computeIfPresent(
                        partition,
                        (n, p) -> new Partition(
                                n,
                                p.rowsBefore,
                                p.rowsAfter,
                                p.rowsSince,
                                p.partsBefore,
                                p.partsAfter,
                                p.bytesBefore,
                                p.bytesAfter,
                                p.chunks + 1));
        }
        // from the same parts as what came since: rows may come in this very moment
        var parts = fresh.map(t -> s.catalog().parts(t.name())).orElse(List.of());
        since(s, status, parts, old, fresh)
                .forEach((name, rows) -> all.computeIfPresent(
                        name,
                        (n, p) -> new Partition(
                                n,
                                p.rowsBefore,
                                parts.stream()
                                        .filter(part -> part.partition().equals(n))
                                        .mapToLong(Part::rows)
                                        .sum(),
                                rows,
                                p.partsBefore,
                                p.partsAfter,
                                p.bytesBefore,
                                p.bytesAfter,
                                p.chunks)));
        return List.copyOf(all.values());
    }

    /// Rows of the new table that no chunk brought. Without them old and new did not add up, and a reader looked for
    /// a difference that was none.
    private static Map<String, Long> since(
            Session s, Status status, List<Part> parts, Optional<Table> old, Optional<Table> fresh) {
        var out = new TreeMap<String, Long>();
        if (status.state() != MigrationState.SWAPPED || old.isEmpty() || fresh.isEmpty()) return out;
        var pending = Marks.read(
                        s.journal().entries(), fresh.get().uuid(), old.get().uuid())
                .pending(fresh.get(), parts, Long.MAX_VALUE);
        if (pending.isEmpty()) return out;
        for (var r : s.server()
                .query("SELECT _partition_id AS rekey_partition, count() AS rekey_rows FROM "
                        + fresh.get().name().sql() + " WHERE "
                        + Chunk.join(pending).condition() + " GROUP BY rekey_partition"))
            out.put(r.string("rekey_partition"), r.number("rekey_rows"));
        return out;
    }

    private static void parts(Session s, Table table, boolean old, Map<String, Partition> all) {
        for (var r : s.server()
                .query("SELECT partition_id AS p, sum(rows) AS r, count() AS n, sum(bytes_on_disk) AS b FROM"
                        + " system.parts WHERE active AND database = "
                        + Sql.text(table.name().database()) + " AND table = "
                        + Sql.text(table.name().table()) + " GROUP BY p")) {
            var p = all.getOrDefault(r.string("p"), new Partition(r.string("p"), 0, 0, 0, 0, 0, 0, 0, 0));
            all.put(
                    p.name,
                    old
                            ? new Partition(
                                    p.name,
                                    r.number("r"),
                                    p.rowsAfter,
                                    p.rowsSince,
                                    r.number("n"),
                                    p.partsAfter,
                                    r.number("b"),
                                    p.bytesAfter,
                                    p.chunks)
                            : new Partition(
                                    p.name,
                                    p.rowsBefore,
                                    r.number("r"),
                                    p.rowsSince,
                                    p.partsBefore,
                                    r.number("n"),
                                    p.bytesBefore,
                                    r.number("b"),
                                    p.chunks));
        }
    }

    /// Where both tables stand. While the new one is being filled an estimate says little, so only a person's own
    /// are asked then.
    private static List<QueryCosts.Cost> costs(
            Session s, Optional<Table> old, Optional<Table> fresh, List<String> queries) {
        if (old.isEmpty() || fresh.isEmpty() || fresh.get().rows() == 0) return List.of();
        var costs = new QueryCosts(s.server(), old.get(), fresh.get());
        var out = new ArrayList<>(costs.of(queries, s.rewrite().source()));
        out.addAll(costs.ofKeys());
        return out;
    }

    /// Of all shards.
    WholeStory whole() {
        return new WholeStory(
                shards.isEmpty()
                        ? List.of(story)
                        : shards.stream().map(ShardHistory::story).toList());
    }

    /// For a program.
    public Map<String, Object> json() {
        var out = new LinkedHashMap<String, Object>();
        out.put("at", at.toString());
        out.put("status", status);
        out.put("before", before.orElse(null));
        out.put("after", after.orElse(null));
        out.put(
                "steps",
                story.none()
                        ? List.of()
                        : story.steps().stream()
                                .map(t -> Map.of(
                                        "step",
                                        t.step(),
                                        "begun",
                                        t.begun().toString(),
                                        "ms",
                                        t.ms(),
                                        "rows",
                                        t.rows()))
                                .toList());
        out.put("holds", holds.stream().map(MigrationFacts::json).toList());
        out.put("partitions", partitions);
        out.put("shards", shards.stream().map(ShardHistory::json).toList());
        out.put("statements", statements.kinds());
        out.put("queries", costs);
        out.put("backupBytes", backup);
        return out;
    }

    private static Map<String, Object> json(IngestionPause h) {
        var out = new LinkedHashMap<String, Object>();
        out.put("since", h.since().toString());
        out.put("until", h.until() == null ? null : h.until().toString());
        out.put("heldMs", h.heldMs());
        out.put("by", h.by());
        out.put(
                "shares",
                h.shares().stream()
                        .map(s -> Map.of("what", s.what(), "ms", s.ms()))
                        .toList());
        return out;
    }
}
