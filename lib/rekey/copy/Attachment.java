package rekey.copy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.ServerGone;
import rekey.clickhouse.Sql;
import rekey.model.Blocks;
import rekey.model.Part;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Entry;
import rekey.session.Session;

/// The one moment in which rows enter a table: the parts of a checked staging table are attached to it.
///
/// ALTER TABLE ... ATTACH PARTITION is not atomic when the server is killed in it (32 of 1,500 parts were there after a
/// restart; DESIGN: exactness 1). So before it the journal is told the staging table's parts, and the highest block of
/// the table to be filled. An attached part is a hard link and keeps its `hash_of_all_files`; after any uncertainty the
/// active parts above that block are compared with the staging table's: all there, the attach has happened; none, it has
/// not; some, those are dropped and it has not. Merges of the filled table are held meanwhile, so that no attached part
/// can vanish into a merged one before it was seen.
public record Attachment(Session session, Direction direction) {
    static final Map<String, String> SETTINGS = Stream.concat(ClickHouse.LONG.entrySet().stream(), Map.of("max_partition_size_to_drop", "0").entrySet().stream())
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

    /// Attaches all of a staging table, and journals it.
    ///
    /// @param slices what the staging table holds, as blocks of the table that is read
    public void attach(TableName staging, Map<String, Blocks> slices, Checksum sum, int round) {
        var parts = session.catalog().parts(staging);
        // with no parts to wait for all of them would be found, and the chunk noted as carried
        if (parts.stream().mapToLong(Part::rows).sum() != sum.rows()) throw new Trouble.Stopped("The staging table " + staging + " no longer has the " + sum.rows()
                + " rows that were copied into it: another runner has taken over and dropped it. Nothing of it was attached; look with 'status'.");
        // around the last rounds they are held already, by the one who releases them
        boolean heldBefore = MergeHold.held(direction.to());
        if (!heldBefore) new MergeHold(session).hold(direction.to().name());
        var intent = session.journal().append("attach", Entry.Event.INTENT, new TreeMap<>(Map.of(
                "from", direction.from().uuid(), "to", direction.to().uuid(), "staging", staging.table(),
                "slices", Marks.encode(slices), "witness", "" + highest(direction.to().name()),
                "parts", parts.stream().map(Attachment::fingerprint).collect(Collectors.joining(" ")),
                "rows", "" + sum.rows(), "sum", sum.sum(), "xor", sum.xor(), "round", "" + round)));
        var refused = parts.isEmpty() ? Optional.<ServerError>empty() : send(staging, parts, intent);
        boolean there = settle(intent);
        if (!heldBefore) new MergeHold(session).release(direction.to().name());
        if (!there) throw refused.orElseGet(() -> new ServerError(0, "The server said that it attached " + staging + ", and its parts are not in "
                + direction.to().name() + ".", null));
    }

    /// @return the server's error, if it gave one: some of the commands may have been done before it
    private Optional<ServerError> send(TableName staging, List<Part> parts, Entry intent) {
        try {
            session.server().execute(attaching(direction.to().name(), staging, parts.stream().map(Part::partition).distinct().toList()), session.queryId("attach"), SETTINGS);
            return Optional.empty();
        } catch (ServerError e) {
            return Optional.of(e);
        } catch (ServerGone e) {
            throw e.saying(" Whether chunk " + intent.get("slices") + " was attached is told by the parts of "
                    + direction.to().name() + " when the server is back: run again.");
        }
    }

    /// The statement that attaches partitions of a staging table.
    static String attaching(TableName to, TableName staging, List<String> partitions) {
        return "ALTER TABLE " + to.sql() + " " + partitions.stream().map(p -> "ATTACH PARTITION ID " + Sql.text(p) + " FROM " + staging.sql()).collect(Collectors.joining(", "));
    }

    /// The statement that takes a part of an attach back that was cut short.
    static String dropping(TableName to, String part) {
        return "ALTER TABLE " + to.sql() + " DROP PART " + Sql.text(part) + " SETTINGS max_partition_size_to_drop = 0";
    }

    /// Finds out from the server whether an intended attach has happened, and journals the answer. Asked once for each open intent.
    ///
    /// @return whether the rows are there
    /// @throws Trouble.OutcomeUnknown when the table's parts can't tell
    public boolean settle(Entry intent) {
        var wanted = new ArrayList<String>(intent.get("parts").isEmpty() ? List.of() : List.of(intent.get("parts").split(" ")));
        long witness = Long.parseLong(intent.get("witness"));
        var fresh = session.catalog().parts(direction.to().name()).stream().filter(p -> p.minBlock() > witness).toList();
        var own = match(fresh, wanted);
        if (own.size() == wanted.size()) {
            journal(Entry.Event.ATTACHED, intent, own);
            return true;
        }
        if (merged(fresh, witness) || anew(fresh, wanted)) return byRows(intent, session.catalog().parts(direction.to().name()).stream().filter(p -> p.maxBlock() > witness).toList());
        for (var part : own) session.execute("drop-part", dropping(direction.to().name(), part.name()));
        journal(Entry.Event.ABANDONED, intent, List.of());
        return false;
    }

    private boolean byRows(Entry intent, List<Part> fresh) {
        var trace = new Trace(session, direction);
        var blocks = trace.blocks(intent, fresh).orElseThrow(() -> new Trouble.OutcomeUnknown("Whether chunk " + intent.get("slices") + " is in " + direction.to().name()
                + " can't be told: its parts were merged or changed behind rekey's back, and its rows tell nothing. Look with: SELECT * FROM system.part_log WHERE table = "
                + Sql.text(direction.to().name().table()) + " ORDER BY event_time_microseconds DESC. " + wayOn(trace, intent)));
        journal(blocks.isEmpty() ? Entry.Event.ABANDONED : Entry.Event.ATTACHED, intent, blocks, 0);
        return !blocks.isEmpty();
    }

    /// A target is nobody's before the swap. After it the table that was to be filled is the live one or the backup.
    private String wayOn(Trace trace, Entry intent) {
        var rewrite = session.rewrite();
        if (direction.from().name().equals(rewrite.source()) && !direction.to().name().equals(rewrite.backup())) return "Then roll back, or drop " + direction.to().name() + ".";
        return "Drop nothing. Its rows are SELECT * FROM " + trace.chunk(intent) + "; those of them that are there, SELECT * FROM " + trace.there(intent)
                + ". INSERT there what it lacks of them, and DELETE what it has twice: when it has each of them once, run again.";
    }

    /// Each part that was intended, once: two parts with the same content are two.
    private static List<Part> match(List<Part> fresh, List<String> wanted) {
        var left = new HashMap<String, Integer>();
        wanted.forEach(w -> left.merge(w, 1, Integer::sum));
        return fresh.stream().sorted(Comparator.comparingLong(Part::minBlock))
                .filter(p -> left.getOrDefault(fingerprint(p), 0) > 0 && left.merge(fingerprint(p), -1, Integer::sum) >= 0).toList();
    }

    /// A part that was written anew since its block came, by a mutation, or by an OPTIMIZE that found it alone in its partition:
    /// its hash is no longer that of the part that was attached. An INSERT into a collapsing table makes parts of level 1.
    private boolean anew(List<Part> fresh, List<String> wanted) {
        return fresh.stream().filter(p -> wanted.stream().anyMatch(w -> w.startsWith(p.partition() + "/"))).anyMatch(p -> p.level() > (direction.to().collapses() ? 1 : 0)
                || !p.name().equals(p.partition() + "_" + p.minBlock() + "_" + p.maxBlock() + "_" + p.level()));
    }

    /// A new part that reaches over several blocks was merged though merges are held: by a user's OPTIMIZE.
    private boolean merged(List<Part> fresh, long witness) {
        return fresh.stream().anyMatch(p -> p.maxBlock() > p.minBlock())
                || session.catalog().parts(direction.to().name()).stream().anyMatch(p -> p.minBlock() <= witness && p.maxBlock() > witness);
    }

    private void journal(Entry.Event event, Entry intent, List<Part> own) {
        journal(event, intent, rekey.clickhouse.Catalog.blocks(own), own.stream().mapToLong(Part::bytes).sum());
    }

    private void journal(Entry.Event event, Entry intent, Map<String, Blocks> own, long bytes) {
        var detail = new TreeMap<>(intent.detail());
        detail.remove("parts");
        detail.put("own", Marks.encode(own));
        detail.put("bytes", "" + bytes);
        session.journal().append("attach", event, detail);
    }

    private static String fingerprint(Part p) {
        return p.partition() + "/" + p.rows() + "/" + p.hash();
    }

    /// The highest block number in a table, over all parts that the server still knows; 0 for an empty one.
    private long highest(TableName table) {
        return session.server().one("SELECT max(max_block_number) AS b FROM system.parts WHERE database = "
                + Sql.text(table.database()) + " AND table = " + Sql.text(table.table())).number("b");
    }

    /// The intents of a direction that no line has settled yet: what a killed runner left open.
    public List<Entry> open(List<Entry> journal) {
        return Entry.unsettled(journal).stream().filter(e -> e.between(direction.from().uuid(), direction.to().uuid())).toList();
    }
}
