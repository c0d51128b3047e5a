package rekey.report;

import static rekey.report.RunbookTables.isNamed;
import static rekey.report.RunbookTables.parts;
import static rekey.report.RunbookTables.stopIf;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import rekey.check.OtherWriters;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Sql;
import rekey.copy.BlockNumbers;
import rekey.copy.MergeHold;
import rekey.ingestion.Gate;
import rekey.model.TableName;
import rekey.step.Optimize;
import rekey.step.Trailing;

/// The seven operations as plain SQL for a person with clickhouse-client alone. The statements are those of the
/// steps; what differs is that a person and a small table of marks stand where the runner and its journal do.
record RunbookByHand(RunbookTables t, long chunkRows) {

    List<RunbookBlock> create() {
        var r = t.rewrite();
        var marks = t.marks().sql();
        var first = new ArrayList<String>();
        first.add(RunbookTables.IN_THE_SERVERS_ZONE);
        first.add("CREATE TABLE " + marks
                + " (at DateTime64(6) DEFAULT now64(6), way String, event String, partition String, first Int64, below"
                + " Int64, rows UInt64, note String)\n"
                + "ENGINE = MergeTree ORDER BY at COMMENT 'by hand: how far the migration is'");
        first.add("INSERT INTO " + marks
                + " (way, event, note) SELECT 'forward', 'source', toString(uuid) FROM system.tables WHERE "
                + isNamed(t.source().name()));
        first.addAll(Ddl.target(t.source(), r.target(), t.keys(), r.engine()));
        first.addAll(Ddl.staging(t.source(), t.model("forward"), t.keys()));
        if (!BlockNumbers.enabled(t.source())) first.add(BlockNumbers.enable(t.source()));
        first.add("INSERT INTO " + marks + " (way, event) SELECT 'forward', 'numbered'");
        first.add("SELECT sorting_key FROM system.tables WHERE " + isNamed(t.target()) + " FORMAT TSVRaw");
        var numbered = "toUnixTimestamp64Micro((SELECT max(at) FROM " + marks + " WHERE event = 'numbered'))";
        return List.of(
                RunbookBlock.of(
                        "1.1 The new table, and the table of marks",
                        "`" + t.target() + "` gets the source's whole definition under the new keys. From here on "
                                + "each row of `" + t.source().name() + "` keeps the number of the block it came in. "
                                + "Should this block be stopped half-way, take it back by A.2 and run it again.",
                        first,
                        RunbookBlock.answers(t.keys().orderBy())),
                RunbookBlock.of(
                        "1.2 Older merges and mutations have ended",
                        "A merge that began before block numbers were on writes parts without them.",
                        List.of("SELECT (" + BlockNumbers.olderMerges(t.source(), numbered) + ")\n    + ("
                                + BlockNumbers.unfinishedMutations(t.source()) + ") AS still_running"),
                        RunbookBlock.until("0")));
    }

    List<RunbookBlock> backfill() {
        var carry = forward();
        return List.of(
                RunbookBlock.of(
                        "2.1 How far the first round goes",
                        "",
                        List.of("INSERT INTO " + t.marks().sql()
                                + " (way, event, below)\nSELECT 'forward', 'cut', max(max_block_number) + 1 FROM "
                                + parts(t.source().name())),
                        RunbookBlock.noError()),
                RunbookBlock.of(
                        "2.2 The next chunk",
                        "It finds the next partition that is not yet carried, or of a large one the next "
                                + String.format("%,d", chunkRows)
                                + " rows, so it can be stopped between two runs for as long as you like. Long: save it"
                                + " as `chunk.sql` and run\n"
                                + "`while [ \"$(clickhouse-client --queries-file chunk.sql | tail -n 1)\" -gt 0 ]; do"
                                + " sleep 1; done`;\n"
                                + "an error ends it too, and block 2.3 tells whether partitions are left.",
                        carry.nextChunk(chunkRows),
                        RunbookBlock.until("0")),
                RunbookBlock.of("2.3 The first round is whole", "", carry.firstRoundDone(), RunbookBlock.noError()),
                RunbookBlock.of(
                        "2.4 A round",
                        "All that came since the last mark, late rows for old partitions among it.",
                        carry.round(),
                        RunbookBlock.untilSmall()),
                RunbookBlock.of(
                        "2.5 The whole comparison",
                        "Of all that was carried. It names the partitions that differ. A row that comes while it"
                            + " counts can make one differ: run it again; what stays different is a difference: stop,"
                            + " and go back.",
                        List.of(comparison().begun(), comparison().sql()),
                        RunbookBlock.noRow()));
    }

    List<RunbookBlock> pause() {
        var out = new ArrayList<RunbookBlock>();
        out.add(RunbookBlock.of(
                "3.1 Merges are held",
                "So that what is new lies in small parts. For minutes only: parts pile up. Should you break off here,"
                        + " run "
                        + RunbookBlock.inline(t.releaseMerges(t.source().name())) + ".",
                List.of(MergeHold.sql(t.source().name())),
                RunbookBlock.noError()));
        out.add(RunbookBlock.of(
                "3.2 The last rounds while Kafka is read",
                "",
                List.of(),
                "Run block 2.4 again until its last answer is small: about what comes in while you read this."));
        out.addAll(held("3.3", "3.4", "6.1"));
        return out;
    }

    /// The gate, and waiting until it holds.
    List<RunbookBlock> held(String close, String await, String open) {
        if (t.ingestion().none())
            return List.of(RunbookBlock.of(
                    close + " Nothing to pause",
                    "No Kafka table feeds `" + t.source().name() + "`. Stop whoever inserts into it until block " + open
                            + ".",
                    List.of(),
                    ""));
        return List.of(
                RunbookBlock.of(
                        close + " The gate",
                        "**From here on nothing is read from Kafka.** All views of a Kafka table stop while the target"
                            + " of one is missing, and a restart of the server does not change that. Nobody reopens it"
                            + " but you: have block "
                                + open + " at hand in a second window. If you are not through after 45 s, "
                                + "run block " + open
                                + " at once, and come back later: after 60 s the consumers leave their group.",
                        closing(),
                        RunbookBlock.noError()),
                RunbookBlock.of(
                        await + " The running batches have ended",
                        "They go on to their flush, up to `kafka_flush_interval_ms` (7.5 s by default).",
                        List.of("SELECT countIf(is_currently_used OR notEmpty(assignments.topic) AND"
                                + " empty(missing_dependencies)) AS still_reading\n"
                                + "FROM system.kafka_consumers WHERE (database, table) IN ("
                                + kafkaTables().stream()
                                        .map(k -> "(" + Sql.text(k.database()) + ", " + Sql.text(k.table()) + ")")
                                        .collect(Collectors.joining(", "))
                                + ")"),
                        RunbookBlock.until("0")));
    }

    List<RunbookBlock> remaining() {
        return List.of(RunbookBlock.of(
                "4.1 The last round",
                "If it does not come to 0, someone beside Kafka writes: stop that writer, or give up and run block"
                        + " 6.1.",
                List.of(),
                RunbookBlock.again("2.4", "0")));
    }

    List<RunbookBlock> swap() {
        var marks = t.marks().sql();
        var source = t.source().name();
        var sql = new ArrayList<String>();
        sql.add(stopIf(
                "toString(uuid) != (SELECT any(note) FROM " + marks + " WHERE event = 'source')",
                "The tables are exchanged already. Where " + t.backup()
                        + " is not there, run the RENAME of this block alone; then block 6.1.",
                "system.tables WHERE " + isNamed(source)));
        sql.addAll(mustStand());
        sql.add(comparison().stopIfOutdated());
        sql.add(stopIf(
                "max(max_block_number) >= " + t.mark("forward"),
                "Rows have come since the last round: run block 2.4 again.",
                parts(source)));
        sql.add("INSERT INTO " + marks
                + " (way, event, partition, below)\nSELECT 'back', 'carried', '*', max(max_block_number) + 1 FROM "
                + parts(t.target()));
        sql.add("INSERT INTO " + marks + " (way, event) SELECT 'forward', 'swapped'");
        sql.addAll(List.of(Ddl.exchanging(source, t.target()), Ddl.renaming(t.target(), t.backup())));
        sql.add("SELECT sorting_key FROM system.tables WHERE " + isNamed(source) + " FORMAT TSVRaw");
        return List.of(RunbookBlock.of(
                "5.1 The tables are exchanged",
                "In one moment. The old table becomes `" + t.backup() + "`.",
                sql,
                RunbookBlock.answers(t.keys().orderBy())));
    }

    List<RunbookBlock> resume() {
        var out = new ArrayList<>(open("6.1"));
        out.addAll(older(
                "6.2", new RunbookCarry(t, "forward", t.backup(), t.source().name(), true), "old table"));
        var after = new ArrayList<String>(t.releaseMerges(t.backup()));
        after.add(Ddl.dropping(t.model("forward")));
        after.addAll(Ddl.ttl(t.source(), t.source().name()));
        after.addAll(Ddl.due(t.source(), t.source().name()));
        after.add("SELECT arrayStringConcat(arraySort(arrayMap((d, n) -> concat(d, '.', n), dependencies_database,"
                + " dependencies_table)), ', ') FROM system.tables WHERE "
                + isNamed(t.source().name()) + " FORMAT TSVRaw");
        out.add(RunbookBlock.of(
                "6.4 What the new table was spared",
                "The old one may merge again; the new one gets the TTLs that it did not have while it was filled. The"
                    + " answer names the views that are told of its rows: the same as before. One that vanished comes"
                    + " back by `DETACH TABLE` and `ATTACH TABLE` of it.",
                after,
                RunbookBlock.answers(t.dependants().stream()
                        .map(TableName::toString)
                        .sorted()
                        .collect(Collectors.joining(", ")))));
        return out;
    }

    /// The gate opens.
    List<RunbookBlock> open(String number) {
        if (t.ingestion().none()) return List.of();
        var gate = gate();
        var sql = new ArrayList<String>(
                numbers().mapToObj(n -> gate.opening(t.rewrite().gate(n))).toList());
        numbers().forEach(n -> sql.add(gate.opening(t.rewrite().gateTarget(n))));
        sql.add("SELECT count() FROM system.tables WHERE database = "
                + Sql.text(t.target().database()) + " AND startsWith(name, "
                + Sql.text(t.rewrite().gatePrefix()) + ")");
        return List.of(RunbookBlock.of(
                number + " The gate opens",
                "Kafka is read again from where it stopped, into the table under its name.",
                sql,
                RunbookBlock.answers("0")));
    }

    /// INSERTs that ran through the exchange land whole in the displaced table: what they left there is carried.
    List<RunbookBlock> older(String number, RunbookCarry trailing, String displaced) {
        var next = number.substring(0, 2) + (Integer.parseInt(number.substring(2)) + 1);
        var sql = new ArrayList<>(
                OtherWriters.buffers(t.session()).stream().map(Trailing::flush).toList());
        sql.add("SELECT (" + Trailing.olderInserts(t.session(), t.swapTime() + " + INTERVAL 5 SECOND")
                + ")\n    + (SELECT count() FROM system.asynchronous_inserts WHERE first_update <= " + t.swapTime()
                + " + INTERVAL 5 SECOND) AS still_running");
        return List.of(
                RunbookBlock.of(
                        number + " No INSERT or ALTER older than the exchange runs",
                        "Such a one still writes into the " + displaced + ".",
                        sql,
                        RunbookBlock.until("0")),
                RunbookBlock.of(next + " What they left behind", "", trailing.round(), RunbookBlock.until("0")));
    }

    List<RunbookBlock> optimize() {
        var one = Optimize.sql(t.source().name(), "P");
        var around = one.split(java.util.regex.Pattern.quote("'P'"), 2);
        return List.of(RunbookBlock.of(
                "7.1 Each partition is merged into one part",
                "Optional, and can wait: it removes duplicates. One at a time.",
                List.of("SELECT concat(" + Sql.text(around[0] + "'") + ", partition_id, "
                        + Sql.text("'" + around[1] + ";") + ") AS statement\nFROM "
                        + parts(t.source().name())
                        + "\nGROUP BY partition_id HAVING count() > 1 ORDER BY partition_id\nFORMAT TSVRaw"),
                RunbookBlock.paste()));
    }

    List<RunbookBlock> end() {
        var sql = new ArrayList<String>(List.of(
                Ddl.dropping(t.backup()),
                Ddl.dropping(t.staging()),
                Ddl.dropping(t.model("forward")),
                Ddl.dropping(t.model("back")),
                Ddl.dropping(t.marks())));
        sql.addAll(t.original().settled(t.source().name()));
        return List.of(RunbookBlock.of(
                "8.1 The old table goes", "From here on there is no way back.", sql, RunbookBlock.noError()));
    }

    // --- pieces ---

    RunbookCarry forward() {
        return new RunbookCarry(t, "forward", t.source().name(), t.target(), false);
    }

    private RunbookComparison comparison() {
        return new RunbookComparison(t);
    }

    private Gate gate() {
        return new Gate(t.session().server(), t.rewrite());
    }

    List<TableName> kafkaTables() {
        return t.ingestion().kafkaTables().stream().map(k -> k.name()).toList();
    }

    private IntStream numbers() {
        return IntStream.rangeClosed(1, kafkaTables().size());
    }

    /// Of several Kafka tables all the gates are made first, then closed together.
    private List<String> closing() {
        var each = numbers()
                .mapToObj(n -> gate().closing(n, kafkaTables().get(n - 1)))
                .toList();
        return IntStream.range(0, 3)
                .boxed()
                .flatMap(phase -> each.stream().map(s -> s.get(phase)))
                .toList();
    }

    /// An error where the gate does not stand.
    List<String> mustStand() {
        if (t.ingestion().none()) return List.of();
        var gates = numbers().mapToObj(n -> t.rewrite().gate(n).table()).toList();
        return List.of(stopIf(
                "count() < " + gates.size(),
                "The gate does not stand: Kafka is being read.",
                "system.tables WHERE database = " + Sql.text(t.target().database()) + " AND name IN "
                        + Sql.list(gates)));
    }
}
