package rekey.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import rekey.clickhouse.Sql;
import rekey.ingestion.HeldTime;
import rekey.migration.Migration;
import rekey.model.Keys;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.run.Lag;
import rekey.run.Status;
import rekey.session.Entry;
import rekey.session.Original;
import rekey.session.Session;
import tools.jackson.databind.json.JsonMapper;

/// What a report says of a migration, read from the journal and the server by anyone, while it runs or afterwards.
///
/// @param at         when it was read, by the server's clock
/// @param before     the keys that the table had; after finalize as the plan was told
/// @param after      those it is to have, or has
/// @param partitions rows and parts of each partition on both sides, and what was checked
/// @param holds      times in which ingestion stood still
/// @param costs      of queries under both keys
/// @param backup     what finalize would free: bytes on disk; null where there is no backup
public record Facts(Instant at, Status status, Optional<Keys> before, Optional<Keys> after, Story story, List<Partition> partitions, List<Hold> holds,
                    Statements statements, List<Costs.Cost> costs, Long backup) {

    /// @param rowsBefore   in the old table's partition of this name now; where a partition key changes, names are different
    /// @param chunks       that were carried into it, each compared by count, sum and xor of row hashes
    public record Partition(String name, long rowsBefore, long rowsAfter, long partsBefore, long partsAfter, long bytesBefore, long bytesAfter, long chunks) { }

    /// @param queries a person's own, with `{table}` where the table's name belongs
    public static Facts of(Session session, Migration migration, List<String> queries) {
        long us = HeldTime.now(session.server());
        var now = Instant.ofEpochSecond(us / 1_000_000, us % 1_000_000 * 1000);
        var status = Status.of(session, migration, Lag.of(session));
        var story = Story.last(session.journal().entries());
        var old = side(session, true);
        var fresh = side(session, false);
        var statements = story.none() ? new Statements(List.of(), List.of(), "") : Statements.of(session, story.begun(), now);
        return new Facts(now, status, old.map(Table::keys).or(() -> planned(session)), fresh.map(Table::keys).or(() -> session.catalog().find(session.rewrite().source()).map(session::keys)), story,
                partitions(session, story, old, fresh), Hold.of(story.lines(), statements.exchanges()), statements, costs(session, old, fresh, queries), session.catalog().find(session.rewrite().backup()).map(Table::bytes).orElse(null));
    }

    /// The table with the old keys, or with the new ones, under whichever name it stands.
    private static Optional<Table> side(Session s, boolean old) {
        var original = Original.find(s.journal().entries());
        for (TableName name : List.of(s.rewrite().source(), s.rewrite().target(), s.rewrite().backup())) {
            var table = s.catalog().find(name);
            boolean isOld = original.isEmpty() ? name.equals(s.rewrite().source()) : table.isPresent() && table.get().uuid().equals(original.get().uuid());
            if (table.isPresent() && isOld == old) return table;
        }
        return Optional.empty();
    }

    /// What the plan said of the table's keys before the first change.
    private static Optional<Keys> planned(Session s) {
        return s.journal().entries().stream().filter(e -> e.event() == Entry.Event.PLANNED).reduce((a, b) -> b).map(e -> {
            var facts = JsonMapper.shared().readTree(e.get("definition")).path("facts");
            return new Keys(facts.path("partition key").asString(""), facts.path("primary key").asString(""), facts.path("sorting key").asString(""), facts.path("sampling key").asString(""));
        });
    }

    private static List<Partition> partitions(Session s, Story story, Optional<Table> old, Optional<Table> fresh) {
        var all = new TreeMap<String, Partition>();
        old.ifPresent(t -> parts(s, t, true, all));
        fresh.ifPresent(t -> parts(s, t, false, all));
        var to = fresh.map(Table::uuid).orElse("");
        for (var e : story.all(Entry.Event.ATTACHED)) {
            if (!e.get("to").equals(to)) continue;
            for (var slice : e.get("slices").split(" ")) all.computeIfPresent(slice.substring(0, Math.max(0, slice.lastIndexOf(':'))),
                    (n, p) -> new Partition(n, p.rowsBefore, p.rowsAfter, p.partsBefore, p.partsAfter, p.bytesBefore, p.bytesAfter, p.chunks + 1));
        }
        return List.copyOf(all.values());
    }

    private static void parts(Session s, Table table, boolean old, Map<String, Partition> all) {
        for (var r : s.server().query("SELECT partition_id AS p, sum(rows) AS r, count() AS n, sum(bytes_on_disk) AS b FROM system.parts WHERE active AND database = "
                + Sql.text(table.name().database()) + " AND table = " + Sql.text(table.name().table()) + " GROUP BY p")) {
            var p = all.getOrDefault(r.string("p"), new Partition(r.string("p"), 0, 0, 0, 0, 0, 0, 0));
            all.put(p.name, old ? new Partition(p.name, r.number("r"), p.rowsAfter, r.number("n"), p.partsAfter, r.number("b"), p.bytesAfter, p.chunks)
                    : new Partition(p.name, p.rowsBefore, r.number("r"), p.partsBefore, r.number("n"), p.bytesBefore, r.number("b"), p.chunks));
        }
    }

    /// Where both tables stand. While the new one is being filled an estimate says little, so only a person's own are asked then.
    private static List<Costs.Cost> costs(Session s, Optional<Table> old, Optional<Table> fresh, List<String> queries) {
        if (old.isEmpty() || fresh.isEmpty() || fresh.get().rows() == 0) return List.of();
        var costs = new Costs(s.server(), old.get(), fresh.get());
        var out = new ArrayList<>(costs.of(queries, s.rewrite().source()));
        out.addAll(costs.ofKeys());
        return out;
    }

    /// For a program.
    public Map<String, Object> json() {
        var out = new LinkedHashMap<String, Object>();
        out.put("at", at.toString());
        out.put("status", status);
        out.put("before", before.orElse(null));
        out.put("after", after.orElse(null));
        out.put("steps", story.none() ? List.of() : story.steps().stream().map(t -> Map.of("step", t.step(), "begun", t.begun().toString(), "ms", t.ms(), "rows", t.rows())).toList());
        out.put("holds", holds.stream().map(Facts::json).toList());
        out.put("partitions", partitions);
        out.put("statements", statements.kinds());
        out.put("queries", costs);
        out.put("backupBytes", backup);
        return out;
    }

    private static Map<String, Object> json(Hold h) {
        var out = new LinkedHashMap<String, Object>();
        out.put("since", h.since().toString());
        out.put("until", h.until() == null ? null : h.until().toString());
        out.put("heldMs", h.heldMs());
        out.put("by", h.by());
        out.put("shares", h.shares().stream().map(s -> Map.of("what", s.what(), "ms", s.ms())).toList());
        return out;
    }
}
