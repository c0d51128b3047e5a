package rekey.maintainer.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import rekey.maintainer.fault.Moment.Phase;

/// A statement of a run, by its text.
///
/// @param step    the operation it belongs to
/// @param name    what it does
/// @param pattern what its text has
/// @param since   what another statement before it in the same run must have had, empty for none
/// @param often   how many of them a run has at least
public record Place(String step, String name, Pattern pattern, Pattern since, int often) {
    private static final String ANY = "",
            HELD = note("pause", "HELD"),
            RESUMED = note("pause", "RESUMED"),
            LOCKED = note("", "LOCKED"),
            EXCHANGE = "^EXCHANGE TABLES",
            FLUSH = "^SYSTEM FLUSH ASYNC INSERT QUEUE";

    private static final List<Place> CREATE = List.of(
            at("create", "LOCKED is noted", LOCKED),
            at("create", "INTENT is noted", note("create", "INTENT")),
            at("create", "CREATE target", "^CREATE TABLE \\S*_rekey_\\w+_sample_by`"),
            at("create", "DONE is noted", note("create", "DONE")),
            at("backfill", "block numbers on", "MODIFY SETTING enable_block_number_column"));
    private static final List<Place> COPY = List.of(
            often("CREATE staging", "^CREATE TABLE \\S*_staging_"),
            often("copy into staging", "^INSERT INTO \\S*_staging_"),
            often("hold merges", "MODIFY SETTING max_bytes_to_merge"),
            often("INTENT is noted", note("attach", "INTENT")),
            often("ATTACH", "ATTACH PARTITION ID"),
            often("ATTACHED is noted", note("attach", "ATTACHED")),
            often("DROP staging", "^DROP TABLE \\S*_staging_"));
    private static final List<Place> ROUNDS = List.of(
            at("backfill", "ROUND is noted", note("round", "ROUND")),
            at("backfill", "give merges back", "RESET SETTING max_bytes_to_merge"),
            at("backfill", "DONE is noted", note("backfill", "DONE")),
            at("verify", "compare", "groupBitXor"),
            at("verify", "VERIFIED is noted", note("verify", "VERIFIED")));
    private static final List<Place> HOLD = List.of(
            since("pause", "hold merges for it", "MODIFY SETTING max_bytes_to_merge", note("verify", "VERIFIED")),
            at("pause", "look at the consumers", "FROM system.kafka_consumers"),
            at("pause", "HELD is noted", HELD),
            at("pause", "CREATE gate's target", "^CREATE TABLE IF NOT EXISTS \\S*_gate_missing"),
            at("pause", "CREATE gate", "^CREATE MATERIALIZED VIEW"),
            at("pause", "close the gate", "^DROP TABLE \\S*_gate_missing"),
            at("pause", "DONE is noted", note("pause", "DONE")));
    private static final List<Place> REMAINING = List.of(
            since("remaining", "copy into staging", "^INSERT INTO \\S*_staging_", HELD),
            since("remaining", "INTENT is noted", note("attach", "INTENT"), HELD),
            since("remaining", "ATTACH", "ATTACH PARTITION ID", HELD),
            since("remaining", "ATTACHED is noted", note("attach", "ATTACHED"), HELD),
            at("remaining", "DONE is noted", note("remaining", "DONE")));
    private static final List<Place> SWAP = List.of(
            at("swap", "INTENT is noted", note("swap", "INTENT")),
                    at("swap", "RENAME for it", "^RENAME TABLE .* TO \\S*_swap_"),
            at("swap", "EXCHANGE", "^EXCHANGE TABLES"),
                    since("swap", "RENAME after it", "^RENAME TABLE ", "^EXCHANGE TABLES"));
    private static final List<Place> RESUME = List.of(
            since("resume", "open the gate", "^DROP TABLE IF EXISTS \\S*_gate`", HELD),
            at("resume", "RESUMED is noted", RESUMED),
            since("resume", "give merges back", "RESET SETTING max_bytes_to_merge", RESUMED),
            since("resume", "trailing round", "FROM system.processes WHERE query_kind", RESUMED),
            at("resume", "swap DONE is noted", note("swap", "DONE")),
            at("resume", "DONE is noted", note("resume", "DONE")),
            at("resume", "UNLOCKED is noted", note("", "UNLOCKED")));
    /// Behind an exchange, of either way: what enters the live table. Not among those that chance chooses from, so
    /// that what it chose stays as it was.
    static final List<Place> TRAIL = List.of(
            since("trail", "copy into staging", "^INSERT INTO \\S*_staging_", EXCHANGE),
            since("trail", "INTENT is noted", note("attach", "INTENT"), EXCHANGE),
            since("trail", "ATTACH", "ATTACH PARTITION ID", EXCHANGE),
            since("trail", "ATTACHED is noted", note("attach", "ATTACHED"), EXCHANGE));
    /// The queue of async INSERTs is emptied: of the table in the last moment before an exchange, between the rename
    /// and it, and of all tables behind it. Not among those of chance either.
    static final List<Place> FLUSHES = List.of(
            at("swap", "FLUSH for it", FLUSH + " `"),
            at("back", "FLUSH for it", FLUSH + " `"),
            since("resume", "FLUSH behind it", FLUSH + "(?! `)", EXCHANGE));
    private static final List<Place> BACK = List.of(
            at("back", "LOCKED is noted", LOCKED),
            at("back", "swap INTENT is noted", note("swap", "INTENT")),
            at("back", "RENAME before EXCHANGE", "^RENAME TABLE .* TO \\S*_swap_"),
            at("back", "EXCHANGE", "^EXCHANGE TABLES"),
            since("back", "RENAME after EXCHANGE", "^RENAME TABLE ", "^EXCHANGE TABLES"),
            since("back", "open the gate", "^DROP TABLE IF EXISTS \\S*_gate`", HELD),
            at("back", "swap UNDONE is noted", note("swap", "UNDONE")));
    private static final List<Place> UNDO = List.of(
            at("undo", "LOCKED is noted", LOCKED),
            at("undo", "DROP target", "^DROP TABLE \\S*_rekey_\\w+_sample_by`"),
            at("undo", "backfill UNDONE is noted", note("backfill", "UNDONE")),
            at("undo", "CREATE target again", "^CREATE TABLE \\S*_rekey_\\w+_sample_by`"),
            at("undo", "DROP target at last", "^DROP TABLE IF EXISTS \\S*_rekey_\\w+_sample_by`"),
            at("undo", "block numbers off", "RESET SETTING enable_block_number_column"),
            at("undo", "create UNDONE is noted", note("create", "UNDONE")),
            at("undo", "ROLLED_BACK is noted", note("", "ROLLED_BACK")));
    private static final List<Place> OPTIMIZE = List.of(
            at("optimize", "LOCKED is noted", LOCKED),
            at("optimize", "OPTIMIZE", "^OPTIMIZE TABLE"),
            at("optimize", "DONE is noted", note("optimize", "DONE")));
    private static final List<Place> FINALIZE = List.of(
            at("finalize", "LOCKED is noted", LOCKED),
            at("finalize", "DROP backup", "^DROP TABLE \\S*_backup_"),
            at("finalize", "block numbers off", "RESET SETTING enable_block_number_column"),
            at("finalize", "FINALIZED is noted", note("finalize", "FINALIZED")));

    /// The statements of a run, in their order.
    static List<Place> of(Phase phase) {
        return switch (phase) {
            case ON, AGAIN -> join(CREATE, COPY, ROUNDS, HOLD, REMAINING, SWAP, RESUME);
            case BACK -> join(BACK, COPY, HOLD.subList(1, HOLD.size()), UNDO);
            case UNDO -> UNDO;
            case OPTIMIZE -> OPTIMIZE;
            case FINALIZE -> FINALIZE;
            case NOTHING -> List.of();
        };
    }

    /// Those at which ingestion is held and the swap has not happened.
    static List<Place> whileHeld(Phase phase) {
        var names = List.of(
                "CREATE gate",
                "close the gate",
                "DONE is noted",
                "INTENT is noted",
                "swap INTENT is noted",
                "RENAME for it",
                "RENAME before EXCHANGE",
                "EXCHANGE");
        return of(phase).stream()
                .filter(p -> List.of("pause", "swap", "back").contains(p.step) && names.contains(p.name))
                .toList();
    }

    @SafeVarargs
    private static List<Place> join(List<Place>... lists) {
        var out = new ArrayList<Place>();
        for (var l : lists) out.addAll(l);
        return List.copyOf(out);
    }

    private static Place at(String step, String name, String pattern) {
        return since(step, name, pattern, ANY);
    }

    private static Place since(String step, String name, String pattern, String since) {
        return new Place(
                step, name, Pattern.compile(pattern, Pattern.DOTALL), Pattern.compile(since, Pattern.DOTALL), 1);
    }

    private static Place often(String name, String pattern) {
        return new Place("backfill", name, Pattern.compile(pattern, Pattern.DOTALL), Pattern.compile(ANY), 4);
    }

    /// The statement that writes a line of the journal.
    private static String note(String step, String event) {
        return "^INSERT INTO \\S*rekey_journal` .*, '" + step + "', '" + event + "', ";
    }

    @Override
    public String toString() {
        return step + ": " + name;
    }
}
