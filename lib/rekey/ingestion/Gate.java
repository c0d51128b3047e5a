package rekey.ingestion;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Row;
import rekey.clickhouse.Sql;
import rekey.model.Ingestion;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.model.Trouble;

/// Stops all the views of a Kafka table together, in a way that a restart of the server does not undo: a Kafka table
/// does not read while the target of any view attached to it is missing. So the gate is a view whose target was
/// dropped. `SYSTEM PAUSE` alone is forgotten by a restart (seen within 45 s), and views detached one by one lost
/// 134,000 of 1.8 M rows (rule 1).
public record Gate(ClickHouse server, Rewrite rewrite) {

    /// The statements that close it, for one of the source's Kafka tables.
    ///
    /// @param number which of them, from 1
    public List<String> closing(int number, TableName kafkaTable) {
        var gate = rewrite.gate(number);
        var missing = rewrite.gateTarget(number);
        return List.of(
                "CREATE TABLE IF NOT EXISTS " + missing.sql() + " (n UInt8) ENGINE = Null",
                "CREATE MATERIALIZED VIEW IF NOT EXISTS " + gate.sql() + " TO " + missing.sql()
                        + " AS SELECT toUInt8(1) AS n FROM " + kafkaTable.sql(),
                "DROP TABLE " + missing.sql() + " SYNC");
    }

    /// The one statement that reopens ingestion by hand.
    public String opening(TableName gate) {
        return opened(gate);
    }

    static String opened(TableName gate) {
        return "DROP TABLE IF EXISTS " + gate.sql() + " SYNC";
    }

    /// Closes what is open of it. The batches that are running go on until they are committed: see
    /// [Consumers#awaitStopped]. A gate that stands is left alone: to make its target anew opens it until that is
    /// dropped, and a batch that then began comes in while held.
    public void close(Ingestion ingestion) {
        close(ingestion, () -> {});
    }

    /// @param fence asked before each statement whether it may still be made: a runner that was stopped for a while
    ///              in between would close what another has opened since, and with its own guard gone nobody would
    ///              open it
    void close(Ingestion ingestion, Runnable fence) {
        var named = named();
        refuseStrangers(named);
        var standing = gates(named, false);
        var half = gates(named, true);
        for (var sql :
                closing(ingestion, n -> !standing.contains(rewrite.gate(n)) || half.contains(rewrite.gateTarget(n)))) {
            fence.run();
            server.execute(sql);
        }
    }

    /// The statements that close it, of several Kafka tables all gates made before the first is closed.
    public List<String> closing(Ingestion ingestion) {
        return closing(ingestion, n -> true);
    }

    private List<String> closing(Ingestion ingestion, IntPredicate which) {
        var each = new ArrayList<List<String>>();
        int n = 0;
        for (var kafka : ingestion.kafkaTables()) if (which.test(++n)) each.add(closing(n, kafka.name()));
        return IntStream.range(0, 3)
                .boxed()
                .flatMap(phase -> each.stream().map(statements -> statements.get(phase)))
                .toList();
    }

    /// Reopens ingestion, whoever closed it and however far that went.
    public void open() {
        for (var sql : opening()) server.execute(sql);
    }

    /// The statements that open it as it stands now.
    public List<String> opening() {
        var named = named();
        return Stream.concat(gates(named, false).stream(), gates(named, true).stream())
                .map(this::opening)
                .toList();
    }

    /// The gates that are there now; none when ingestion is open.
    public List<TableName> standing() {
        return gates(named(), false);
    }

    /// Gates' targets that are still there: a close that was interrupted before its last statement.
    public List<TableName> leftTargets() {
        return gates(named(), true);
    }

    private List<TableName> gates(List<Row> named, boolean targets) {
        return named.stream()
                .filter(r -> targets ? isTarget(r) : isGate(r))
                .map(this::name)
                .toList();
    }

    /// What stands under a gate's names and is none: to make a gate there would do nothing, and to drop its target
    /// would drop somebody's table.
    private void refuseStrangers(List<Row> named) {
        for (var r : named)
            if (!isGate(r) && !isTarget(r))
                throw new Trouble.Refused(name(r) + " stands where the gate is to be made, and this migration has not"
                        + " made it. Nothing was paused. Look at what is in it, then rename or drop it.");
    }

    /// The tables that have a gate's name or its target's, to the letter: one named `_gate_notes` is somebody's.
    private List<Row> named() {
        var number = Pattern.compile(Pattern.quote(rewrite.gatePrefix()) + "(_\\d+)?(_missing)?");
        return server
                .query(("SELECT name, engine, create_table_query AS text FROM system.tables WHERE database = %s "
                                + "AND startsWith(name, %s) ORDER BY name")
                        .formatted(Sql.text(rewrite.source().database()), Sql.text(rewrite.gatePrefix())))
                .stream()
                .filter(r -> number.matcher(r.string("name")).matches())
                .toList();
    }

    private TableName name(Row r) {
        return rewrite.source().sibling(r.string("name"));
    }

    /// A view with nothing behind it: whoever made it, nothing is lost with it.
    private boolean isGate(Row r) {
        var missing = rewrite.source().sibling(r.string("name") + "_missing");
        return Catalog.viewTarget(r.string("text"), name(r))
                .filter(missing::equals)
                .isPresent();
    }

    private static boolean isTarget(Row r) {
        return r.string("name").endsWith("_missing") && r.string("engine").equals("Null");
    }
}
