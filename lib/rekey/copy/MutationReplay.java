package rekey.copy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.Sql;
import rekey.model.Blocks;
import rekey.model.Mutation;
import rekey.model.Part;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.ReplayedMutations;
import rekey.session.Session;

/// Mutations that others make on a table while it is carried. A DELETE is made on the other table too, so that
/// erasing a person's data goes on through a migration of days; what can't be made again exactly stops
/// the migration.
///
/// A mutation changes rows of blocks below its own number only. So the blocks that are carried are always older than
/// the first mutation that has not been made on the other table: then the same condition means the same rows there.
/// Those that come while the last ones are made wait for the next round, and so do the blocks behind them; nothing
/// waits for a moment without any, which an owner who deletes twice a second never gives. It is awaited on the one
/// table before it is made on the other, so rows of lower blocks that are carried later come without what it
/// deleted. Killed in between it is made again, which changes nothing.
///
/// While ingestion or merges are held none is made: blocks behind the first are left to the rounds after the
/// EXCHANGE. There the live table has rows of its own, which such a DELETE did not mean, so it is made on the blocks
/// alone that were carried. What is behind it need not wait for it to end: each part is carried by itself, so the
/// journal tells which blocks of the live table it leaves alone.
///
/// What can't be made again may have been made on the other table by its owner: then both hold the same.
///
/// @param equal whether the two tables hold the same of what was carried between them; empty where there is no time
///              to ask
public record MutationReplay(Session session, Direction direction, Optional<Predicate<Direction>> equal) {
    private static final int AT_ONCE = 100;
    /// So often one is made where a merge may have taken its parts away.
    private static final int TIMES = 10;
    /// So many seconds a mutation may fail on the displaced table before what is behind it is carried without it:
    /// the server stops one for a moment for an ATTACH, and goes on with it.
    private static final int PATIENCE = 20;
    private static final Duration LISTED = Duration.ofSeconds(10);

    /// Every mutation that has not been taken account of; rekey's own are none.
    List<Mutation> fresh() {
        long upTo = upTo().orElse(0);
        return session.catalog().mutations(direction.from().name()).stream()
                .filter(m -> m.number() > upTo && !m.isOurs())
                .toList();
    }

    private OptionalLong upTo() {
        return ReplayedMutations.upTo(
                session.journal().entries(),
                direction.from().uuid(),
                direction.to().uuid());
    }

    /// Takes account of mutations: all of them, or as many as there is time for.
    ///
    /// @param fresh what [#fresh] found behind the list of parts
    /// @param held  whether ingestion stands still: then there is no time for it
    /// @return whether anything was done: then parts and mutations must be listed anew
    /// @throws Trouble.Refused when one can't be made on the other table
    /// @throws Trouble.PutOff  when there is no time now to find out whether it can
    boolean catchUp(List<Mutation> fresh, boolean held) {
        if (fresh.isEmpty()) return false;
        if (direction.intoLive()) return onLive(fresh);
        var upTo = upTo();
        // may take its time, and changes nothing that is carried: rekey's own MATERIALIZE TTL after a swap is one
        if (upTo.isPresent() && fresh.stream().allMatch(Mutation::harmless)) {
            note(fresh, 0, false);
            return true;
        }
        // for a whole copy merges are held where they fold rows, and mutations are made all the same
        boolean moment = MergeHold.held(direction.from()) && !direction.from().folds();
        if (held || upTo.isPresent() && moment) {
            // behind the swap a DELETE is made on carried blocks alone, which no merged row of such a table tells
            if (upTo.isPresent() && unclear(fresh).isEmpty() && !direction.folds()) return false;
            throw Trouble.PutOff.busy("A mutation was made on "
                    + direction.from().name() + " in this moment, so nothing was swapped: " + fresh.getLast()
                    + ". The next try carries what it changed. Where they keep coming, let them rest for the moment of"
                    + " the swap.");
        }
        long last = fresh.getLast().number();
        new AwaitedMutations(session).await(direction.from().name(), m -> m.number() <= last);
        // one that was killed has taken some rows or none, and is made nowhere else: the rows are compared anew
        var made = stillThere(fresh);
        boolean told = upTo.isEmpty() || (made.isEmpty() || again(made)) && made.size() == fresh.size();
        note(fresh, newest(), !told);
        return true;
    }

    private List<Mutation> stillThere(List<Mutation> some) {
        var now = session.catalog().mutations(direction.from().name()).stream()
                .map(Mutation::number)
                .collect(Collectors.toSet());
        return some.stream().filter(m -> now.contains(m.number())).toList();
    }

    /// Whether blocks behind a mutation that is still under way are carried before it is made on the live table:
    /// they are none of its rows, and would not be seen until it ends, which of a large table may take hours.
    boolean carriesBehind() {
        return direction.intoLive() && !direction.from().replicated();
    }

    /// What has been carried, and all that is behind the first of some mutations: a round takes the rest.
    static Marks before(Marks carried, List<Mutation> open, List<Part> parts) {
        var real = open.stream().filter(m -> !m.harmless()).toList();
        if (real.isEmpty()) return carried;
        var out = new TreeMap<>(carried.carried());
        for (var partition : parts.stream().map(Part::partition).collect(Collectors.toSet())) {
            long from = real.stream().mapToLong(m -> m.from(partition)).min().getAsLong();
            out.merge(partition, Blocks.of(from, Long.MAX_VALUE - 1), Blocks::plus);
        }
        return new Marks(out);
    }

    public static String deleting(TableName to, String condition) {
        return "ALTER TABLE " + to.sql() + " DELETE WHERE " + condition + " SETTINGS mutations_sync = 0";
    }

    /// The statements by which the next round would make again what it finds now; none where one of them can't be
    /// made again.
    public List<String> due() {
        var upTo = upTo();
        if (upTo.isEmpty()) return List.of();
        var fresh = fresh();
        if (fresh.stream().anyMatch(m -> !m.harmless() && m.deletes().isEmpty())) return List.of();
        return onCarried(fresh);
    }

    /// Many in one statement: each mutation writes the table's parts anew, and where several come a second the other
    /// table would never catch up.
    ///
    /// @param among a further condition on rows
    private List<String> deleting(List<Mutation> mutations, String among) {
        var conditions =
                mutations.stream().flatMap(m -> m.deletes().stream()).distinct().toList();
        var out = new ArrayList<String>();
        for (int i = 0; i < conditions.size(); i += AT_ONCE) {
            var some = conditions.subList(i, Math.min(conditions.size(), i + AT_ONCE));
            var any = some.stream().collect(Collectors.joining(") OR (", "((", "))"));
            out.add(deleting(
                    direction.to().name(),
                    Mutation.ours(any + " AND " + among, direction.from().uuid())));
        }
        return out;
    }

    private Optional<Mutation> unclear(List<Mutation> fresh) {
        return fresh.stream()
                .filter(m -> !m.harmless() && (m.deletes().isEmpty() || seenLate(m)))
                .findFirst();
    }

    /// @return whether they were made; else both tables were found to hold the same
    private boolean again(List<Mutation> fresh) {
        var unclear = unclear(fresh);
        if (unclear.isPresent() && (equal.isEmpty() || !equal.get().test(direction)))
            throw new Trouble.Refused(
                    "A mutation was made on " + direction.from().name()
                            + " during the migration that can't be made again exactly on rows that were already"
                            + " carried: "
                            + unclear.get() + ". Nothing was swapped. "
                            + (direction.way() == Way.BACK
                                    ? "Make the same on " + direction.to().name()
                                            + " by hand, all of these in this order: " + said(fresh)
                                            + "; then roll back again: where both tables hold the same it goes on."
                                    : "Undo the backfill and migrate again, or roll back."));
        if (unclear.isPresent()) return false;
        for (int times = 1; ; times++) {
            long before = newest();
            var statements = onCarried(fresh);
            for (var sql : statements) {
                session.progress().note("making on " + direction.to().name() + " too: " + said(fresh));
                session.execute("replay", sql);
            }
            // a replica lists one a moment after it was answered
            var until = Instant.now().plus(LISTED);
            while (ours(before) < statements.size()
                    && direction.to().replicated()
                    && Instant.now().isBefore(until)) session.control().sleep(50);
            new AwaitedMutations(session).await(direction.to().name(), _ -> true);
            session.progress().note("");
            if (ours(before) < statements.size())
                throw new Trouble.PutOff("A DELETE that rekey made on "
                        + direction.to().name() + " was killed, so nothing was swapped. It is made again: "
                        + said(fresh) + ".");
            if (BlockNumbers.enabled(direction.to()) || OpenDeletes.noneLeft(session, direction.to(), fresh))
                return true;
            if (times == TIMES)
                throw Trouble.PutOff.busy("Rows that a DELETE means are still in "
                        + direction.to().name() + ", where it was made " + TIMES + " times, so nothing was swapped: "
                        + said(fresh) + ".");
        }
    }

    /// How many of rekey's own are listed behind a number.
    private long ours(long before) {
        return session.catalog().mutations(direction.to().name()).stream()
                .filter(m -> m.isOurs() && m.number() > before)
                .map(Mutation::number)
                .distinct()
                .count();
    }

    /// Whether rows were carried that came behind a mutation of a replicated table: this host had the rows before it
    /// had the mutation. Made again, it would take rows of them that it did not take there.
    private boolean seenLate(Mutation m) {
        if (!direction.from().replicated()) return false;
        var carried = Marks.read(
                        session.journal().entries(),
                        direction.from().uuid(),
                        direction.to().uuid())
                .carried();
        TableName from = direction.from().name();
        return session
                .server()
                .query("SELECT tupleElement(b, 1) AS p, tupleElement(b, 2) AS n FROM (SELECT"
                        + " arrayJoin(arrayZip(block_numbers.partition_id, block_numbers.number)) AS b FROM"
                        + " system.mutations WHERE database = "
                        + Sql.text(from.database()) + " AND table = " + Sql.text(from.table())
                        + " AND toInt64OrZero(mutation_id) + 1 = " + m.number() + ")")
                .stream()
                .anyMatch(r -> carried.getOrDefault(r.string("p"), Blocks.NONE).max() > r.number("n"));
    }

    /// Of the table that is filled, so that the way back does not take rekey's own for somebody's.
    private long newest() {
        return session.catalog().mutations(direction.to().name()).stream()
                .mapToLong(Mutation::number)
                .max()
                .orElse(0);
    }

    /// @param untold whether they were not made, for both tables held the same
    private void note(List<Mutation> fresh, long own, boolean untold) {
        session.journal()
                .append(
                        "round",
                        new Detail.Replayed(
                                direction.from().uuid(),
                                direction.to().uuid(),
                                fresh.getLast().number(),
                                own,
                                said(fresh),
                                untold));
    }

    /// Into the live table: those that were made before the EXCHANGE, or ran through it, and that have ended by now.
    /// Nothing waits for it, for what is carried since is not among its rows.
    private boolean onLive(List<Mutation> fresh) {
        long patient =
                session.server().one("SELECT toUnixTimestamp(now()) AS s").number("s") - PATIENCE;
        var ended = fresh.stream()
                .takeWhile(m -> m.done() || m.harmless() || !m.failure().isEmpty() && m.second() < patient)
                .toList();
        if (ended.isEmpty()) return false;
        long reopened = new OpenDeletes(session, direction).reopened();
        // one that fails has taken nothing there
        var theirs =
                ended.stream().filter(m -> m.second() > reopened || !m.done()).toList();
        var ran = ended.stream().filter(m -> !theirs.contains(m)).toList();
        var unclear = ran.stream()
                .filter(m -> !m.harmless() && (direction.folds() || m.deletes().isEmpty() || seenLate(m)))
                .toList();
        byHand(Stream.concat(unclear.stream(), theirs.stream()).toList());
        for (var sql : onCarried(ran.stream().filter(m -> !unclear.contains(m)).toList()))
            session.execute("replay", sql);
        note(ended, 0, false);
        return true;
    }

    /// The statements that delete what was carried into the other table: not what came into the live one by itself,
    /// nor what is carried later, so that a dead runner's statement which acts when another has gone on takes
    /// nothing that was inserted again since.
    private List<String> onCarried(List<Mutation> mutations) {
        return mutations.stream()
                .filter(m -> m.deletes().isPresent())
                .collect(Collectors.groupingBy(
                        m -> direction.intoLive() ? behind(m) : Map.<String, Blocks>of(),
                        LinkedHashMap::new,
                        Collectors.toList()))
                .entrySet()
                .stream()
                .flatMap(same -> onCarried(same.getValue(), same.getKey()).stream())
                .toList();
    }

    /// Blocks of the live table that were carried from behind a mutation of the displaced one.
    private Map<String, Blocks> behind(Mutation m) {
        var out = new TreeMap<String, Blocks>();
        Entry.all(session.journal().entries(), Detail.Attached.class)
                .filter(a -> a.between(direction.from().uuid(), direction.to().uuid()))
                .filter(a -> a.chunk().slices().entrySet().stream()
                        .anyMatch(slice -> slice.getValue().max() >= m.from(slice.getKey())))
                .forEach(a -> a.own().forEach((partition, blocks) -> out.merge(partition, blocks, Blocks::plus)));
        return out;
    }

    /// @param behind blocks that are left alone
    private List<String> onCarried(List<Mutation> mutations, Map<String, Blocks> behind) {
        var to = direction.to();
        var there = Catalog.blocks(session.catalog().parts(to.name()));
        var mine = new TreeMap<>(there);
        var carried = Marks.read(
                        session.journal().entries(), to.uuid(), direction.from().uuid())
                .carried();
        if (direction.intoLive())
            mine.replaceAll((p, b) ->
                    b.intersect(carried.getOrDefault(p, Blocks.NONE)).minus(behind.getOrDefault(p, Blocks.NONE)));
        mine.values().removeIf(Blocks::isEmpty);
        if (mine.isEmpty()) return List.of();
        if (direction.intoLive()) new NewerRows(session, direction).mustNumberBlocks();
        else if (!BlockNumbers.enabled(to)) return deleting(mutations, Chunk.inPartsUpTo(to, there));
        if (to.replicated()) return deleting(mutations, Chunk.of(mine).condition());
        // numbers are given over the whole table, so partitions need not be named, nor what none of them has
        var all = mine.values().stream().reduce(Blocks.NONE, Blocks::plus);
        var apart = there.entrySet().stream()
                .map(e -> e.getValue().minus(mine.getOrDefault(e.getKey(), Blocks.NONE)))
                .reduce(Blocks.NONE, Blocks::plus)
                .minus(all);
        return deleting(
                mutations,
                all.joined(direction.intoLive() ? apart : Blocks.NONE).condition("_block_number"));
    }

    /// The live table already has rows that such a mutation would not have changed.
    private void byHand(List<Mutation> some) {
        var real = some.stream().filter(m -> !m.harmless()).toList();
        if (real.isEmpty()) return;
        session.journal()
                .append(
                        "",
                        new Detail.ByHand("During the swap a mutation came to the old table "
                                + direction.from().name() + " and not to "
                                + direction.to().name() + ": " + said(real) + ". "
                                + real.stream()
                                        .filter(m -> !m.done())
                                        .findFirst()
                                        .map(m -> "It fails on "
                                                + direction.from().name() + " (" + m.failure()
                                                + "): KILL MUTATION WHERE"
                                                + " database = "
                                                + Sql.text(
                                                        direction.from().name().database())
                                                + " AND table = "
                                                + Sql.text(
                                                        direction.from().name().table())
                                                + ". ")
                                        .orElse("")
                                + "Make it on " + direction.to().name() + " by hand."));
    }

    private static String said(List<Mutation> mutations) {
        return mutations.stream().map(Mutation::toString).collect(Collectors.joining("; "));
    }
}
