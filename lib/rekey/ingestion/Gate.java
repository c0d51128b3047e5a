package rekey.ingestion;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.model.Ingestion;
import rekey.model.Rewrite;
import rekey.model.TableName;

/// Stops all the views of a Kafka table together, in a way that a restart of the server does not undo: a Kafka table
/// does not read while the target of any view attached to it is missing. So the gate is a view whose target was dropped.
/// `SYSTEM PAUSE` alone is forgotten by a restart (seen within 45 s), and views detached one by one lost 134,000 of
/// 1.8 M rows (FACTS: stopping and starting).
public record Gate(ClickHouse server, Rewrite rewrite) {

    /// The statements that close it, for one of the source's Kafka tables.
    ///
    /// @param number which of them, from 1
    public List<String> closing(int number, TableName kafkaTable) {
        var gate = rewrite.gate(number);
        var missing = rewrite.gateTarget(number);
        return List.of(
                "CREATE TABLE IF NOT EXISTS " + missing.sql() + " (n UInt8) ENGINE = Null",
                "CREATE MATERIALIZED VIEW IF NOT EXISTS " + gate.sql() + " TO " + missing.sql() + " AS SELECT toUInt8(1) AS n FROM " + kafkaTable.sql(),
                "DROP TABLE " + missing.sql() + " SYNC");
    }

    /// The one statement that reopens ingestion by hand.
    public String opening(TableName gate) {
        return "DROP TABLE IF EXISTS " + gate.sql() + " SYNC";
    }

    /// Closes what is open of it. The batches that are running go on until they are committed: see [Consumers#awaitStopped]. A gate that
    /// stands is left alone: to make its target anew opens it until that is dropped, and a batch that then began comes in while held.
    public void close(Ingestion ingestion) {
        var standing = standing();
        var half = leftTargets();
        for (var sql : closing(ingestion, n -> !standing.contains(rewrite.gate(n)) || half.contains(rewrite.gateTarget(n)))) server.execute(sql);
    }

    /// The statements that close it, of several Kafka tables all gates made before the first is closed.
    public List<String> closing(Ingestion ingestion) {
        return closing(ingestion, n -> true);
    }

    private List<String> closing(Ingestion ingestion, IntPredicate which) {
        var each = new ArrayList<List<String>>();
        int n = 0;
        for (var kafka : ingestion.kafkaTables()) if (which.test(++n)) each.add(closing(n, kafka.name()));
        return IntStream.range(0, 3).boxed().flatMap(phase -> each.stream().map(statements -> statements.get(phase))).toList();
    }

    /// Reopens ingestion, whoever closed it and however far that went.
    public void open() {
        for (var sql : opening()) server.execute(sql);
    }

    /// The statements that open it as it stands now.
    public List<String> opening() {
        return Stream.concat(standing().stream(), leftTargets().stream()).map(this::opening).toList();
    }

    /// The gates that are there now; none when ingestion is open.
    public List<TableName> standing() {
        return gates(false);
    }

    /// Gates' targets that are still there: a close that was interrupted before its last statement.
    public List<TableName> leftTargets() {
        return gates(true);
    }

    private List<TableName> gates(boolean targets) {
        return new Catalog(server).tablesLike(rewrite.source().database(), rewrite.gatePrefix()).stream()
                .filter(t -> t.table().endsWith("_missing") == targets).toList();
    }
}
