package rekey.copy;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.PartsBudget;
import rekey.model.Blocks;
import rekey.model.Part;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Encoded;
import rekey.session.Entry;
import rekey.session.Session;

/// Marks by parts, for engines whose merges fold rows. The source's own definition holds its merges for
/// the whole copy, so a restart of the server keeps the hold. What came since a round is the parts that
/// have not been carried, each with all its rows. The table that is filled holds its merges too. So both
/// have every row as it was written, and are compared row by row.
///
/// A hold does not keep a part from being merged by an OPTIMIZE, or by one who resets the setting. So the parts that
/// were carried are known by their blocks and level. A mutation keeps both and a merge changes one of them, also one
/// of a single part. What a merge took is not told apart by guessing: see [VoidedCopies].
public record UnmergedParts(Session session) implements Arrivals {

    /// The statements by which it becomes exact on a table; none where it is.
    public static List<String> enabling(Table table) {
        var out = new java.util.ArrayList<String>();
        if (!MergeHold.held(table)) out.add(MergeHold.sql(table.name()));
        if (!"0".equals(table.settings().get(Ddl.MUTATIONS_KEPT)))
            out.add(Ddl.setting(table.name(), Ddl.MUTATIONS_KEPT + " = 0"));
        return out;
    }

    @Override
    public void enable() {
        for (var host : session.hosts().reversed()) {
            var sql = enabling(new Catalog(host).table(session.rewrite().source()));
            if (!sql.isEmpty()) MergeHold.room(session);
            sql.forEach(one -> host.execute(one, session.queryId("hold-merges"), Ddl.CREATING));
        }
        for (var host : session.hosts()) new BlockNumbers(session).awaitOlder(host);
        session.progress().note("");
    }

    /// Holds merges of both tables where they are not held: at the first round, and behind a run that had given them
    /// back. Not into the live table, whose merges are its own again, and not while ingestion stands still.
    void hold(Direction direction) {
        if (direction.intoLive()) return;
        for (var table : List.of(direction.from(), direction.to())) {
            if (heldEverywhere(table)) continue;
            new MergeHold(session).hold(table.name());
            for (var host : session.hosts()) {
                new BlockNumbers(session).awaitMerges(host, table);
                // a merge that stands in the replication log is made in spite of the hold
                if (table.replicated()) new BlockNumbers(session).awaitQueue(host, table);
            }
        }
    }

    /// A merge that one host makes of a replicated table is made on all.
    private boolean heldEverywhere(Table table) {
        return MergeHold.held(table)
                && session.peers().stream()
                        .allMatch(peer -> MergeHold.held(new Catalog(peer.server()).table(table.name())));
    }

    /// So often merges are given back because parts had become too many, before it is said that it can't be done.
    private static final int TRIES = 3;
    private static final Duration PATIENCE = Duration.ofMinutes(20);

    /// Parts have become too many under the hold.
    public static final class Full extends Trouble.Refused {
        Full(PartsBudget budget) {
            super("Merges can't be held any longer: " + budget + ", which is half of what delays INSERTs or refuses"
                    + " them. They are given back, and what they fold is"
                    + " copied anew. Nothing was swapped: run again at a"
                    + " quieter time, write in larger blocks, or raise"
                    + " parts_to_delay_insert for the migration.");
        }
    }

    /// @throws Full when a half of what the limits allow is used up in either table
    void mustFit(Direction direction) {
        for (var table : List.of(direction.from(), direction.to())) {
            var budget = PartsBudget.of(session.server(), table);
            if (budget.spent()) throw new Full(budget);
        }
    }

    /// The parts that a chunk was planned from must be those that are read: a block that was merged with carried
    /// ones since has the lowest number of all, so it would be looked for, not found, and taken for carried. Where
    /// it is folded into a row that was there, no count of rows tells that.
    ///
    /// @param active the names of the active parts that hold any of it now
    /// @throws Trouble.PutOff where they are others; the next round finds what was merged
    void mustStand(Direction direction, Chunk chunk, Set<String> active, TableName staging) {
        if (unmerged(active, chunk.parts())) return;
        session.execute("drop-staging", Ddl.dropping(staging));
        throw Trouble.PutOff.busy("Parts of " + direction.from().name() + " were merged or dropped in this moment"
                + " though merges are held (" + String.join(", ", chunk.parts()) + "; now "
                + String.join(", ", active)
                + "), so nothing was copied of them. They are looked at anew first; where the run ends with this, run"
                + " again.");
    }

    /// Whether two lists of a table's parts by their names tell the same parts, though some were mutated between.
    static boolean unmerged(Set<String> before, Set<String> after) {
        return known(before).equals(known(after));
    }

    private static Set<Known> known(Set<String> names) {
        return Set.copyOf(names(Optional.of(new Encoded.Words(List.copyOf(names)))));
    }

    /// Gives merges back, says so, and waits until they have caught up.
    ///
    /// @param tries so often it has come to this
    /// @throws Trouble.Refused when it came too often, or they do not catch up
    public void awaitRoom(Direction direction, Full why, int tries) {
        session.journal().append("full", new Detail.Text(why.getMessage()));
        for (var table : List.of(direction.from(), direction.to()))
            if (MergeHold.held(session.catalog().table(table.name()))) new MergeHold(session).giveBack(table.name());
        if (tries >= TRIES) throw new Trouble.Refused("It has come to this " + tries + " times: " + why.getMessage());
        var until = Instant.now().plus(PATIENCE);
        while (!PartsBudget.of(session.server(), direction.from()).roomy()
                || !PartsBudget.of(session.server(), direction.to()).roomy()) {
            if (Instant.now().isAfter(until))
                throw new Trouble.Refused(
                        "Merges did not catch up within " + PATIENCE.toMinutes() + " minutes. " + why.getMessage());
            session.progress().note("merges were given back, for parts had become too many; they catch up");
            session.control().sleep(1000);
        }
        session.progress().note("");
    }

    @Override
    public Map<String, Blocks> vanished(
            Table table, boolean swapped, Map<String, Blocks> carried, Map<String, Blocks> active) {
        Arrivals.mustHaveNoPatches(
                table,
                active,
                "Nothing more was carried. Apply it (ALTER TABLE "
                        + table.name().sql()
                        + " APPLY PATCHES), then run again with 'backfill --again', or roll back.");
        return Arrivals.missing(carried, active);
    }

    @Override
    public Set<String> merged(Direction direction, List<Part> parts) {
        return merged(session.journal().entries(), direction, parts);
    }

    /// The partitions in which a part that was carried, or that rekey brought, no longer stands by itself. Of a
    /// chunk of which rows stayed out the journal has no parts, nor has one of an earlier version of a chunk that
    /// was copied beside DELETEs: there one tells in which carried blocks and others are one.
    ///
    /// @param parts the active ones of the table that is read
    public static Set<String> merged(List<Entry> journal, Direction direction, List<Part> parts) {
        var standing = parts.stream().map(Known::of).collect(Collectors.toSet());
        var active = Catalog.blocks(parts);
        var marks = Marks.read(journal, direction.from().uuid(), direction.to().uuid())
                .carried();
        var gone = carried(journal, direction).stream()
                .filter(part -> !standing.contains(part)
                        && !part.blocks()
                                .intersect(active.getOrDefault(part.partition, Blocks.NONE))
                                .isEmpty())
                .map(Known::partition);
        var mixed = parts.stream()
                .filter(p -> {
                    var carried = marks.getOrDefault(p.partition(), Blocks.NONE).intersect(p.blocks());
                    return !carried.isEmpty() && !p.blocks().minus(carried).isEmpty();
                })
                .map(Part::partition);
        return Stream.concat(gone, mixed).collect(Collectors.toCollection(TreeSet::new));
    }

    /// The parts of the table that is read whose rows both tables have.
    private static Set<Known> carried(List<Entry> journal, Direction direction) {
        String from = direction.from().uuid(), to = direction.to().uuid();
        var intents = new HashMap<String, Detail.Attaching>();
        var out = new LinkedHashSet<Known>();
        for (var e : journal)
            switch (e.detail()) {
                case Detail.Attaching a
                when a.between(from, to) -> intents.put(a.chunk().staging(), a);
                case Detail.Attached a
                when a.between(from, to) && intents.containsKey(a.chunk().staging()) ->
                    out.addAll(names(intents.get(a.chunk().staging()).read()));
                case Detail.Attached a when a.between(to, from) -> out.addAll(names(a.came()));
                case Detail.Dropped d when d.between(from, to) -> remove(out, d.slices());
                case Detail.Dropped d when d.between(to, from) -> remove(out, d.own());
                default -> {}
            }
        return out;
    }

    private static void remove(Set<Known> all, Map<String, Blocks> gone) {
        all.removeIf(p -> !p.blocks()
                .intersect(gone.getOrDefault(p.partition, Blocks.NONE))
                .isEmpty());
    }

    /// A part by what a mutation leaves as it was and a merge does not.
    private record Known(String partition, long min, long max, long level) {
        static Known of(Part p) {
            return new Known(p.partition(), p.minBlock(), p.maxBlock(), p.level());
        }

        Blocks blocks() {
            return Blocks.of(min, max);
        }
    }

    /// From names as `202601_1_4_1`, behind which a mutation has its number and a checksum may stand.
    private static List<Known> names(Optional<Encoded.Words> parts) {
        return parts.map(Encoded.Words::words).orElse(List.of()).stream()
                .map(word -> word.replaceFirst("/.*", "").split("_"))
                .map(w -> new Known(w[0], Long.parseLong(w[1]), Long.parseLong(w[2]), Long.parseLong(w[3])))
                .toList();
    }
}
