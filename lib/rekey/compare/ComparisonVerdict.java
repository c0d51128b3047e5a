package rekey.compare;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.HostsInParallel;
import rekey.copy.Expiry;
import rekey.copy.Marks;
import rekey.model.Blocks;
import rekey.model.TableName;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.LinePart;
import rekey.session.Session;

/// What comparisons so far are worth: whether one stands that the swap may rely on, and whether a
/// difference is open.
public final class ComparisonVerdict {
    /// Half of what it counts for: nobody is to find out while ingestion is held that it does no longer.
    public static final Duration BEFORE_THE_PAUSE = Duration.ofMinutes(3), AT_THE_SWAP = Duration.ofMinutes(6);
    /// Of the run that goes on, from its end: one shard waits for another's.
    private static final Duration OWN = Duration.ofMinutes(30);

    private ComparisonVerdict() {}

    /// The difference that nobody has cleared: by a whole comparison that began later and found none, another
    /// backfill, or a rollback. One that began before may have compared the rows before they differed.
    public static Optional<Poison> poison(List<Entry> journal) {
        Optional<Poison> open = Optional.empty();
        for (var e : journal)
            switch (e.detail()) {
                case Detail.Poisoned p -> open = Optional.of(new Poison(e.at(), p.difference()));
                // one that left rows out may have left out those that differ
                case Detail.Verified v ->
                    open = open.filter(p -> v.comparison().since().isBefore(p.at())
                            || v.comparison().leftOut().isPresent());
                default -> {
                    if (e.is(Entry.Event.ROLLED_BACK)
                            || e.is("backfill", Entry.Event.UNDONE)
                            || e.is("create", Entry.Event.UNDONE)) open = Optional.empty();
                }
            }
        return open;
    }

    /// A difference, and when it was found.
    public record Poison(Instant at, String difference) {}

    /// The same, with what other processes wrote.
    public static Optional<Poison> poison(Session session) {
        return poison(session.journal().fresh("event IN ('POISONED', 'VERIFIED', 'ROLLED_BACK', 'UNDONE')"));
    }

    /// For the one who runs it again.
    public static String sentence(Session session, Poison poison) {
        return "A difference was found at " + poison.at() + ": " + poison.difference()
                + ". Running again does not pass it, and nothing is swapped while it stands. Look at the keys named;"
                + " then drop "
                + session.rewrite().target()
                + " and copy anew with 'backfill --again', or put its rows right and run 'verify', which must find"
                + " nothing, or go back with 'rollback'.";
    }

    /// Why there is no comparison that the swap may rely on; empty when there is one. It must have seen all that the
    /// backfill had carried when it ended first; what comes later is compared chunk by chunk. It must be younger
    /// than every mutation of either table, than the server's start, for after one a block whose part had expired
    /// may have given its number to another (room copy, rule 3.4), and nobody but rekey may have written to the
    /// target since, or dropped parts of it.
    ///
    /// Where merges drop rows by themselves, for a newer one or by a TTL, no count of rows tells what somebody
    /// dropped or brought with foreign block numbers since. What the server still knows of old parts does, and it
    /// keeps them for eight minutes (`old_parts_lifetime`): so such a comparison of an earlier run counts for less
    /// than that, from its beginning. That of the run that goes on counts for half an hour, for shards wait for the
    /// slowest one's.
    ///
    /// @param lasting how long it counts where merges drop rows by themselves: [#BEFORE_THE_PAUSE] or
    ///                [#AT_THE_SWAP]
    public static Optional<String> missing(Session session, TableName target, String uuid, Duration lasting) {
        var journal = session.journal().entries();
        var verified = Entry.all(journal, Detail.Verified.class)
                .map(Detail.Verified::comparison)
                .filter(c -> c.to().equals(uuid))
                .reduce((a, b) -> b);
        if (verified.isEmpty()) return Optional.of("Source and target have not been compared yet");
        long needed = chunks(journal, uuid);
        if (needed < 0) return Optional.of("The backfill has not ended yet");
        if (verified.get().chunks() < needed)
            return Optional.of("The backfill has carried more since source and target were compared");
        var then = verified.get();
        // asked side by side, for the swap waits for it while ingestion is held
        return HostsInParallel.each(
                        List.<Supplier<Optional<String>>>of(
                                () -> killed(session, then),
                                () -> outdated(session, target, then),
                                () -> past(session, target, uuid, journal, lasting),
                                () -> changedByOthers(session, target, uuid, journal, then)),
                        Supplier::get)
                .stream()
                .flatMap(Optional::stream)
                .findFirst()
                .map(why -> why + " since source and target were compared");
    }

    private static Optional<String> past(
            Session session, TableName target, String uuid, List<Entry> journal, Duration lasting) {
        var last = journal.stream()
                .filter(e -> e.detail() instanceof Detail.Verified v
                        && v.comparison().to().equals(uuid))
                .reduce((a, b) -> b)
                .orElseThrow();
        boolean own = journal.stream()
                        .filter(e -> e.event() == Entry.Event.LOCKED)
                        .reduce((a, b) -> b)
                        .filter(e -> e.runner().equals(session.journal().runner()) && e.at().isBefore(last.at()))
                        .isPresent()
                // step by step each command is a run of its own: who paused has compared right before
                || Entry.holder(journal).equals(Optional.of(last.runner()));
        var most = own ? OWN : lasting;
        long begun = own
                ? last.at().getEpochSecond()
                : ((Detail.Verified) last.detail()).comparison().since().getEpochSecond();
        long now = session.server().one("SELECT toUnixTimestamp(now()) AS s").number("s");
        if (now - begun <= most.toSeconds()) return Optional.empty();
        return List.of(session.rewrite().source(), target).stream()
                .map(session.catalog()::table)
                .filter(t -> t.replacing() || !Expiry.of(t, 0).condition().equals("1"))
                .findFirst()
                .map(t -> "Merges of " + t.name() + " drop rows by themselves, and may have hidden what others did in"
                        + " more than " + most.toMinutes() + " minutes");
    }

    /// How many chunks had been attached when the backfill ended first; -1 when it has not.
    private static long chunks(List<Entry> journal, String target) {
        long n = 0;
        for (var e : journal) {
            if (e.detail() instanceof Detail.Attached a && a.to().equals(target)) n++;
            if (e.detail() instanceof Detail.Filled f && f.target().equals(target)) return n;
        }
        return -1;
    }

    /// What was left out for a DELETE that never came to its end: its rows stay, and nobody has compared them.
    private static Optional<String> killed(Session session, LinePart.Comparison verified) {
        if (verified.leftOut().isEmpty()) return Optional.empty();
        var known = session.catalog().mutations(session.rewrite().source()).stream()
                .map(m -> "" + m.number())
                .collect(Collectors.toSet());
        return verified.leftOut().get().words().stream()
                .filter(n -> !known.contains(n))
                .findFirst()
                .map(n -> "A DELETE whose rows were left out was killed");
    }

    /// DELETEs of the source are none: they mean the same rows in both tables, and are made on both. Not so where
    /// merges replace rows and the condition is not by the key alone: of a key's two rows one table may hold both
    /// and the other the last, so the same DELETE leaves an older row here and none there.
    private static Optional<String> outdated(Session session, TableName target, LinePart.Comparison verified) {
        long since = verified.since().getEpochSecond();
        var names = List.of(session.rewrite().source(), target);
        var tables = HostsInParallel.each(names, session.catalog()::table);
        Predicate<String> tells = condition -> tables.stream().anyMatch(t -> t.tellsVersionsApart(condition));
        if (session.journal()
                .last(e -> e.detail() instanceof Detail.Replayed r && (r.untold() || tells.test(r.commands()))
                        || e.detail() instanceof Detail.Dropped d && d.why().equals("dropped"))
                .filter(e -> e.at().getEpochSecond() >= since)
                .isPresent()) return Optional.of("A mutation or DROP PARTITION was made");
        var made = HostsInParallel.each(names, session.catalog()::mutations);
        for (var table : names) {
            var told = made.get(names.indexOf(table)).stream()
                    .filter(m -> !m.done() || m.second() >= since)
                    .filter(m -> !m.isOurs()
                            && (table.equals(target)
                                    || !m.harmless()
                                            && m.deletes()
                                                    .filter(tells.negate())
                                                    .isEmpty()))
                    .findFirst();
            if (told.isPresent()) return Optional.of("A mutation was made on " + table);
        }
        long started = session.server()
                .one("SELECT toUnixTimestamp(now()) - uptime() AS started")
                .number("started");
        return started > since ? Optional.of("The server was restarted") : Optional.empty();
    }

    /// Parts of the target that are new since and rekey did not bring, or blocks that are gone. What stood there
    /// when it was compared was compared, whoever brought it. A merged part reaches over numbers of other
    /// partitions, so its ends tell.
    private static Optional<String> changedByOthers(
            Session session, TableName target, String uuid, List<Entry> journal, LinePart.Comparison verified) {
        var then = verified.there().orElse(Map.of());
        var brought = Marks.read(
                        journal,
                        uuid,
                        session.catalog().uuid(session.rewrite().source()).orElse(""))
                .carried();
        var parts = session.catalog().parts(target);
        for (var p : parts) {
            var known = then.getOrDefault(p.partition(), Blocks.NONE)
                    .plus(brought.getOrDefault(p.partition(), Blocks.NONE));
            if (!known.contains(p.minBlock()) || !known.contains(p.maxBlock()))
                return Optional.of("Part " + p.name() + " came into " + target + ", which rekey did not bring,");
        }
        var active = Catalog.blocks(parts);
        return then.entrySet().stream()
                .filter(e -> !e.getValue()
                        .minus(active.getOrDefault(e.getKey(), Blocks.NONE))
                        .isEmpty())
                .map(e -> "Parts of partition " + e.getKey() + " of " + target + " are gone")
                .findFirst();
    }
}
