package rekey.preview;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Sql;
import rekey.copy.Attachment;
import rekey.copy.Chunk;
import rekey.copy.Copier;
import rekey.copy.Direction;
import rekey.copy.FirstRoundHold;
import rekey.copy.Marks;
import rekey.copy.MergeHold;
import rekey.copy.MutationReplay;
import rekey.copy.NewerRows;
import rekey.copy.Rounds;
import rekey.copy.VanishedBlocks;
import rekey.model.TableName;
import rekey.session.Original;
import rekey.session.Session;

/// The statements of rounds between two tables, said before they run, in the words of those who send them: [Copier],
/// [Attachment], [MutationReplay], [VanishedBlocks]. What only the run knows has a name in angle brackets.
///
/// A line that begins with `--` is a comment: it heads the statements behind it, up to the next one. Those under `--
/// only where` may never come.
///
/// @param held whether merges of the table that is filled are held by then, so that no attach holds them for itself
public record RoundsPreview(Session session, Direction direction, boolean held) {
    /// Of so many chunks the statements are shown.
    private static final int SHOWN = 20;
    public static final String ONLY_WHERE = "-- only where ", RUNNER = "<runner>_<n>", UUID = "<uuid>";

    /// What every statement is sent with, whatever the user's profile says.
    public static String settings() {
        return "-- each statement is sent with session_timezone = ''; CREATE and ALTER also with "
                + listed(Ddl.CREATING)
                + "; INSERT and the counts with " + listed(Copier.READ) + "; ATTACH with "
                + listed(Attachment.SETTINGS);
    }

    private static String listed(Map<String, String> settings) {
        return new TreeMap<>(settings)
                .entrySet().stream()
                        .map(s -> s.getKey() + " = "
                                + (s.getValue().matches("-?\\d+") ? s.getValue() : Sql.text(s.getValue())))
                        .collect(Collectors.joining(", "));
    }

    /// What was carried by nobody as the tables are now, by the chunks that the next round takes.
    ///
    /// @param number of the round
    /// @param still  whether ingestion stands still by then
    public List<String> now(int number, boolean still) {
        var out = new ArrayList<String>();
        if (!heldBefore(still).isEmpty()) {
            out.add("-- where merges fold rows they are held while it is copied: by its parts it is told what was"
                    + " carried");
            out.addAll(heldBefore(still));
            out.addAll(underHold().now(number, still));
            return out;
        }
        var due = still ? List.<String>of() : new MutationReplay(session, direction, Optional.empty()).due();
        if (!due.isEmpty()) out.add("-- what was deleted in " + direction.from().name() + " since it was carried");
        out.addAll(due);
        var from = direction.from();
        var parts = session.catalog().parts(from.name());
        var chunks = Marks.read(
                        session.journal().entries(), from.uuid(), direction.to().uuid())
                .pending(from, parts, Rounds.chunkRows(session.limits(), parts));
        long rows = chunks.stream().mapToLong(Chunk::rows).sum();
        if (!chunks.isEmpty() && Rounds.together(session, rows, number, still)) chunks = List.of(Chunk.join(chunks));
        else chunks = Rounds.grouped(session, direction, chunks);
        boolean throughout = !chunks.isEmpty() && FirstRoundHold.suits(session, direction, parts, number, still);
        if (throughout) out.add("-- merges of " + direction.to().name() + " are held for the whole first round");
        if (throughout) out.add(MergeHold.sql(direction.to().name()));
        int n = 0;
        for (var chunk : chunks.stream().limit(SHOWN).toList()) {
            out.add("-- round " + number + ", chunk " + ++n + " of " + chunks.size() + ": " + chunk.rows()
                    + " rows; the INSERT by its blocks alone where its parts are merged before");
            out.addAll((throughout ? new RoundsPreview(session, direction, true) : this)
                    .chunk(
                            Copier.condition(chunk, true),
                            direction.samePartitions()
                                    ? List.copyOf(chunk.slices().keySet())
                                    : List.of("<partition>"),
                            still,
                            "-- what was copied, or the rest of it, is attached"));
        }
        if (chunks.size() > SHOWN) out.add("-- and the same for " + (chunks.size() - SHOWN) + " more chunks");
        if (throughout) out.add("-- merges of " + direction.to().name() + " go on");
        if (throughout)
            out.addAll(MergeHold.releasing(original(), direction.to().name()));
        return out;
    }

    /// An attach that a runner who died left open is settled before rounds begin, and before merges are given back.
    public List<String> open() {
        var out = new ArrayList<String>();
        for (var intent :
                new Attachment(session, direction).open(session.journal().entries())) {
            out.add("-- an attach that nobody noted");
            out.add(Rounds.ending(session));
            out.add(Ddl.dropping(direction.from().name().sibling(intent.chunk().staging())));
            out.add(ONLY_WHERE + "some of its parts are there and not all");
            out.add(Attachment.dropping(direction.to().name(), "<part>"));
        }
        return out;
    }

    /// A round whatever it finds.
    ///
    /// @param when how often it comes, in a phrase
    public List<String> further(String when, boolean still) {
        var from = direction.from().name();
        var to = direction.to().name();
        var out = new ArrayList<String>();
        if (!heldBefore(still).isEmpty()) {
            out.add(ONLY_WHERE + "merges go on, which fold rows: they are held while it is copied, for by its parts it"
                    + " is told what was carried");
            out.addAll(heldBefore(still));
            out.addAll(underHold().further(when, still));
            return out;
        }
        if (!still && !direction.intoLive()) {
            out.add(ONLY_WHERE + "a DELETE was made on " + from + " since its rows were carried"
                    + (droppable() ? ", or a partition was dropped" : "") + ": the same on " + to);
            out.add(MutationReplay.deleting(to, "<condition>"));
            if (droppable()) out.add(VanishedBlocks.dropping(to, "<partition>"));
        }
        if (direction.intoLive()) {
            out.add(ONLY_WHERE + "a DELETE was made on " + from + " and not yet on " + to
                    + ": the same there, on the blocks alone that were carried");
            out.add(MutationReplay.deleting(to, "<condition>"));
        }
        out.add(ONLY_WHERE + "rows have come since: " + when);
        out.addAll(chunk(
                "<the parts and the block numbers of what came>",
                List.of("<partition>"),
                still,
                ONLY_WHERE + "rows have come since: what was copied, or the rest of it, is attached"));
        if (!direction.from().replacing() || held || still) return out;
        out.add(ONLY_WHERE + "parts of " + from + " keep changing under a copy: its merges are held for the last try");
        out.add(MergeHold.sql(from));
        out.addAll(MergeHold.releasing(original(), from));
        return out;
    }

    /// The statements that come before a round of a table whose merges fold rows.
    private List<String> heldBefore(boolean still) {
        return !direction.from().folds() || direction.intoLive() || still
                ? List.of()
                : Stream.of(direction.from(), direction.to())
                        .filter(t -> !MergeHold.held(t))
                        .map(t -> MergeHold.sql(t.name()))
                        .toList();
    }

    private RoundsPreview underHold() {
        return new RoundsPreview(
                session,
                new Direction(HoldsPreview.held(direction.from()), HoldsPreview.held(direction.to()), direction.way()),
                held);
    }

    private boolean droppable() {
        return direction.samePartitions()
                && !direction.from().keys().partitionBy().isEmpty();
    }

    /// One chunk, through a staging table of its own.
    ///
    /// @param goesOn heads what comes behind statements that may never come
    private List<String> chunk(String condition, List<String> partitions, boolean still, String goesOn) {
        // where merges fold rows a staging table gets the settings of a table whose merges are held by then
        var to = direction.from().folds() && !direction.intoLive() ? HoldsPreview.held(direction.to()) : direction.to();
        TableName staging = session.rewrite().staging(RUNNER);
        var out = new ArrayList<>(Ddl.identified(Ddl.staging(to, staging, to.keys()), staging, UUID));
        out.add(Copier.insert(direction, staging, condition) + " SETTINGS "
                + listed(Copier.copying(direction.collapsing())));
        if (NewerRows.matters(session, direction)) {
            var rest = session.rewrite().staging(RUNNER.replace("<n>", "<m>"));
            out.add(ONLY_WHERE + to.name() + " has got newer rows of these keys: those stay out that would be put"
                    + " before one");
            out.addAll(Ddl.identified(Ddl.staging(to, rest, to.keys()), rest, UUID));
            out.add(NewerRows.insert(direction, staging, rest, "<it is one of these>") + " SETTINGS "
                    + listed(NewerRows.copying(direction)));
            out.add(goesOn);
        }
        boolean moment = !held && !direction.folds();
        if (moment) out.add(MergeHold.sql(to.name()));
        out.add(Attachment.attaching(to, staging, partitions));
        if (moment) out.addAll(MergeHold.releasing(original(), to.name()));
        out.add(Ddl.droppingThere(staging, !still));
        return out;
    }

    private Original original() {
        return Foreseen.original(session);
    }
}
