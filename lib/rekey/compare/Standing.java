package rekey.compare;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.Sql;
import rekey.copy.Marks;
import rekey.model.Blocks;
import rekey.model.TableName;
import rekey.session.Entry;
import rekey.session.Session;

/// What comparisons so far are worth: whether one stands that the swap may rely on, and whether a difference is open.
public final class Standing {
    private Standing() { }

    /// The difference that nobody has cleared: by a whole comparison that began later and found none, another backfill, or a rollback.
    /// One that began before may have compared the rows before they differed.
    public static Optional<Entry> poison(List<Entry> journal) {
        Optional<Entry> open = Optional.empty();
        for (var e : journal) {
            if (e.event() == Entry.Event.POISONED) open = Optional.of(e);
            else if (e.event() == Entry.Event.VERIFIED) open = open.filter(p -> Long.parseLong(e.get("sinceUs")) < micros(p.at()));
            else if (e.event() == Entry.Event.ROLLED_BACK || e.event() == Entry.Event.UNDONE && List.of("backfill", "create").contains(e.step())) open = Optional.empty();
        }
        return open;
    }

    private static long micros(Instant at) {
        return at.getEpochSecond() * 1_000_000 + at.getNano() / 1000;
    }

    /// The same, with what other processes wrote.
    public static Optional<Entry> poison(Session session) {
        return poison(session.journal().fresh("event IN ('POISONED', 'VERIFIED', 'ROLLED_BACK', 'UNDONE')"));
    }

    /// For the one who runs it again.
    public static String sentence(Session session, Entry poison) {
        return "A difference was found at " + poison.at() + ": " + poison.get("difference") + ". Running again does not pass it, and nothing is swapped while it stands. Look at the keys named; then drop "
                + session.rewrite().target() + " and copy anew with 'backfill --again', or put its rows right and run 'verify', which must find nothing, or go back with 'rollback'.";
    }

    /// Why there is no comparison that the swap may rely on; empty when there is one. It must have seen all that the
    /// backfill had carried when it ended first; what comes later is compared chunk by chunk. It must be younger than every
    /// mutation of either table, than the server's start, for after one a block whose part had expired may have given its
    /// number to another (DESIGN: exactness 6d), and nobody but rekey may have written to the target since, or dropped
    /// parts of it.
    public static Optional<String> missing(Session session, TableName target, String uuid) {
        var journal = session.journal().entries();
        var verified = journal.stream().filter(e -> e.event() == Entry.Event.VERIFIED && e.get("to").equals(uuid)).reduce((a, b) -> b);
        if (verified.isEmpty()) return Optional.of("Source and target have not been compared yet");
        long needed = chunks(journal, uuid);
        if (needed < 0) return Optional.of("The backfill has not ended yet");
        if (Long.parseLong(verified.get().get("chunks")) < needed) return Optional.of("The backfill has carried more since source and target were compared");
        return outdated(session, target, verified.get()).or(() -> meddled(session, target, uuid, journal, verified.get())).map(why -> why + " since source and target were compared");
    }

    /// How many chunks had been attached when the backfill ended first; -1 when it has not.
    private static long chunks(List<Entry> journal, String target) {
        long n = 0;
        for (var e : journal) {
            if (e.event() == Entry.Event.ATTACHED && e.get("to").equals(target)) n++;
            if (e.is("backfill", Entry.Event.DONE) && e.get("target").equals(target)) return n;
        }
        return -1;
    }

    private static Optional<String> outdated(Session session, TableName target, Entry verified) {
        var source = session.rewrite().source();
        long since = Long.parseLong(verified.get("sinceUs")) / 1_000_000;
        var r = session.server().one("""
                SELECT (SELECT groupUniqArray(table) FROM system.mutations WHERE database = %s AND table IN (%s, %s) AND (NOT is_done OR create_time >= fromUnixTimestamp(%d))) AS mutated,
                       toUnixTimestamp(now()) - uptime() AS started""".formatted(Sql.text(source.database()), Sql.text(source.table()), Sql.text(target.table()), since));
        if (session.journal().last(e -> e.event() == Entry.Event.REPLAYED || e.event() == Entry.Event.DROPPED && e.get("why").equals("dropped"))
                .filter(e -> e.at().getEpochSecond() >= since).isPresent()) return Optional.of("A DELETE or DROP PARTITION was made");
        if (!r.strings("mutated").isEmpty()) return Optional.of("A mutation was made on " + source.sibling(r.strings("mutated").getFirst()));
        return r.number("started") > since ? Optional.of("The server was restarted") : Optional.empty();
    }

    /// Parts of the target that are new since and rekey did not bring, or blocks that are gone. What stood there when it was
    /// compared was compared, whoever brought it. A merged part reaches over numbers of other partitions, so its ends tell.
    private static Optional<String> meddled(Session session, TableName target, String uuid, List<Entry> journal, Entry verified) {
        var then = Marks.decode(verified.get("there"));
        var brought = Marks.read(journal, uuid, session.catalog().uuid(session.rewrite().source()).orElse("")).carried();
        var parts = session.catalog().parts(target);
        for (var p : parts) {
            var known = then.getOrDefault(p.partition(), Blocks.NONE).plus(brought.getOrDefault(p.partition(), Blocks.NONE));
            if (!known.contains(p.minBlock()) || !known.contains(p.maxBlock())) return Optional.of("Part " + p.name() + " came into " + target + ", which rekey did not bring,");
        }
        var active = Catalog.blocks(parts);
        return then.entrySet().stream().filter(e -> !e.getValue().minus(active.getOrDefault(e.getKey(), Blocks.NONE)).isEmpty())
                .map(e -> "Parts of partition " + e.getKey() + " of " + target + " are gone").findFirst();
    }
}
