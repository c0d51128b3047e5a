package rekey.maintainer.fault;

import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.lab.GuideTable;
import rekey.lab.Upload;
import rekey.lab.Writers;
import rekey.model.Column;
import rekey.model.TableName;

/// What each row must hold, by those who brought it: the filled rows as they were before anything began, and Kafka's
/// messages as they lie in the topic, read by a consumer of its own. So it knows what no table of the migration has
/// been through, and knows it after a rollback and after `finalize` too, when there is no second table any more. The
/// judge looks at coordinates only: a row that is there once and holds something else would pass it.
///
/// The one column that neither knows is the moment of insert of Kafka's rows. It is compared with the other table of
/// the swap where that stands.
record ExpectedRows(ClickHouse server, TableName events) {
    private static final int EXAMPLES = 5;
    private static final Duration POLL = Duration.ofMillis(200);

    /// What rows hold that should not.
    ///
    /// @param altered  coordinates with a row that holds something else than was brought
    /// @param invented rows of coordinates that nobody brought
    /// @param examples some of each, for a person
    record Testimony(long altered, long invented, List<String> examples) {}

    private TableName table() {
        return events.sibling("witness");
    }

    /// Notes what the table holds, before anything has begun.
    void begin() {
        server.execute("CREATE TABLE %s AS %s ENGINE = MergeTree ORDER BY (_partition, _offset)"
                .formatted(table().sql(), events.sql()));
        var columns = written();
        server.execute(
                "INSERT INTO %s (%s) SELECT %s FROM %s".formatted(table().sql(), columns, columns, events.sql()));
    }

    /// Compares all rows, in one query over both tables, or all three.
    ///
    /// A row's moment of insert may be another than in the other table only where it is later: then Kafka's
    /// consumer has read its batch again, and a merge has kept the later one.
    ///
    /// @param other the other table of the swap; null when there is none
    Testimony compare(String bootstrap, String topic, TableName other) {
        hear(bootstrap, topic);
        var row = server.one("""
            SELECT countIf(altered) AS altered_rows, sumIf(live, invented) AS invented_rows,
                groupArrayIf(%1$d)(at, altered) AS altered_at, groupArrayIf(%1$d)(at, invented) AS invented_at
            FROM (SELECT toString(_partition) || ':' || toString(_offset) AS at, countIf(side = 'live') AS live,
                    groupUniqArrayIf(content, side = 'witness') AS must, groupUniqArrayIf(content, side = 'live')
                      AS holds,
                    groupUniqArrayIf((content, arrived), side = 'other') AS there, groupUniqArrayIf((content,
                      arrived), side = 'live') AS here,
                    live > 0 AND empty(must) AS invented,
                    live > 0 AND notEmpty(must) AND (NOT hasAll(must, holds)
                        OR NOT hasAll(here, there) AND maxIf(arrived, side = 'live') <= maxIf(arrived, side =
                          'other')) AS altered
                FROM (%2$s UNION ALL %3$s%4$s) GROUP BY _partition, _offset)\
            """.formatted(
                        EXAMPLES,
                        side("witness", table()),
                        side("live", events),
                        other == null ? "" : " UNION ALL " + side("other", other)));
        var examples = new java.util.ArrayList<String>();
        row.strings("altered_at").forEach(at -> examples.add("altered: row " + at));
        row.strings("invented_at").forEach(at -> examples.add("invented: row " + at));
        return new Testimony(row.number("altered_rows"), row.number("invented_rows"), List.copyOf(examples));
    }

    /// Reads the topic from its beginning to where it ends now.
    private void hear(String bootstrap, String topic) {
        var config = Map.<String, Object>of("bootstrap.servers", bootstrap, "enable.auto.commit", "false");
        try (var kafka = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
                var upload = new Upload(server)) {
            var partitions = IntStream.range(0, GuideTable.PARTITIONS)
                    .mapToObj(n -> new TopicPartition(topic, n))
                    .toList();
            kafka.assign(partitions);
            kafka.seekToBeginning(partitions);
            var ends = new HashMap<>(kafka.endOffsets(partitions));
            var rows = new StringBuilder();
            while (ends.entrySet().stream().anyMatch(e -> kafka.position(e.getKey()) < e.getValue()))
                for (var m : kafka.poll(POLL))
                    rows.append(m.value(), 0, m.value().lastIndexOf('}'))
                            .append(",\"_timestamp\":")
                            .append(m.timestamp() / 1000)
                            .append(",\"_offset\":")
                            .append(m.offset())
                            .append(",\"_partition\":")
                            .append(m.partition())
                            .append("}\n");
            if (!rows.isEmpty())
                upload.send(
                        "INSERT INTO %s (%s) FORMAT JSONEachRow".formatted(table().sql(), written()),
                        BodyPublishers.ofString(rows.toString()));
        }
    }

    /// A row's coordinate, a hash of all that those who brought it know, and when it was inserted.
    private String side(String name, TableName of) {
        return ("SELECT '%s' AS side, _partition, _offset, sipHash64(tuple(%s, if(_partition = %d, %s, "
                        + "toDateTime64(0, 6, 'UTC')))) AS content, %4$s AS arrived FROM %5$s WHERE _partition < %6$d")
                .formatted(
                        name,
                        new Catalog(server)
                                .table(events).storedColumns().stream()
                                        .map(Column::sql)
                                        .filter(c -> !c.equals(TableName.quote(GuideTable.INSERTED_AT)))
                                        .collect(Collectors.joining(", ")),
                        GuideTable.FILLED,
                        GuideTable.INSERTED_AT,
                        of.sql(),
                        Writers.FIRST); // those have a ledger of their own
    }

    /// The columns that an INSERT names. What is made of others is made anew.
    private String written() {
        return new Catalog(server)
                .table(events).storedColumns().stream()
                        .filter(c -> !c.kind().equals("MATERIALIZED"))
                        .map(Column::sql)
                        .collect(Collectors.joining(", "));
    }
}
