package rekey.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import rekey.check.SessionSettings;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Sql;
import rekey.copy.MergeHold;

/// The sentences of a runbook that are the same for every table, and what to look at before the first change.
final class RunbookAdvice {
    private RunbookAdvice() {}

    static final String BY_HAND = """
        For a machine without Java, or a person who wants to see every statement. It is the same algorithm; in \
        place of the runner there are
        you, and a small table of marks that knows how far it is, so every block finds out itself what is left and \
        can be run again.

        - Run the blocks in their order, each as a whole, all as one user who sees every row.
        - A block stops at its first error, and an error means: nothing after it was run. \
        Don't go on to the next block. Paste into a client that
          stops at an error (block 0.1 tells), or save the block in a file and run `clickhouse-client \
          --queries-file FILE`.
        - One person at a time. Nobody alters the table, drops or attaches partitions of it, or runs UPDATE or \
        DELETE on it meanwhile.
        - Stop for as long as you like between two blocks of 1 and 2. From block 3.3 to block 6.1 Kafka waits.\
        """;

    static final String HALF_WAY = """
        A lost connection, an "EOF", a restart of the server. Look whether the server has been killed for want of
          memory, then whether the statement still
        runs (`SELECT query FROM system.processes`); wait until it has ended. Then **run the same block again**: it
          begins anew where nothing was
        attached, and it stops with an error where something was. Only in that case:\
        """;

    static final String WHEN_TO_STOP = """
        - A difference that `verify` finds again: nothing is swapped while it stands. Look at the keys it names, \
        then `rollback`.
        - `healthcheck` refuses: disk, memory, parts or \
        Kafka's retention near their limits. The runner stops by itself then.
        - Someone altered the table, dropped a partition or ran an UPDATE: `rollback`, and begin anew.
        - Exit code 5, outcome unknown: first look, with the statements in the message.
        - "EOF", or the server went away: see whether ClickHouse was killed for want of memory, then `migrate` \
        again with fewer `--threads`.\
        """;

    static final String WHEN_TO_STOP_BY_HAND = """
        - The same copy differs though merges are held (H.3), or block 2.5 names the same partition again: go back (A).
        - A disk runs full, or a partition nears `parts_to_delay_insert`: stop between two blocks, mend it, go on.
        - 45 s after block 3.3 you have not come to block 6.1: run 6.1 and release the merges (3.1); nothing is \
        lost. Come back to 3.1 at a quieter time.
        - After the exchange queries are wrong or slow: go back (B), as long as block 8.1 was not run.\
        """;

    private static final Map<String, String> WORKED = Map.of(
            "create",
            "`status` says that backfill is next",
            "backfill",
            "it ends with what little is left",
            "verify",
            "it names no difference; exit code 0",
            "pause",
            "Kafka's consumers stand still; a guard opens the gate at `--deadline`",
            "remaining",
            "it says how many rows it carried",
            "swap",
            "`is-required` says the table has the keys",
            "resume",
            "`status` shows a lag that falls",
            "optimize",
            "each partition was merged into one part; what comes in since makes new ones");

    private static final Map<String, String> UNDO = Map.of(
            "create",
            "`rollback`",
            "backfill",
            "`rollback`",
            "verify",
            "nothing: it reads",
            "pause",
            "`resume`",
            "remaining",
            "nothing: the rows stay",
            "swap",
            "`rollback`, with what came since",
            "resume",
            "`pause`",
            "optimize",
            "nothing: merged stays merged");

    /// How to see that an operation of rekey's has worked.
    static String worked(String step) {
        return WORKED.getOrDefault(step, "exit code 0");
    }

    static String undo(String step) {
        return UNDO.getOrDefault(step, "`rollback`");
    }

    /// What must be so before the first change, each with the query that tells.
    static List<RunbookBlock> preconditions(RunbookTables t, long diskBytes) {
        var source = t.source().name();
        var is = RunbookTables.is(source);
        var out = new ArrayList<RunbookBlock>();
        out.add(RunbookBlock.of(
                "0.1 This client stops at an error",
                "",
                List.of(
                        "SELECT throwIf(1, 'good: what comes after an error is not run')",
                        "SELECT 'NOT HERE: save each block in a file and run clickhouse-client --queries-file FILE'"),
                "It must end with the error `good`, and answer nothing."));
        out.add(RunbookBlock.of(
                "0.2 The server and the table can be migrated so",
                "Block numbers, an Atomic database, an engine whose rows keep their block, no name taken, nothing half"
                        + " changed.",
                List.of("SELECT (SELECT count() FROM system.merge_tree_settings WHERE name = '" + Ddl.BLOCK_NUMBERS
                        + "') = 1\n"
                        + "    AND (SELECT engine FROM system.databases WHERE name = " + Sql.text(source.database())
                        + ") = 'Atomic'\n"
                        + "    AND (SELECT engine FROM system.tables WHERE " + RunbookTables.isNamed(source)
                        + ") IN ('MergeTree', 'ReplacingMergeTree')\n"
                        + "    AND (SELECT count() FROM system.tables WHERE database = " + Sql.text(source.database())
                        + " AND (startsWith(name, " + Sql.text(t.target().table()) + ") OR name = "
                        + Sql.text(t.backup().table()) + ")) = 0\n"
                        + "    AND (SELECT count() FROM system.mutations WHERE NOT is_done AND " + is + ") = 0\n"
                        + "    AND"
                        + " (SELECT"
                        + " count() FROM"
                        + " system.parts"
                        + " WHERE active"
                        + " AND startsWith(partition_id,"
                        + " 'patch-')"
                        + " AND "
                        + is + ") = 0 AS all_well"),
                RunbookBlock.answers("1")));
        out.add(RunbookBlock.of(
                "0.3 Nothing hides rows from this user",
                "Neither a setting of the profile nor a row policy.",
                List.of(SessionSettings.CUTTING + "\nUNION ALL SELECT short_name FROM system.row_policies WHERE " + is),
                RunbookBlock.noRow()));
        out.add(RunbookBlock.of(
                "0.4 The disks have room",
                "",
                List.of("SELECT sum(unreserved_space) >= " + diskBytes
                        + " AS enough FROM system.disks\n"
                        + "WHERE name IN (SELECT arrayJoin(disks) FROM system.storage_policies WHERE policy_name = "
                        + Sql.text(t.source().storagePolicy()) + ")"),
                RunbookBlock.answers("1")));
        if (!t.ingestion().none()) {
            var topics = t.ingestion().kafkaTables().stream()
                    .map(k -> "`" + String.join(", ", k.topics()) + "` (group `" + k.group() + "`)")
                    .collect(Collectors.joining(", "));
            out.add(RunbookBlock.of(
                    "0.5 Kafka's consumers read, and nobody else is in their group",
                    "Kafka must keep " + topics + " for longer than you could be away with the gate closed: hours."
                            + " ClickHouse can't tell: `kafka-configs.sh --describe --entity-type"
                            + " topics`, `kafka-consumer-groups.sh --describe --members`.",
                    List.of("SELECT countIf(notEmpty(missing_dependencies)) + (count() = 0) AS not_well FROM"
                            + " system.kafka_consumers\n"
                            + "WHERE (database, table) IN ("
                            + t.ingestion().kafkaTables().stream()
                                    .map(k -> "(" + Sql.text(k.name().database()) + ", "
                                            + Sql.text(k.name().table()) + ")")
                                    .collect(Collectors.joining(", "))
                            + ")"),
                    RunbookBlock.answers("0")));
        }
        return out;
    }

    /// A block that was stopped between ATTACH and its mark.
    static List<RunbookBlock> halfWay(RunbookTables t) {
        var there = "hash_of_all_files IN (SELECT hash_of_all_files FROM system.parts WHERE active AND database = "
                + Sql.text(t.target().database()) + " AND table IN "
                + Sql.list(List.of(
                        t.target().table(),
                        t.source().name().table(),
                        t.backup().table())) + ")";
        return List.of(
                RunbookBlock.of(
                        "H.1 How much of it is there",
                        "All of the copy: run the rest of the stopped block, from its line `-- the mark` on. Less:"
                                + " H.2.",
                        List.of("SELECT countIf(" + there + ") AS parts_there, count() AS parts_copied FROM "
                                + RunbookTables.parts(t.staging())),
                        "It answers both numbers."),
                RunbookBlock.of(
                        "H.2 What is there goes again",
                        "The table that is filled stands under held merges meanwhile, so its parts are still those of"
                                + " the copy. Then run the stopped block again.",
                        RunbookCarry.dropParts(t),
                        RunbookBlock.paste()),
                RunbookBlock.of(
                        "H.3 A copy differs a second time",
                        "Merges of `" + t.source().name()
                                + "` drop rows while it is copied and compared, as a ReplacingMergeTree's do: hold"
                                + " them. When this answers 0, run the block that differed again; then H.4. If it"
                                + " differs still, stop and go back.",
                        List.of(
                                MergeHold.sql(t.source().name()),
                                "SELECT count() AS merges_still_running FROM system.merges WHERE "
                                        + RunbookTables.is(t.source().name())),
                        RunbookBlock.until("0")),
                RunbookBlock.of(
                        "H.4 Merges go on",
                        "Before block 3.1 only: from there on they are held anyway.",
                        t.releaseMerges(t.source().name()),
                        RunbookBlock.noError()));
    }
}
