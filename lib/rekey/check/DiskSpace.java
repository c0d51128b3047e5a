package rekey.check;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.model.Amounts;
import rekey.model.Table;
import rekey.session.Session;

/// The disks of the table's storage policy can hold a second copy of the table, on every host that gets one.
///
/// Needed are 1.2 times the table's bytes on disk, for the new order may compress worse and merges want room, less
/// what the new table holds already; and one chunk for each thread. After the swap, room to merge the largest
/// partition, without which only `optimize` can't go on; on the way back, what came since the swap. Room is a disk's
/// `unreserved_space`, from which the server has already taken `keep_free_space` (seen on 26.7). Disks that lie on
/// one file system, told by equal totals and equal free bytes, count once. The server fills the volumes in their
/// order, and within one it takes a disk that has room for the part: so the sum over all disks decides, a first
/// volume that is too small is a warning, and so is a disk without room for one chunk.
public record DiskSpace(When when) implements Check {
    private static final double MARGIN = 1.2;
    private static final double UNLIMITED = 1L << 60;
    /// For the journal, and for parts while they are written.
    private static final double SPARE = 64 << 20;

    @Override
    public String name() {
        return "disk space";
    }

    /// One of a policy's disks.
    ///
    /// @param room bytes that can still be written
    public record Disk(String name, String volume, double room, String fileSystem, boolean broken) {
        public boolean unlimited() {
            return room >= UNLIMITED;
        }

        String text() {
            return volume + "/" + name + " "
                    + (broken ? "broken" : room >= UNLIMITED ? "unlimited" : Amounts.bytes(room) + " free");
        }
    }

    /// @param total bytes in all
    /// @param chunk bytes of one chunk
    /// @param level what it means when there is not so much
    record Need(double total, double chunk, String text, Level level) {}

    @Override
    public Verdict look(Session session) {
        var source = session.source();
        var need = need(session, source);
        return EachHost.worst(
                this, session, host -> judge(source.storagePolicy(), disks(host, source.storagePolicy()), need));
    }

    Verdict judge(String policy, List<Disk> disks, Need need) {
        var saw = String.join(", ", disks.stream().map(Disk::text).toList());
        double room = room(disks);
        if (room < need.total)
            return new Verdict(
                    name(),
                    need.level,
                    saw,
                    need.text,
                    "Free " + Amounts.bytes(need.total - room) + " on the disks of storage policy " + policy
                            + ", or add a disk to it, "
                            + (need.level == Level.REFUSAL
                                    ? "then run again."
                                    : "before optimize; all else can be done without."));
        var first = disks.stream()
                .filter(d -> d.volume.equals(disks.getFirst().volume))
                .toList();
        var tight = disks.stream()
                .filter(d -> d.broken || d.room < need.chunk)
                .map(Disk::name)
                .toList();
        if (room(first) < need.total)
            return Verdict.warning(
                    this,
                    saw,
                    need.text,
                    "The copy goes on in the next volume when " + first.getFirst().volume
                            + " is full, and new rows with it: free " + Amounts.bytes(need.total - room(first))
                            + " there if they should not.");
        if (!tight.isEmpty())
            return Verdict.warning(
                    this,
                    saw,
                    need.text,
                    "The server will pass over " + Amounts.some(tight) + ", which has no room for one chunk ("
                            + Amounts.bytes(need.chunk) + "): free some there.");
        return Verdict.ok(this, saw, need.text);
    }

    static double room(List<Disk> disks) {
        var once = new LinkedHashMap<String, Double>();
        for (var d : disks) once.merge(d.fileSystem, d.room, Math::max);
        return once.values().stream().mapToDouble(r -> r).sum();
    }

    /// The disks of a storage policy, in the order in which its volumes are filled.
    public static List<Disk> disks(ClickHouse server, String policy) {
        var out = new ArrayList<Disk>();
        for (var r : server.query("""
            SELECT volume_name AS volume, d.name AS disk, toFloat64(d.unreserved_space) AS room, d.is_broken AS broken,
                   d.is_read_only OR d.is_write_once AS closed,
                   concat(d.type, ' ', toString(d.total_space + d.keep_free_space), ' ', toString(d.free_space +
                     d.keep_free_space)) AS fs
            FROM system.storage_policies ARRAY JOIN disks AS disk_name INNER JOIN system.disks AS d ON d.name =
              disk_name
            WHERE policy_name = %s ORDER BY volume_priority, disk\
            """.formatted(Sql.text(policy)))) {
            boolean shut = r.flag("broken") || r.flag("closed");
            out.add(new Disk(
                    r.string("disk"),
                    r.string("volume"),
                    shut ? 0 : r.real("room"),
                    shut ? r.string("disk") : r.string("fs"),
                    shut));
        }
        return out;
    }

    static Need need(Session session, Table source) {
        boolean back = session.journal().goingBack();
        if (AttemptUnderWay.of(session).filter(b -> !b.beforeSwap(session)).isPresent())
            return back ? toGoBack(session, source) : toMerge(session, source);
        if (back) return new Need(0, 0, "nothing: what was made is dropped", Level.REFUSAL);
        long copied = session.catalog()
                .find(session.rewrite().target())
                .map(Table::bytes)
                .orElse(0L);
        double chunk = perRow(source)
                * Math.min(Math.max(1, source.rows()), session.limits().chunkRows());
        double chunks = Math.min(source.bytes(), session.limits().threads() * chunk);
        double total = Math.max(0, MARGIN * source.bytes() - copied) + chunks;
        return new Need(
                total,
                chunk,
                Amounts.bytes(total) + ": 1.2 x " + Amounts.bytes(source.bytes())
                        + (copied > 0 ? ", less " + Amounts.bytes(copied) + " copied already" : "") + ", and "
                        + Amounts.bytes(chunks) + " for chunks under way",
                Level.REFUSAL);
    }

    private static double perRow(Table table) {
        return (double) table.bytes() / Math.max(1, table.rows());
    }

    private static Need toMerge(Session session, Table live) {
        double largest = session.server()
                .one(("SELECT max(b) AS n FROM (SELECT toFloat64(sum(bytes_on_disk)) AS b FROM "
                                + "system.parts WHERE active AND database = %s AND table = %s GROUP BY partition_id)")
                        .formatted(
                                Sql.text(live.name().database()),
                                Sql.text(live.name().table())))
                .real("n");
        return new Need(
                largest,
                largest,
                Amounts.bytes(largest) + ", to merge the largest partition",
                session.progress().snapshot().step().equals("optimize") ? Level.REFUSAL : Level.WARNING);
    }

    /// By how many rows the old table has fewer, for all that was there before the swap it has.
    private static Need toGoBack(Session session, Table live) {
        long rows = session.catalog()
                .find(session.rewrite().backup())
                .map(b -> Math.max(0, live.rows() - b.rows()))
                .orElse(0L);
        double pending = MARGIN * rows * perRow(live);
        return new Need(
                pending + SPARE,
                Math.min(pending, perRow(live) * session.limits().chunkRows()),
                Amounts.bytes(pending + SPARE) + ": " + Amounts.rows(rows) + " rows that came since the swap, and "
                        + Amounts.bytes(SPARE) + " to write them",
                Level.REFUSAL);
    }
}
