package rekey.copy;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.ServerGone;
import rekey.clickhouse.Sql;
import rekey.model.Blocks;
import rekey.model.Mutation;
import rekey.model.Part;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Encoded;
import rekey.session.Entry;
import rekey.session.HighestBlock;
import rekey.session.LinePart;
import rekey.session.Session;

/// The one moment in which rows enter a table: the parts of a checked staging table are attached to it.
///
/// ALTER TABLE ... ATTACH PARTITION is not atomic when the server is killed in it (32 of 1,500 parts were there
/// after a restart; rule 1). So before it the journal is told the staging table's parts, and the
/// highest block of the table to be filled. An attached part is a hard link and keeps its `hash_of_all_files`; after
/// any uncertainty the active parts above that block are compared with the staging table's: all there, the attach
/// has happened; none, it has not; some, those are dropped and it has not. Merges of the filled table are held
/// meanwhile, so that no attached part can vanish into a merged one before it was seen.
public record Attachment(Session session, Direction direction) {
    public static final Map<String, String> SETTINGS = Stream.concat(
                    ClickHouse.LONG.entrySet().stream(), Map.of("max_partition_size_to_drop", "0").entrySet().stream())
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

    private static final int DROPS = 10;

    /// What became of an intended attach: the rows are there; they are not; or they were, and have been taken out
    /// again, for a newer row of their keys had come first.
    private enum Outcome {
        THERE,
        NOT_THERE,
        TOO_LATE
    }

    /// Attaches all of a staging table, and journals it.
    ///
    /// @param slices what was copied into it, as blocks of the table that is read
    /// @param read   the parts it was read from, which were the same before and after, or, where merges fold rows,
    ///               the same but for a mutation; none where that is not known
    /// @param sums   of each partition, where there are several; none where they are not known
    /// @return false where nothing was attached, for a newer row of its keys came into the live table meanwhile
    boolean attach(
            NewerRows.Sifted sifted,
            Map<String, Blocks> slices,
            int round,
            List<Part> read,
            Map<String, Checksum> sums) {
        var staging = sifted.staging();
        var sum = sifted.carried();
        var parts = session.catalog().parts(staging);
        // with no parts to wait for all of them would be found, and the chunk noted as carried
        if (parts.stream().mapToLong(Part::rows).sum() != sum.rows())
            throw new Trouble.Stopped("The staging table " + staging + " no longer has the " + sum.rows()
                    + " rows that were copied into it: another runner has taken over and dropped it. Nothing"
                    + " of it was attached; look with 'status'.");
        // around the last rounds they are held already, by the one who releases them
        new LeftOutHosts(session).mustStillBeInactive(direction.to().name());
        boolean heldBefore = MergeHold.held(direction.to());
        if (!heldBefore) new MergeHold(session).hold(direction.to().name());
        boolean sifts = sifted.behind() > 0;
        var chunk = new LinePart.Staged(
                direction.from().uuid(),
                direction.to().uuid(),
                staging.table(),
                slices,
                HighestBlock.of(session, direction.to()),
                sum.rows(),
                sum.sum(),
                sum.xor(),
                round,
                // of a plain table a mutation has a number among the blocks
                direction.to().replicated() ? Optional.of(lastMutation()) : Optional.empty(),
                sifts ? Optional.of(sums(sifted.whole())) : Optional.empty(),
                sifts ? Optional.of(sifted.left()) : Optional.empty(),
                sifts ? Optional.of(sifted.behind()) : Optional.empty(),
                sifted.deletes() > 0 ? Optional.of(sifted.deletes()) : Optional.empty());
        var intent = new Detail.Attaching(
                chunk,
                new Encoded.Words(parts.stream().map(Attachment::fingerprint).toList()),
                Optional.of(CheckedChunk.names(read)),
                Optional.of(CheckedChunk.columns(direction)),
                sums.isEmpty() ? Optional.empty() : Optional.of(Checksum.encode(sums)));
        session.journal().append("attach", intent);
        var refused = parts.isEmpty() ? Optional.<ServerError>empty() : send(staging, parts, intent);
        var outcome = outcome(intent);
        // behind an exchange the live table may fold what it got
        if (!heldBefore) new MergeHold(session).giveBack(direction.to().name());
        if (outcome == Outcome.NOT_THERE)
            throw refused.orElseGet(() -> new ServerError(
                    0,
                    "The server said that it attached " + staging + ", and its parts are not in "
                            + direction.to().name() + ".",
                    null));
        return outcome == Outcome.THERE;
    }

    private long lastMutation() {
        return session.catalog().mutations(direction.to().name()).stream()
                .mapToLong(Mutation::number)
                .max()
                .orElse(0);
    }

    private static Encoded.Sums sums(Checksum sum) {
        return new Encoded.Sums(sum.rows(), sum.sum(), sum.xor());
    }

    /// @return the server's error, if it gave one: some of the commands may have been done before it
    private Optional<ServerError> send(TableName staging, List<Part> parts, Detail.Attaching intent) {
        var partitions = parts.stream().map(Part::partition).distinct().toList();
        try {
            session.server()
                    .execute(attaching(direction.to(), staging, partitions), session.queryId("attach"), SETTINGS);
            return Optional.empty();
        } catch (ServerError e) {
            return Optional.of(e);
        } catch (ServerGone e) {
            throw e.saying(" Whether chunk " + Blocks.text(intent.chunk().slices()) + " was attached is told by the"
                    + " parts of " + direction.to().name() + " when the server is back: run again.");
        }
    }

    /// The statement that attaches partitions of a staging table. Into a replicated table each of its commands is
    /// all or nothing, and one that failed in the middle is settled as any other. It does not wait for the
    /// replication queue: the parts are there when it is answered, and what has not happened by then is looked for
    /// there. 8 partitions side by side, a statement each, took 367 ms on a busy machine, for they contend for one
    /// node of Keeper; in one statement that waits for each 572 ms; so 126 ms.
    public static String attaching(Table to, TableName staging, List<String> partitions) {
        return "ALTER TABLE " + to.name().sql() + " "
                + partitions.stream()
                        .map(p -> "ATTACH PARTITION ID " + Sql.text(p) + " FROM " + staging.sql())
                        .collect(Collectors.joining(", "))
                + (to.replicated() ? " SETTINGS alter_sync = 0" : "");
    }

    /// The statement that takes a part of an attach back that was cut short.
    public static String dropping(TableName to, String part) {
        return "ALTER TABLE " + to.sql() + " DROP PART " + Sql.text(part) + " SETTINGS max_partition_size_to_drop = 0";
    }

    /// Finds out from the server whether an intended attach has happened, and journals the answer. Asked once for
    /// each open intent.
    ///
    /// @return whether the rows are there
    /// @throws Trouble.OutcomeUnknown when the table's parts can't tell
    public boolean settle(Detail.Attaching intent) {
        return outcome(intent) == Outcome.THERE;
    }

    private Outcome outcome(Detail.Attaching intent) {
        var wanted = intent.parts().words();
        var witness = intent.chunk().witness();
        var fresh = above(witness);
        var own = match(fresh, wanted);
        if (own.size() != wanted.size() && direction.to().replicated()) {
            new Replication(session).awaitAttached();
            fresh = above(witness);
            own = match(fresh, wanted);
        }
        var newer = new NewerRows(session, direction);
        boolean whole = own.size() == wanted.size();
        boolean tooLate = whole && newer.matters() && newer.standsBefore(own, deletes(intent));
        if (whole && !tooLate) {
            journal(true, intent, own);
            return Outcome.THERE;
        }
        if (!whole && (merged(fresh, witness) || anew(fresh, wanted)))
            return byRows(
                    intent,
                    session.catalog().parts(direction.to().name()).stream()
                            .filter(witness::reachedBy)
                            .toList());
        // one that the queue brings still would come again
        if (!own.isEmpty() && direction.to().replicated()) new Replication(session).awaitAttached();
        own.forEach(this::drop);
        journal(false, intent, List.of());
        return tooLate ? Outcome.TOO_LATE : Outcome.NOT_THERE;
    }

    /// Each mutation of the live table's owner gives a part another name.
    private void drop(Part part) {
        for (int tries = 1; ; tries++) {
            var now = session.catalog().parts(direction.to().name()).stream()
                    .filter(p -> p.partition().equals(part.partition())
                            && p.blocks().equals(part.blocks())
                            && p.level() == part.level())
                    .findFirst();
            if (now.isEmpty()) return;
            try {
                session.execute(
                        "drop-part", dropping(direction.to().name(), now.get().name()));
                return;
            } catch (ServerError e) {
                if (e.code() != ServerError.NO_SUCH_PART || tries == DROPS) throw e;
            }
        }
    }

    private static long deletes(Detail.Attaching intent) {
        return intent.chunk().deletes().orElse(0L);
    }

    private List<Part> above(HighestBlock witness) {
        return session.catalog().parts(direction.to().name()).stream()
                .filter(witness::above)
                .toList();
    }

    private Outcome byRows(Detail.Attaching intent, List<Part> fresh) {
        var trace = new AttachedRows(session, direction);
        var blocks = trace.blocks(intent.chunk(), fresh)
                .orElseThrow(() -> new Trouble.OutcomeUnknown(
                        "Whether chunk " + Blocks.text(intent.chunk().slices()) + " is in "
                                + direction.to().name()
                                + " can't be told: its parts were merged or changed behind rekey's back, and its rows"
                                + " tell nothing. Look with: SELECT * FROM system.part_log WHERE table = "
                                + Sql.text(direction.to().name().table()) + " ORDER BY event_time_microseconds DESC. "
                                + wayOn(trace, intent)));
        if (blocks.isEmpty()) {
            journal(false, intent, blocks, 0);
            return Outcome.NOT_THERE;
        }
        var newer = new NewerRows(session, direction);
        var own = newer.matters() ? holding(blocks) : List.<Part>of();
        boolean alone = own.stream()
                .allMatch(p -> p.blocks().minus(blocks.get(p.partition())).isEmpty());
        if (alone && newer.matters() && newer.standsBefore(own, deletes(intent))) {
            if (direction.to().replicated()) new Replication(session).awaitAttached();
            own.forEach(this::drop);
            journal(false, intent, Map.of(), 0);
            return Outcome.TOO_LATE;
        }
        journal(true, intent, blocks, 0);
        if (!alone) newer.mixed(blocks, own, deletes(intent));
        return Outcome.THERE;
    }

    /// The parts of the filled table that have any of some blocks.
    private List<Part> holding(Map<String, Blocks> blocks) {
        return session.catalog().parts(direction.to().name()).stream()
                .filter(p -> !p.blocks()
                        .intersect(blocks.getOrDefault(p.partition(), Blocks.NONE))
                        .isEmpty())
                .toList();
    }

    /// A target is nobody's before the swap. After it the table that was to be filled is the live one or the backup.
    private String wayOn(AttachedRows trace, Detail.Attaching intent) {
        var rewrite = session.rewrite();
        if (direction.way() == Way.FORWARD)
            return "Then roll back, or drop " + direction.to().name() + ".";
        return "Drop nothing. Its rows are SELECT * FROM " + trace.chunk(intent.chunk())
                + "; those of them that are there, SELECT * FROM " + trace.there(intent.chunk())
                + ". INSERT there what it lacks of them, and DELETE what it has twice: when it has each of them once,"
                + " run again.";
    }

    /// Each part that was intended, once: two parts with the same content are two.
    private static List<Part> match(List<Part> fresh, List<String> wanted) {
        var left = new HashMap<String, Integer>();
        wanted.forEach(w -> left.merge(w, 1, Integer::sum));
        return fresh.stream()
                .sorted(Comparator.comparingLong(Part::minBlock))
                .filter(p ->
                        left.getOrDefault(fingerprint(p), 0) > 0 && left.merge(fingerprint(p), -1, Integer::sum) >= 0)
                .toList();
    }

    /// A part that was written anew since its block came, by a mutation, or by an OPTIMIZE that found it alone in
    /// its partition: its hash is no longer that of the part that was attached. An INSERT into a collapsing table
    /// makes parts of level 1.
    private boolean anew(List<Part> fresh, List<String> wanted) {
        return fresh.stream()
                .filter(p -> wanted.stream().anyMatch(w -> w.startsWith(p.partition() + "/")))
                .anyMatch(p -> p.level() > (direction.to().collapses() ? 1 : 0)
                        || !p.name().equals(p.partition() + "_" + p.minBlock() + "_" + p.maxBlock() + "_" + p.level()));
    }

    /// A new part that reaches over several blocks was merged though merges are held: by a user's OPTIMIZE.
    private boolean merged(List<Part> fresh, HighestBlock witness) {
        return fresh.stream().anyMatch(p -> p.maxBlock() > p.minBlock())
                || session.catalog().parts(direction.to().name()).stream()
                        .anyMatch(p -> !witness.above(p) && witness.reachedBy(p));
    }

    private void journal(boolean there, Detail.Attaching intent, List<Part> own) {
        journal(
                there,
                intent,
                rekey.clickhouse.Catalog.blocks(own),
                own.stream().mapToLong(Part::bytes).sum());
    }

    private void journal(boolean there, Detail.Attaching intent, Map<String, Blocks> own, long bytes) {
        session.journal()
                .append(
                        "attach",
                        there
                                ? new Detail.Attached(
                                        intent.chunk(),
                                        own,
                                        bytes,
                                        direction.folds() ? Optional.of(came(own)) : Optional.empty())
                                : new Detail.Abandoned(intent.chunk(), own, bytes));
    }

    /// The parts that stand in blocks that were attached.
    private Encoded.Words came(Map<String, Blocks> own) {
        return new Encoded.Words(session.catalog().parts(direction.to().name()).stream()
                .filter(p -> !p.blocks()
                        .intersect(own.getOrDefault(p.partition(), Blocks.NONE))
                        .isEmpty())
                .map(Part::name)
                .toList());
    }

    /// A part by what it holds, whatever its name: a hard-linked copy in another table is the same.
    public static String fingerprint(Part p) {
        return p.partition() + "/" + p.rows() + "/" + p.hash();
    }

    /// The intents of a direction that no line has settled yet: what a killed runner left open.
    public List<Detail.Attaching> open(List<Entry> journal) {
        return Entry.unsettled(journal).stream()
                .filter(e -> e.between(direction.from().uuid(), direction.to().uuid()))
                .toList();
    }
}
