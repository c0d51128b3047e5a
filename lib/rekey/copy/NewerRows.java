package rekey.copy;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Row;
import rekey.clickhouse.Sql;
import rekey.model.Blocks;
import rekey.model.Mutation;
import rekey.model.Part;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.MadeTables;
import rekey.session.Session;

/// Rows that the live table received by itself since the EXCHANGE. No older row of their keys may be
/// placed behind them.
///
/// Of two rows of a key with equal versions, or none, a ReplacingMergeTree keeps the one that was inserted last.
/// What an EXCHANGE left in the displaced table is older than what came into the live one since: its statement began
/// before. Attached behind, it displaced the newer row for good (4 runs of 4, exit 0).
///
/// So of a chunk those rows stay out of the live table that would displace such a row: of its key and partition as
/// the live table has them, with the same version where it has one. A higher version wins wherever it stands, and a
/// lower one loses: they are carried. What stays out counts as carried: it is in the displaced table, behind which
/// the newer row comes on the way back. A comparison passes over its keys.
///
/// A newer row may come between the look for it and the attach. Blocks are numbered in the order in which they are
/// committed, and merges are held meanwhile: so behind the attach it is looked once more whether a row stands before
/// those attached that it must not stand before. Then these parts are dropped, and the chunk is sifted anew.
///
/// On a replicated table a row of another host may have a lower block than the attached ones and be seen only when
/// the copier has fetched it: so that is waited for before each of the two looks.
///
/// Nor are rows put behind a DELETE that the live table's writers made since: one that was inserted through the
/// EXCHANGE and deleted when that was answered came again with the trailing round. Such rows stay out, too, whatever
/// the engine. Of rows that were committed later than it they do not: their INSERT ended behind the DELETE, which
/// did not see them.
public record NewerRows(Session session, Direction direction) {
    private static final int FEW_PARTS = 1000;
    /// So often parts are looked up whose names change while they are read.
    private static final int LOOKS = 10;
    /// So many seconds the clocks of a shard's hosts may be apart.
    private static final long CLOCKS = 2;
    /// From the number of a block to its commit.
    private static final Duration COMMIT = Duration.ofSeconds(2);
    private static final String NOW = "toUnixTimestamp64Micro(now64(6))";
    private static final Map<String, String> READ = reading(Copier.READ);

    /// What of a staging table is attached.
    ///
    /// @param whole   of all that was copied
    /// @param carried of what is attached
    /// @param left    the blocks of the table that is read from which a row stays out, by partition
    /// @param deletes the number of the last DELETE of the live table that was looked at; 0 for none
    record Sifted(TableName staging, Checksum whole, Checksum carried, Map<String, Blocks> left, long deletes) {
        /// How many rows stay out.
        long behind() {
            return whole.rows() - carried.rows();
        }
    }

    /// Keys are told as they were looked for: by another time zone a row would stay out that has no newer one.
    private Map<String, String> filling() {
        var all = new HashMap<>(READ);
        all.putAll(copying(direction));
        return Map.copyOf(all);
    }

    /// The settings of that statement besides those of all that reads. NULLs in a key are equal.
    public static Map<String, String> copying(Direction direction) {
        var all = new TreeMap<>(Copier.copying(direction.collapsing()));
        all.put("transform_null_in", "1");
        return all;
    }

    private static Map<String, String> reading(Map<String, String> settings) {
        var all = new HashMap<>(settings);
        all.put("transform_null_in", "1");
        return Map.copyOf(all);
    }

    /// Whether the order may decide: it is the live table that is filled.
    boolean matters() {
        return direction.intoLive();
    }

    /// Whether it does even where nobody deletes: the live table keeps one row a key.
    public static boolean matters(Session session, Direction direction) {
        return direction.intoLive() && direction.to().replacing();
    }

    /// Takes out of a checked staging table what would come in behind newer rows, or behind DELETEs.
    ///
    /// @param another a name for the table that gets the rest, if there is anything to take out
    Sifted sift(TableName staging, Checksum sum, Chunk chunk, TableName another) {
        if (matters(session, direction))
            new Peers(session).awaitFetched(direction.to().name());
        var known = deletes();
        var deletes = since(chunk, known);
        if (sum.rows() > 0) new UntoldChanges(session, direction).mustBeTold(staging, deletes);
        var all = new Sifted(staging, sum, sum, Map.of(), last(known));
        var came = matters(session, direction) ? came() : Optional.<Chunk>empty();
        if (came.isEmpty() && deletes.isEmpty() || sum.rows() == 0) return all;
        var spared = OpenDeletes.spared(conditions(deletes));
        var newer = came.map(c -> row() + " IN (SELECT " + row() + " FROM "
                        + direction.to().name().sql() + " WHERE " + c.condition() + ofKeys(staging.sql()) + ")")
                .orElse("0");
        var behind = deletes.isEmpty() ? newer : "(NOT " + spared + " OR " + newer + ")";
        if (read("SELECT count() AS rekey_rows FROM " + staging.sql() + " WHERE " + behind)
                        .getFirst()
                        .number("rekey_rows")
                == 0) return all;
        var uuid = MadeTables.uuid(session.journal().runner(), another);
        for (var sql : Ddl.identified(
                Ddl.staging(direction.to(), another, direction.to().keys()), another, uuid))
            session.server().execute(sql, session.queryId("staging"), Ddl.creating(direction.to()));
        session.server().execute(insert(direction, staging, another, behind), session.queryId("copy"), filling());
        var carried = sum(another, "1");
        // rows may have come into the live table meanwhile, so by the keys that were kept
        var kept = "(" + spared
                + (came.isEmpty() ? "" : " AND " + row() + " IN (SELECT " + row() + " FROM " + another.sql() + ")")
                + ")";
        if (!carried.equals(sum(staging, kept)))
            throw new Trouble.Failed("The copy of " + chunk + " without the rows that "
                    + direction.to().name()
                    + " has newer ones of differs from what was to be kept. Nothing of it was attached: run again.");
        return new Sifted(another, sum, carried, came.isEmpty() ? Map.of() : blocks(chunk, staging, kept), last(known));
    }

    private List<Mutation> deletes() {
        return new UntoldChanges(session, direction).ofLive();
    }

    /// Those that came behind the rows of a chunk, as far as whole seconds tell. In doubt a DELETE did: the rows'
    /// INSERT began before the EXCHANGE and the DELETE behind it, so at worst the two ran side by side.
    private List<Mutation> since(Chunk chunk, List<Mutation> deletes) {
        if (deletes.isEmpty()) return deletes;
        long committed = committed(chunk) - (direction.from().replicated() ? CLOCKS : 0);
        return deletes.stream().filter(m -> m.second() >= committed).toList();
    }

    /// When the rows of a chunk were committed, as far as their parts tell: those that a mutation or a merge has
    /// written do not, and count as from long ago. A host that has fetched a part has its own time of it, which is
    /// later: where it was inserted it is the earliest.
    private long committed(Chunk chunk) {
        // only where it was inserted that is known, which may be a host that is left out
        if (!session.copying().leftOut().all().isEmpty()) return 0;
        var from = direction.from().name();
        var written = "data_version = min_block_number AND min_block_number = max_block_number AND level <= "
                + (direction.from().collapses() ? 1 : 0);
        var sql = "SELECT count() AS n, min(if(" + written + ", toUnixTimestamp(modification_time), 0)) AS s FROM"
                + " system.parts WHERE database = " + Sql.text(from.database()) + " AND table = "
                + Sql.text(from.table()) + " AND name IN " + Sql.list(chunk.parts());
        return session.hosts().stream()
                .map(host -> host.query(sql, session.queryId("newer"), READ).getFirst())
                .filter(r -> r.number("n") == chunk.parts().size())
                .mapToLong(r -> r.number("s"))
                .min()
                .orElse(0);
    }

    private static long last(List<Mutation> deletes) {
        return deletes.stream().mapToLong(Mutation::number).max().orElse(0);
    }

    private static List<String> conditions(List<Mutation> deletes) {
        return deletes.stream().flatMap(m -> m.deletes().stream()).distinct().toList();
    }

    /// The statement that takes out of a staging table what may be attached.
    ///
    /// @param behind the condition of the rows that stay out
    public static String insert(Direction direction, TableName staging, TableName another, String behind) {
        var columns = direction.to().columnList();
        return "INSERT INTO " + another.sql() + " (" + columns + ") SELECT " + columns + " FROM " + staging.sql()
                + " WHERE NOT " + behind;
    }

    /// Which blocks of the table that is read the rows came from that stay out.
    private Map<String, Blocks> blocks(Chunk chunk, TableName staging, String kept) {
        var out = new TreeMap<String, Blocks>();
        // by block numbers alone that column is read of every part there is
        boolean still = chunk.parts().size() <= FEW_PARTS
                && chunk.partNames(session.catalog().parts(direction.from().name()))
                        .equals(chunk.parts());
        for (var r : read("SELECT DISTINCT _partition_id AS rekey_partition, _block_number AS rekey_block FROM "
                + direction.from().name().sql() + " WHERE "
                + (still ? chunk.conditionInParts() : chunk.condition()) + " AND tuple(" + values()
                + ") IN (SELECT tuple(" + values() + ") FROM " + staging.sql() + " WHERE NOT " + kept + ")"))
            out.merge(
                    r.string("rekey_partition"),
                    Blocks.of(r.number("rekey_block"), r.number("rekey_block")),
                    Blocks::plus);
        return out;
    }

    /// Whether a row stands before attached ones that must not be displaced by them, or a DELETE that was to take
    /// one of them.
    ///
    /// @param own    the parts that were attached
    /// @param looked the last DELETE that was looked at before
    boolean standsBefore(List<Part> own, long looked) {
        if (own.isEmpty()) return false;
        if (matters(session, direction)) awaitEarlier();
        var deletes = before(own, looked);
        var before = matters(session, direction) ? before(own) : Map.<String, Blocks>of();
        // sifted anew, it is told
        if (deletes.stream().anyMatch(m -> m.deletes().isEmpty())) return true;
        if (before.isEmpty() && deletes.isEmpty()) return false;
        for (int looks = 1; looks <= LOOKS; looks++) {
            var now = now(own);
            if (now.size() < own.size()) break;
            var found = behind(now, before, conditions(deletes));
            if (found.number("rekey_behind") > 0) return true;
            // where a mutation wrote them anew meanwhile its rows are gone for good
            if (found.number("rekey_rows") == now.stream().mapToLong(Part::rows).sum()
                    || now.stream().anyMatch(Part::masked) && now.equals(now(own))) return false;
        }
        throw new Trouble.OutcomeUnknown(
                "The parts that were attached to " + direction.to().name()
                        + " were merged or changed in this moment, before it was known whether a newer row of their"
                        + " keys came first. Look with: SELECT * FROM system.part_log WHERE table = "
                        + Sql.text(direction.to().name().table()) + " ORDER BY event_time_microseconds DESC. Run resume"
                        + " again: it goes on from what stands there.");
    }

    /// Other hosts' rows with lower blocks than those attached. An INSERT takes its block's number a moment before
    /// it is committed, so those that run are waited for; then the copier fetches what they brought. A row
    /// that came by the other host, and was fetched behind the attach, was displaced by the one before it (a test).
    private void awaitEarlier() {
        if (!direction.to().replicated() || session.peers().isEmpty()) return;
        var until = Instant.now().plus(COMMIT);
        var since = session.hosts().stream()
                .collect(Collectors.toMap(
                        host -> host,
                        host -> host.one("SELECT " + NOW + " AS us").number("us")));
        while (Instant.now().isBefore(until)
                && session.hosts().stream()
                        .anyMatch(host -> host.one("SELECT count() AS n FROM system.processes WHERE query_kind IN"
                                                + " ('Insert',"
                                                + " 'AsyncInsertFlush')"
                                                + " AND NOT"
                                                + " startsWith(query_id,"
                                                + " 'rekey')"
                                                + " AND " + NOW + " - toInt64(elapsed * 1000000) < " + since.get(host))
                                        .number("n")
                                > 0)) session.control().sleep(20);
        new Peers(session).awaitFetched(direction.to().name());
    }

    /// Attached rows that somebody's OPTIMIZE has merged with the live table's own before that was looked at: they
    /// can't be taken out again, and a newer row that they displaced is gone. So it is told, once.
    ///
    /// @param own    the blocks that were attached
    /// @param parts  those that they are in
    /// @param looked the last DELETE that was looked at before
    /// @throws Trouble.OutcomeUnknown where one may have been, or a DELETE came before them
    void mixed(Map<String, Blocks> own, List<Part> parts, long looked) {
        var rows = direction.to().name().sql() + " WHERE " + Chunk.of(own).condition();
        var deletes = conditions(before(parts, looked));
        boolean deleted = !deletes.isEmpty()
                && read("SELECT count() AS rekey_rows FROM " + rows + " AND " + Mutation.matching(deletes))
                                .getFirst()
                                .number("rekey_rows")
                        > 0;
        if (!matters(session, direction) && !deleted) return;
        var what = "Rows that ran through the EXCHANGE were attached to "
                + direction.to().name()
                + " and merged there with rows of its own, by somebody's OPTIMIZE, before it was looked whether a"
                + " newer row of their keys, or a DELETE of them, had come first. They are SELECT * FROM " + rows
                + ". INSERT anew the newest row of each of their keys that was written in that moment, and DELETE"
                + " what was to stay deleted. Then run again: this is said once.";
        session.journal().append("", new Detail.ByHand(what));
        throw new Trouble.OutcomeUnknown(what);
    }

    /// The DELETEs that came before attached parts, and behind the last that was looked at.
    private List<Mutation> before(List<Part> own, long looked) {
        return deletes().stream()
                .filter(m -> m.number() > looked && own.stream().anyMatch(p -> !m.reaches(p.partition(), p.maxBlock())))
                .toList();
    }

    private Row behind(List<Part> parts, Map<String, Blocks> before, List<String> deleted) {
        var live = direction.to().name().sql();
        var mine = live + " WHERE _part IN "
                + Sql.list(parts.stream().map(Part::name).collect(Collectors.toSet()));
        return read("SELECT count() AS rekey_rows, countIf(NOT " + OpenDeletes.spared(deleted)
                        + (before.isEmpty()
                                ? ""
                                : " OR " + row() + " IN (SELECT " + row() + " FROM " + live + " WHERE "
                                        + Chunk.of(before).condition() + ofKeys(mine) + ")")
                        + ") AS rekey_behind FROM " + mine)
                .getFirst();
    }

    /// Attached parts under the names that they have now: each mutation of the live table's owner gives them others.
    private List<Part> now(List<Part> own) {
        return session.catalog().parts(direction.to().name()).stream()
                .filter(p -> own.stream()
                        .anyMatch(o -> o.partition().equals(p.partition())
                                && o.blocks().equals(p.blocks())
                                && o.level() == p.level()))
                .toList();
    }

    /// The blocks that the live table got by itself before the attached ones.
    private Map<String, Blocks> before(List<Part> own) {
        var attached = Catalog.blocks(own);
        var before = new TreeMap<String, Blocks>();
        came().ifPresent(chunk -> chunk.reach().forEach((partition, blocks) -> {
            var mine = attached.getOrDefault(partition, Blocks.NONE);
            var earlier = mine.isEmpty()
                    ? Blocks.NONE
                    : blocks.intersect(Blocks.of(0, mine.max())).minus(mine);
            if (!earlier.isEmpty()) before.put(partition, earlier);
        }));
        return before;
    }

    /// @throws Trouble.Refused where the live table's block numbers were switched off
    void mustNumberBlocks() {
        var live = direction.to();
        if (BlockNumbers.enabled(live)) return;
        throw new Trouble.Refused(Ddl.BLOCK_NUMBERS + " was switched off on " + live.name()
                + " since the swap, so which of two rows of a key came first can't be told. Nothing more was"
                + " carried. Switch it on: " + BlockNumbers.enable(live) + "; then run resume.");
    }

    /// What the live table has got by itself; empty for nothing.
    ///
    /// @throws Trouble.Refused where its block numbers were switched off
    private Optional<Chunk> came() {
        var live = direction.to();
        mustNumberBlocks();
        var chunks = Marks.read(
                        session.journal().entries(),
                        live.uuid(),
                        direction.from().uuid())
                .pending(live, session.catalog().parts(live.name()), Long.MAX_VALUE);
        return chunks.isEmpty() ? Optional.empty() : Optional.of(Chunk.join(chunks));
    }

    /// By the live table's key, so that of a large one little is read.
    private String ofKeys(String fromWhere) {
        return key().isEmpty() ? "" : " AND (" + key() + ") IN (SELECT " + key() + " FROM " + fromWhere + ")";
    }

    /// What makes two rows one, with neither before the other but by its place.
    private String row() {
        return "tuple(_partition_id" + (values().isEmpty() ? "" : ", " + values()) + ")";
    }

    private String values() {
        var version = direction.to().versionColumn();
        return key().isEmpty() || version.isEmpty() ? key() + version : key() + ", " + version;
    }

    private String key() {
        return direction.to().keys().orderBy().replaceAll("(?i)\\s+(DESC|ASC)(?=\\s*(,|$))", "");
    }

    private Checksum sum(TableName table, String condition) {
        return Checksum.of(
                read("SELECT " + Checksum.columns(direction.to()) + " FROM " + table.sql() + " WHERE " + condition)
                        .getFirst());
    }

    /// What is read gets names that no column has (`rekey_...`): an alias wins over a column, and keys, versions and
    /// conditions of DELETEs are the owner's.
    private List<Row> read(String sql) {
        return session.server().query(sql, session.queryId("newer"), READ);
    }
}
