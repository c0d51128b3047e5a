package rekey.report;

import static rekey.report.RunbookTables.isNamed;
import static rekey.report.RunbookTables.parts;
import static rekey.report.RunbookTables.stopIf;

import java.util.ArrayList;
import java.util.List;
import rekey.clickhouse.Ddl;
import rekey.copy.MergeHold;

/// The way back by hand, in both phases; a row that came since the swap comes along.
record RunbookBack(RunbookTables t, RunbookByHand forward) {

    /// Before the exchange.
    List<RunbookBlock> before() {
        var out = new ArrayList<>(forward.open("A.1"));
        var sql = new ArrayList<String>();
        sql.add(notNew());
        sql.addAll(List.of(
                Ddl.dropping(t.staging()),
                Ddl.dropping(t.model("forward")),
                Ddl.dropping(t.target()),
                Ddl.dropping(t.marks())));
        sql.addAll(restored());
        sql.add(left());
        out.add(RunbookBlock.of(
                "A.2 What was made goes",
                "The source was never touched but for two settings; they get their values back.",
                sql,
                RunbookBlock.answers("0")));
        return out;
    }

    /// After it: the same algorithm in the other direction.
    List<RunbookBlock> after() {
        var live = t.source().name();
        var back = new RunbookCarry(t, "back", live, t.backup(), false);
        var out = new ArrayList<RunbookBlock>();
        var first = new ArrayList<String>(List.of(notOld("The tables were not exchanged: go back by A.")));
        first.add(Ddl.dropping(t.model("back")));
        first.add(RunbookTables.IN_THE_SERVERS_ZONE);
        first.addAll(Ddl.staging(t.source(), t.model("back"), t.source().keys()));
        out.add(RunbookBlock.of(
                "B.1 Staging for the way back",
                "Operation 6 must have been done whole, blocks 6.2 and 6.3 too.",
                first,
                RunbookBlock.noError()));
        out.add(RunbookBlock.of(
                "B.2 A round back",
                "What came since the exchange goes into the old table; what was brought from there stays out.",
                back.round(),
                RunbookBlock.untilSmall()));
        out.add(RunbookBlock.of("B.3 Merges are held", "", List.of(MergeHold.sql(live)), RunbookBlock.noError()));
        out.addAll(forward.held("B.4", "B.5", "B.8"));
        out.add(RunbookBlock.of("B.6 The last round back", "", List.of(), RunbookBlock.again("B.2", "0")));
        var sql = new ArrayList<String>();
        sql.add(notOld("The old table is back already. Where " + t.backup()
                + " is still there, run the RENAME of this block alone; then block B.8."));
        sql.addAll(forward.mustStand());
        sql.add(stopIf(
                "max(max_block_number) >= " + t.mark("back"),
                "Rows have come since the last round: run block B.2 again.",
                parts(live)));
        sql.add("INSERT INTO " + t.marks().sql() + " (way, event) SELECT 'back', 'swapped'");
        sql.addAll(List.of(Ddl.exchanging(live, t.backup()), Ddl.renaming(t.backup(), t.target())));
        sql.add("SELECT sorting_key FROM system.tables WHERE " + isNamed(live) + " FORMAT TSVRaw");
        out.add(RunbookBlock.of(
                "B.7 The tables are exchanged back",
                "",
                sql,
                RunbookBlock.answers(t.source().keys().orderBy())));
        out.addAll(forward.open("B.8"));
        out.addAll(trailing());
        var clean = new ArrayList<String>();
        clean.add(notNew());
        clean.addAll(List.of(
                Ddl.dropping(t.staging()),
                Ddl.dropping(t.model("forward")),
                Ddl.dropping(t.model("back")),
                Ddl.dropping(t.target()),
                Ddl.dropping(t.marks())));
        clean.addAll(restored());
        clean.add(left());
        out.add(RunbookBlock.of("B.11 What was made goes", "", clean, RunbookBlock.answers("0")));
        return out;
    }

    private List<RunbookBlock> trailing() {
        return forward.older(
                "B.9", new RunbookCarry(t, "back", t.target(), t.source().name(), false), "new table");
    }

    private String notOld(String sentence) {
        return stopIf(
                "toString(uuid) = (SELECT any(note) FROM " + t.marks().sql() + " WHERE event = 'source')",
                sentence,
                "system.tables WHERE " + isNamed(t.source().name()));
    }

    /// What would drop the live table's only copy is an error.
    private String notNew() {
        return stopIf(
                "toString(uuid) != (SELECT any(note) FROM " + t.marks().sql() + " WHERE event = 'source')",
                "The live table is the new one: this is the wrong way back.",
                "system.tables WHERE " + isNamed(t.source().name()));
    }

    /// Block numbers last: while they are on, what was carried can still be told.
    private List<String> restored() {
        var out = new ArrayList<>(t.releaseMerges(t.source().name()));
        out.addAll(t.original().restore(t.source().name(), Ddl.BLOCK_NUMBERS, Ddl.MUTATIONS_KEPT));
        return out;
    }

    private String left() {
        return "SELECT count() FROM system.tables WHERE database = "
                + rekey.clickhouse.Sql.text(t.target().database()) + " AND startsWith(name, "
                + rekey.clickhouse.Sql.text(t.target().table()) + ")";
    }
}
