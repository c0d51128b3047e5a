package rekey;
//JAVA 25+
//RUNTIME_OPTIONS --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -XX:TieredStopAtLevel=1
//RUNTIME_OPTIONS -XX:+UseSerialGC
//DEPS org.apache.kafka:kafka_2.13:4.4.0
//DEPS org.apache.zookeeper:zookeeper:3.9.3@fatjar
//DEPS org.apache.zookeeper:zookeeper-jute:3.9.3@fatjar
//DEPS io.dropwizard.metrics:metrics-core:4.2.30@fatjar
//DEPS org.slf4j:slf4j-api:2.0.20
//DEPS org.xerial.snappy:snappy-java:1.1.10.7
//DEPS com.fasterxml.jackson.core:jackson-databind:2.21.1
//DEPS com.fasterxml.jackson.core:jackson-annotations:2.22
//DEPS com.fasterxml.jackson.dataformat:jackson-dataformat-yaml:2.21.7
//SOURCES Rekey.java
//SOURCES rekey/lab/package-info.java

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import rekey.clickhouse.ClickHouse;
import rekey.lab.ClusterTable;
import rekey.lab.Demo;
import rekey.lab.EmbeddedLab;
import rekey.lab.EventProducer;
import rekey.lab.GuideTable;
import rekey.lab.Judge;
import rekey.lab.KeyTrial;
import rekey.lab.Ledger;
import rekey.model.TableName;
import rekey.session.Entry;
import rekey.session.Session;

/// The lab's own list of sources and dependencies: only what starts a ClickHouse and a Kafka of its own names it.
///
/// ZooKeeper is for clusters, without what it would bring: 1.7 MB. Its POM still decides for others which version of
/// what they bring is taken: so Kafka once had an slf4j of 2019. Five are named here for that reason.
public final class Lab {
    private Lab() {}

    /// Starts a temporary ClickHouse and Kafka; close it.
    public static EmbeddedLab lab() {
        return EmbeddedLab.start();
    }

    /// The guide's migration on a lab, judged; see [Demo].
    ///
    /// @param say  is told what happens around the migration
    /// @param seen is told each line of the journal
    public static Demo demo(long rows, int rate, long seed, Consumer<String> say, Consumer<Entry> seen) {
        return new Demo(rows, rate, seed, List.of(), say, seen);
    }

    /// The same beside plain writers that never pause, on one of three engines; with a rate of 0 without Kafka.
    public static Demo demo(
            long rows, int rate, long seed, int writers, String engine, Consumer<String> say, Consumer<Entry> seen) {
        return new Demo(rows, rate, seed, List.of(), say, seen, writers, engine);
    }

    /// The guide's old table on a lab, on each host of a cluster: filled, unless it is there already, and fed until
    /// the lab ends.
    ///
    /// @param rate events a second; 0: nothing is produced
    /// @return which table it is, for a person
    public static String fed(EmbeddedLab lab, long rows, int rate, long seed) {
        if (lab.isCluster()) {
            try (var table = new ClusterTable(lab)) {
                if (!table.exists()) table.create().fill(rows, seed);
                feed(lab, table.topic(), rate, seed);
                return "table       %s on each host, read from %s, fed from the topic %s"
                        .formatted(table.local(), table.events(), table.topic());
            }
        }
        try (var server = lab.clickhouse().connect()) {
            var table = new GuideTable(server, lab.kafka());
            if (!table.exists()) table.create().fill(rows, seed);
            feed(lab, table.topic(), rate, seed);
            return "table       " + table.events() + ", fed from the topic " + table.topic();
        }
    }

    private static void feed(EmbeddedLab lab, String topic, int rate, long seed) {
        if (rate > 0)
            new EventProducer(lab.bootstrap(), topic, EventProducer.Options.of(rate, seed), new Ledger()).start();
    }

    // --- for notebooks ---

    /// The guide's table in its old schema, `posthog.events`, with the rows of some months, and fed from Kafka. Its
    /// granules have 64 rows instead of 8192: so queries skip as many of them as on a table of a hundred times as
    /// many rows. Most rows are of the last days, so that a team's day is as dense as on a large table.
    public static GuideTable guideTable(EmbeddedLab lab, ClickHouse server, long rows) {
        return new GuideTable(
                        server,
                        lab.kafka(),
                        new TableName("posthog", "events"),
                        GuideTable.Options.GUIDE.withGranule(64).withDenseDays(4))
                .create()
                .fill(rows, 1);
    }

    /// Events go into the table by Kafka, so many a second, until it is closed.
    public static EventProducer produce(EmbeddedLab lab, GuideTable table, int rate) {
        return new EventProducer(lab.bootstrap(), table.topic(), EventProducer.Options.of(rate, 1), new Ledger())
                .start();
    }

    /// Ends producing, waits until all of it is in the table, and looks there for each message that Kafka
    /// acknowledged.
    public static Judge.Verdict judged(ClickHouse server, GuideTable table, EventProducer producer, TableName backup) {
        producer.pause();
        table.awaitConsumed(producer.ledger(), Duration.ofMinutes(2));
        return Judge.of(server, producer.ledger())
                .withFilled(table.filled())
                .withBackup(backup)
                .judge(table.events());
    }

    /// What new keys would do to a table, tried on a sample of it on another server; see [KeyTrial].
    public static KeyTrial keyTrial(Session session, ClickHouse trial, long rows) {
        return KeyTrial.of(session, trial, rows);
    }
}
