package rekey.run;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import rekey.check.Check;
import rekey.check.Check.Level;
import rekey.check.MergeHoldBudget;
import rekey.clickhouse.Peer;
import rekey.clickhouse.RowPaths;
import rekey.copy.Arrivals;
import rekey.copy.Marks;
import rekey.copy.Rounds;
import rekey.migration.Migration;
import rekey.model.Ingestion;
import rekey.model.Keys;
import rekey.model.Keys.Difference;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.preview.Preview;
import rekey.session.Definition;
import rekey.session.Detail;
import rekey.session.IngestionHosts;
import rekey.session.Session;
import rekey.step.Position;
import rekey.step.Step;
import rekey.step.Steps;

/// What a migration would do, made by reading only. Frozen in the journal before the first change
/// (see [FrozenPlan]).
///
/// @param hash     over the source's definition, the new keys and the statements; the same as long as these are,
///                 whatever rows come. Of a migration that has begun it is the frozen plan's
/// @param state    where the migration stands; the steps are those that are left
/// @param differs  the keys that are to change
/// @param steps    each with its statements and its undo
/// @param chunks   what is copied in the first round
/// @param diskBytes free space wanted for the copy and its merges
/// @param disks    what of it each disk is to take
/// @param marks    by which it is told what came since the last round, and why so
/// @param estimate how long it may take
/// @param threads  chunks copied side by side, and why so many
/// @param cheaper  ways in which the server itself brings the keys, or what they are wanted for, without a copy
/// @param shards   the hosts of each shard of a replicated table
/// @param lag      messages that Kafka has and the table has not; null where no Kafka feeds it, or it does not tell
public record Plan(
        String migration,
        String table,
        String hash,
        String state,
        List<Difference> differs,
        List<Part> steps,
        List<Piece> chunks,
        long rows,
        long bytes,
        long diskBytes,
        List<DiskShare> disks,
        String marks,
        List<String> ingestion,
        Estimate estimate,
        List<String> warnings,
        List<String> refusals,
        Threads threads,
        List<CheaperWay> cheaper,
        List<Replicas> shards,
        Long lag) {

    /// @param copier copies, and the others fetch from it
    public record Replicas(String copier, List<String> others) {}

    /// A step of the plan.
    public record Part(String name, String says, List<String> sql, List<String> undo) {
        /// As its preview tells it.
        public static Part of(Step step, Preview.Description told) {
            return new Part(step.name(), told.says(), told.sql(), told.undo());
        }
    }

    /// A chunk of the first round.
    ///
    /// @param blocks of the partition, by their numbers
    public record Piece(String partition, String blocks, long rows, long bytes) {}

    /// Reads what is there and says what would be done.
    public static Plan of(Session asked, Migration migration) {
        var session = asked.glance();
        var source = session.source();
        var keys = session.keys(source);
        var position = Position.of(session);
        var ingestion = new Ingestion(IngestionHosts.of(session).kafkaTables());
        var checking = position instanceof Position.NotBegun
                ? CheckResults.before(session, migration)
                : new CheckResults(List.of());
        var differs = Required.of(session).differs();
        // a table that has the keys is not to be rewritten: eight steps under them were taken for work to do
        boolean nothing = position instanceof Position.NotBegun && differs.isEmpty();
        var steps = nothing ? List.<Part>of() : steps(session, migration);
        var chunks = nothing ? List.<Piece>of() : chunks(session, source, position);
        long bytes = chunks.stream().mapToLong(Piece::bytes).sum();
        var warnings = new ArrayList<>(warnings(source, ingestion));
        if (source.folds() && position instanceof Position.NotBegun) warnings.add(mergesHeld(session, source));
        if (!session.others().isEmpty())
            warnings.add("What is planned here is the shard of "
                    + session.server().endpoint().host() + "; those of "
                    + session.others().stream()
                            .map(s -> s.server().endpoint().host())
                            .collect(Collectors.joining(", "))
                    + " are rewritten likewise, side by side, with one pause and one exchange over all "
                    + session.everyHost().size() + " hosts.");
        warnings.addAll(checking.sentences(Level.WARNING));
        long rows = chunks.stream().mapToLong(Piece::rows).sum(), disk = disk(session, chunks, bytes);
        var estimate = Estimate.of(session, source, keys, IngestionHosts.of(session), rows, bytes, chunks.size());
        return new Plan(
                migration.name(),
                source.name().toString(),
                hash(session, migration, source, keys, position),
                state(position),
                differs,
                steps,
                chunks,
                rows,
                bytes,
                disk,
                DiskShare.of(session, source, disk),
                marks(source),
                paths(session, ingestion, source.name()),
                estimate,
                List.copyOf(warnings),
                checking.sentences(Level.REFUSAL),
                threads(session),
                position instanceof Position.NotBegun && !nothing
                        ? CheaperWay.of(session, source, keys, List.of())
                        : List.of(),
                session.shards().stream()
                        .filter(s -> s.copying().ofSeveral())
                        .map(s -> new Replicas(
                                s.copying().name(),
                                s.peers().stream().map(Peer::name).toList()))
                        .toList(),
                ingestion.none() ? null : Lag.of(session));
    }

    /// As they were asked for, or as the server is.
    private static Threads threads(Session session) {
        var own = Threads.of(session.server());
        int asked = session.limits().threads();
        return own.number() == asked
                ? own
                : new Threads(
                        asked,
                        "by --threads, or as the server was a moment ago; now it would be " + own.number() + ", for "
                                + own.why());
    }

    private static String state(Position position) {
        return switch (position) {
            case Position.NotBegun n -> "not begun";
            case Position.Created c -> "being filled";
            case Position.Exchanged e -> "exchanged, not yet renamed";
            case Position.Swapped b -> "swapped";
            case Position.Finalized f -> "finalized";
        };
    }

    private static List<Part> steps(Session session, Migration migration) {
        return left(session, migration).stream()
                .map(step -> part(session, step))
                .toList();
    }

    /// A step as it would be run now.
    public static Part part(Session session, Step step) {
        return Part.of(step, Preview.of(step).describe(session.glance()));
    }

    /// What is left of a step, with the data as they are.
    public static Part rest(Session session, Step step) {
        return Part.of(step, Preview.of(step).left(session.glance()));
    }

    /// The single operations that are left to do. Before the swap those are the first that is not done and all after
    /// it; after it only what comes behind the swap can be.
    public static List<Step> left(Session asked, Migration migration) {
        var session = asked.glance();
        var all = Steps.flat(migration.steps());
        int swap = all.stream().map(Step::name).toList().indexOf("swap");
        return switch (Position.of(session)) {
            case Position.NotBegun n -> all;
            case Position.Created c ->
                all.stream().dropWhile(step -> done(session, step)).toList();
            case Position.Exchanged e -> all.subList(Math.max(0, swap), all.size());
            case Position.Swapped b ->
                all.subList(swap + 1, all.size()).stream()
                        .filter(step -> !done(session, step))
                        .toList();
            case Position.Finalized f -> List.of();
        };
    }

    private static boolean done(Session session, Step step) {
        return step.state(session).phase() == Step.Phase.DONE;
    }

    private static List<Piece> chunks(Session session, Table source, Position position) {
        if (!source.mergeTree()) return List.of();
        var marks =
                switch (position) {
                    case Position.NotBegun n -> Marks.read(List.of(), "", "");
                    case Position.Created c -> Marks.read(session.journal().entries(), source.uuid(), c.targetUuid());
                    default -> null;
                };
        if (marks == null) return List.of();
        var parts = session.catalog().parts(source.name());
        return marks.pending(source, parts, Rounds.chunkRows(session.limits(), parts)).stream()
                .map(c -> new Piece(
                        String.join(", ", c.slices().keySet()),
                        c.slices().values().iterator().next().toString(),
                        c.rows(),
                        c.bytes()))
                .toList();
    }

    /// As the check of the disks reckons: a fifth more than what is copied, and a chunk for each thread.
    private static long disk(Session session, List<Piece> chunks, long bytes) {
        return bytes
                + bytes / 5
                + session.limits().threads()
                        * chunks.stream().mapToLong(Piece::bytes).max().orElse(0);
    }

    private static String marks(Table source) {
        return Arrivals.why(source);
    }

    private static String mergesHeld(Session session, Table source) {
        return "Merges of " + source.name() + " are held for the whole copy: "
                + new MergeHoldBudget(Check.When.BEFORE).look(session).saw()
                + ". At half of a limit they are given back, and what they fold is copied anew, three times at most. A"
                + " way back copies anew what the new table has folded by then.";
    }

    private static List<String> paths(Session session, Ingestion ingestion, TableName source) {
        if (ingestion.none()) return List.of();
        var ways = session.catalog().ways();
        return ingestion.kafkaTables().stream().map(k -> path(ways, k, source)).toList();
    }

    /// How a Kafka table's rows come into another table: by each of its views, and by what is on the way behind
    /// that. A view with a table of its own is its own target, and was named twice.
    public static String path(RowPaths ways, Ingestion.KafkaTable kafka, TableName to) {
        return kafka.name() + " reads " + String.join(", ", kafka.topics()) + " as group " + kafka.group()
                + ", through "
                + kafka.views().stream()
                        .map(v -> Stream.concat(Stream.of(v.name()), ways.way(v.target(), to).stream())
                                .distinct()
                                .map(TableName::toString)
                                .collect(Collectors.joining(" -> ")))
                        .collect(Collectors.joining(", "));
    }

    private static List<String> warnings(Table source, Ingestion ingestion) {
        var out = new ArrayList<String>();
        if (ingestion.none())
            out.add("No Kafka table feeds " + source.name()
                    + ", so nothing is paused for the swap. Rows of plain INSERTs are copied too.");
        return out;
    }

    /// What changes by itself does not count: rows, parts, what the checks say, where the migration stands.
    private static String hash(Session session, Migration migration, Table source, Keys keys, Position position) {
        if (!(position instanceof Position.NotBegun))
            return FrozenPlan.frozen(session.journal().entries())
                    .map(Detail.Planned::hash)
                    .orElse("");
        var text = new StringBuilder(Definition.of(source).toJson())
                .append('\n')
                .append(keys)
                .append('\n')
                .append(session.rewrite());
        for (var step : Steps.flat(migration.steps()))
            text.append('\n')
                    .append(step.name())
                    .append('\n')
                    .append(String.join("\n", Preview.of(step).describe(session).sql()));
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256")
                            .digest(text.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
