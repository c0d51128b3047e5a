package rekey.clickhouse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.lab.EmbeddedLab;
import rekey.lab.LabOptions;
import rekey.model.TableName;
import rekey.run.Plan;

/// Kafka's rows may reach a table by another's name. A Kafka table that is not known to feed it is not paused.
@Tag("kafka")
class RowPathsTest {
    private static final String CLUSTER =
            ("<remote_servers><here><shard><replica><host>127.0.0.1</host><port>1</port></replica></shard>"
                    + "</here></remote_servers>");

    /// What a plan says of each.
    private static List<String> told(ClickHouse server) {
        var events = new TableName("d", "events");
        var catalog = new Catalog(server);
        return catalog.ingestion(events).kafkaTables().stream()
                .map(k -> Plan.path(catalog.ways(), k, events))
                .toList();
    }

    @Test
    void throughDistributedAndBufferTables() {
        try (var lab = EmbeddedLab.start(LabOptions.temporary().withoutKafka().withServerXml(CLUSTER));
                var server = lab.clickhouse().connect()) {
            server.execute("CREATE DATABASE d");
            server.execute("CREATE TABLE d.events (a UInt64) ENGINE = MergeTree ORDER BY a");
            server.execute("CREATE TABLE d.other (a UInt64) ENGINE = MergeTree ORDER BY a");
            server.execute("CREATE TABLE d.writable (a UInt64) ENGINE = Distributed('here', 'd', 'events', rand())");
            server.execute(
                    "CREATE TABLE d.buffer (a UInt64) ENGINE = Buffer('d', 'writable', 1, 1, 1, 1, 1000, 1, 1000000)");
            server.execute("CREATE TABLE d.elsewhere (a UInt64) ENGINE = Distributed('here', 'd', 'other')");
            for (var way : List.of("events", "writable", "buffer", "elsewhere")) {
                server.execute("CREATE TABLE d.kafka_" + way
                        + " (a UInt64) ENGINE = Kafka('127.0.0.1:1', 't', 'g', 'JSONEachRow')");
                server.execute(
                        "CREATE MATERIALIZED VIEW d.view_" + way + " TO d." + way + " AS SELECT a FROM d.kafka_" + way);
            }
            // a user may have asked to see UUIDs in definitions
            try (var other = Labs.connect(
                    lab,
                    "default",
                    "",
                    Map.of("clickhouse_setting_show_table_uuid_in_table_create_query_if_not_nil", "1"))) {
                for (var s : List.of(server, other)) {
                    var feeding = new Catalog(s)
                            .ingestion(new TableName("d", "events")).kafkaTables().stream()
                                    .map(k -> k.name().table())
                                    .toList();
                    assertEquals(List.of("kafka_buffer", "kafka_events", "kafka_writable"), feeding);
                }
            }
            assertEquals(
                    List.of(
                            "d.kafka_buffer reads t as group g, through d.view_buffer -> d.buffer -> d.writable",
                            "d.kafka_events reads t as group g, through d.view_events",
                            "d.kafka_writable reads t as group g, through d.view_writable -> d.writable"),
                    told(server));
            // one that feeds it by a table of its own is told with all that is between
            server.execute("CREATE MATERIALIZED VIEW d.on_other TO d.buffer AS SELECT a FROM d.other");
            assertEquals(
                    "d.kafka_elsewhere reads t as group g, through d.view_elsewhere -> d.elsewhere -> d.other"
                            + " -> d.on_other -> d.buffer -> d.writable",
                    told(server).get(1));
            server.execute(
                    "CREATE TABLE d.kafka_own (a UInt64) ENGINE = Kafka('127.0.0.1:1', 't', 'g', 'JSONEachRow')");
            server.execute("CREATE MATERIALIZED VIEW d.own ENGINE = MergeTree ORDER BY a AS SELECT a FROM d.kafka_own");
            server.execute("CREATE MATERIALIZED VIEW d.on_own TO d.events AS SELECT a FROM d.own");
            assertEquals(
                    List.of("d.kafka_own reads t as group g, through d.own -> d.on_own"),
                    told(server).stream()
                            .filter(t -> t.startsWith("d.kafka_own"))
                            .toList(),
                    "a view that is its own target is named once");
        }
    }
}
