package rekey.run;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import rekey.check.Check.Level;
import rekey.copy.Marks;
import rekey.migration.Migration;
import rekey.model.Ingestion;
import rekey.model.Keys;
import rekey.model.Keys.Difference;
import rekey.model.Table;
import rekey.session.Definition;
import rekey.session.Session;
import rekey.step.Position;
import rekey.step.Step;
import rekey.step.Steps;

/// What a migration would do, made by reading only. Frozen in the journal before the first change (see [Planned]).
///
/// @param hash     over the source's definition, the new keys and the statements; the same as long as these are, whatever
///                 rows come. Of a migration that has begun it is the frozen plan's
/// @param state    where the migration stands; the steps are those that are left
/// @param differs  the keys that are to change
/// @param steps    each with its statements and its undo
/// @param chunks   what is copied in the first round
/// @param diskBytes free space wanted for the copy and its merges
/// @param disks    what of it each disk is to take
/// @param marks    by which it is told what came since the last round, and why so
/// @param estimate how long it may take
public record Plan(String migration, String table, String hash, String state, List<Difference> differs, List<Part> steps, List<Piece> chunks,
                   long rows, long bytes, long diskBytes, List<DiskShare> disks, String marks, List<String> ingestion, Estimate estimate,
                   List<String> warnings, List<String> refusals) {

    /// A step of the plan.
    public record Part(String name, String says, List<String> sql, List<String> undo) { }

    /// A chunk of the first round.
    ///
    /// @param blocks of the partition, by their numbers
    public record Piece(String partition, String blocks, long rows, long bytes) { }

    /// Reads what is there and says what would be done.
    public static Plan of(Session session, Migration migration) {
        var source = session.source();
        var keys = session.keys(source);
        var position = Position.of(session);
        var ingestion = session.catalog().ingestion(source.name());
        var checking = position instanceof Position.NotBegun ? Checking.before(session, migration) : new Checking(List.of());
        var steps = steps(session, migration);
        var chunks = chunks(session, source, position);
        long bytes = chunks.stream().mapToLong(Piece::bytes).sum();
        var warnings = new ArrayList<>(warnings(source, ingestion));
        warnings.addAll(checking.sentences(Level.WARNING));
        long rows = chunks.stream().mapToLong(Piece::rows).sum(), disk = disk(session, chunks, bytes);
        var estimate = Estimate.of(session, source, keys, ingestion, rows, bytes, (int) chunks.stream().map(Piece::partition).distinct().count());
        return new Plan(migration.name(), source.name().toString(), hash(session, migration, source, keys, position), state(position),
                Required.of(session).differs(), steps, chunks, rows, bytes, disk, DiskShare.of(session, source, disk), marks(source),
                ingestion.kafkaTables().stream().map(Plan::path).toList(), estimate, List.copyOf(warnings), checking.sentences(Level.REFUSAL));
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
        return left(session, migration).stream().map(step -> part(session, step)).toList();
    }

    /// A step as it would be run now.
    public static Part part(Session session, Step step) {
        var d = step.describe(session);
        return new Part(step.name(), d.says(), d.sql(), d.undo());
    }

    /// What is left of a step, with the data as they are.
    public static Part rest(Session session, Step step) {
        var d = step.left(session);
        return new Part(step.name(), d.says(), d.sql(), d.undo());
    }

    /// The single operations that are left to do. Before the swap those are the first that is not done and all after it;
    /// after it only what comes behind the swap can be.
    public static List<Step> left(Session session, Migration migration) {
        var all = Steps.flat(migration.steps());
        int swap = all.stream().map(Step::name).toList().indexOf("swap");
        return switch (Position.of(session)) {
            case Position.NotBegun n -> all;
            case Position.Created c -> all.stream().dropWhile(step -> done(session, step)).toList();
            case Position.Exchanged e -> all.subList(Math.max(0, swap), all.size());
            case Position.Swapped b -> all.subList(swap + 1, all.size()).stream().filter(step -> !done(session, step)).toList();
            case Position.Finalized f -> List.of();
        };
    }

    private static boolean done(Session session, Step step) {
        return step.state(session).phase() == Step.Phase.DONE;
    }

    private static List<Piece> chunks(Session session, Table source, Position position) {
        if (!source.mergeTree()) return List.of();
        var marks = switch (position) {
            case Position.NotBegun n -> Marks.read(List.of(), "", "");
            case Position.Created c -> Marks.read(session.journal().entries(), source.uuid(), c.targetUuid());
            default -> null;
        };
        if (marks == null) return List.of();
        return marks.pending(session.catalog().parts(source.name()), session.limits().chunkRows()).stream()
                .map(c -> new Piece(String.join(", ", c.slices().keySet()), c.slices().values().iterator().next().toString(), c.rows(), c.bytes())).toList();
    }

    /// As the check of the disks reckons: a fifth more than what is copied, and a chunk for each thread.
    private static long disk(Session session, List<Piece> chunks, long bytes) {
        return bytes + bytes / 5 + session.limits().threads() * chunks.stream().mapToLong(Piece::bytes).max().orElse(0);
    }

    private static String marks(Table source) {
        return source.collapses() && !source.replacing()
                ? "none: a merged row of " + source.engine() + " keeps an older block number, so what came since a round can't be told by it"
                : "_block_number: exact, for each row of " + source.engine() + " keeps the number of the block it came in, through merges and mutations";
    }

    private static String path(Ingestion.KafkaTable kafka) {
        return kafka.name() + " reads " + String.join(", ", kafka.topics()) + " as group " + kafka.group() + ", through "
                + kafka.views().stream().map(v -> v.name().toString()).collect(Collectors.joining(", "));
    }

    private static List<String> warnings(Table source, Ingestion ingestion) {
        var out = new ArrayList<String>();
        if (ingestion.none()) out.add("Ingestion is none: no Kafka table feeds " + source.name()
                + ", so nothing can be paused for the swap; rows that plain INSERTs bring are carried too, if the writers are quiet for a moment.");
        return out;
    }

    /// What changes by itself does not count: rows, parts, what the checks say, where the migration stands.
    private static String hash(Session session, Migration migration, Table source, Keys keys, Position position) {
        if (!(position instanceof Position.NotBegun)) return Planned.frozen(session.journal().entries()).map(e -> e.get("hash")).orElse("");
        var text = new StringBuilder(Definition.of(source).toJson()).append('\n').append(keys).append('\n').append(session.rewrite());
        for (var step : Steps.flat(migration.steps())) text.append('\n').append(step.name()).append('\n').append(String.join("\n", step.describe(session).sql()));
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
