///usr/bin/env true
package rekey;
//JAVA 25+
//RUNTIME_OPTIONS --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
//DEPS org.apache.kafka:kafka_2.13:4.4.0
//SOURCES Rekey.java
//SOURCES rekey/lab/Bench.java
//SOURCES rekey/lab/ClickHouseProcess.java
//SOURCES rekey/lab/Demo.java
//SOURCES rekey/lab/EmbeddedLab.java
//SOURCES rekey/lab/EventProducer.java
//SOURCES rekey/lab/GuideTable.java
//SOURCES rekey/lab/fault/Case.java
//SOURCES rekey/lab/fault/Fault.java
//SOURCES rekey/lab/fault/Labs.java
//SOURCES rekey/lab/fault/Moment.java
//SOURCES rekey/lab/fault/Place.java
//SOURCES rekey/lab/fault/Recording.java
//SOURCES rekey/lab/fault/Reopening.java
//SOURCES rekey/lab/fault/Striker.java
//SOURCES rekey/lab/fault/Tally.java
//SOURCES rekey/lab/fault/Tool.java
//SOURCES rekey/lab/fault/Trial.java
//SOURCES rekey/lab/fault/Wire.java
//SOURCES rekey/lab/fault/Witness.java
//SOURCES rekey/lab/Judge.java
//SOURCES rekey/lab/KafkaBroker.java
//SOURCES rekey/lab/KeyTrial.java
//SOURCES rekey/lab/LabFolder.java
//SOURCES rekey/lab/LabOptions.java
//SOURCES rekey/lab/Ledger.java
//SOURCES rekey/lab/Library.java
//SOURCES rekey/lab/Notebook.java
//SOURCES rekey/lab/Queries.java
//SOURCES rekey/lab/ServerMain.java
//SOURCES rekey/lab/SmallDisk.java
//SOURCES rekey/lab/Upload.java

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Consumer;
import rekey.clickhouse.ClickHouse;
import rekey.lab.Bench;
import rekey.lab.Demo;
import rekey.lab.EmbeddedLab;
import rekey.lab.EventProducer;
import rekey.lab.GuideTable;
import rekey.lab.Judge;
import rekey.lab.KeyTrial;
import rekey.lab.Ledger;
import rekey.lab.Notebook;
import rekey.model.TableName;
import rekey.report.plot.Curves;
import rekey.session.Entry;
import rekey.session.Session;

/// The lab's own list of sources and dependencies: only what starts a ClickHouse and a Kafka of its own names it.
public final class Lab {
    private Lab() { }

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

    /// What the copy costs, beside the guide's SQL and the bare engine; see [Bench].
    ///
    /// @param say is told a line for each size
    public static Bench bench(List<Long> sizes, long seed, Consumer<String> say) {
        return new Bench(sizes, seed, say);
    }

    /// What stands above a bench's lines.
    public static String benchHeading() {
        return Bench.heading();
    }

    /// A bench's curves as a PNG.
    public static byte[] curves(List<Bench.Measured> measured) {
        var curves = new LinkedHashMap<String, List<Double>>();
        curves.put("the guide's SQL", measured.stream().map(m -> m.guideMs() / 1000.0).toList());
        curves.put("rekey, each row compared", measured.stream().map(m -> m.rekeyMs() / 1000.0).toList());
        curves.put("one tuned INSERT SELECT", measured.stream().map(m -> m.engineMs() / 1000.0).toList());
        return Curves.png("Time to rewrite a table", "rows", "seconds", measured.stream().map(Bench.Measured::rows).toList(), curves);
    }

    // --- for notebooks ---

    /// The guide's table in its old schema, `posthog.events`, with the rows of some months, and fed from Kafka. Its granules
    /// have 64 rows instead of 8192: so queries skip as many of them as on a table of a hundred times as many rows.
    public static GuideTable guideTable(EmbeddedLab lab, ClickHouse server, long rows) {
        return new GuideTable(server, lab.kafka(), new TableName("posthog", "events"), GuideTable.Options.GUIDE.withGranule(64)).create().fill(rows, 1);
    }

    /// Events go into the table by Kafka, so many a second, until it is closed.
    public static EventProducer produce(EmbeddedLab lab, GuideTable table, int rate) {
        return new EventProducer(lab.bootstrap(), table.topic(), EventProducer.Options.of(rate, 1), new Ledger()).start();
    }

    /// Ends producing, waits until all of it is in the table, and looks there for each message that Kafka acknowledged.
    public static Judge.Verdict judged(ClickHouse server, GuideTable table, EventProducer producer, TableName backup) {
        producer.pause();
        table.awaitConsumed(producer.ledger(), Duration.ofMinutes(2));
        return Judge.of(server, producer.ledger()).withFilled(table.filled()).withBackup(backup).judge(table.events());
    }

    /// What new keys would do to a table, tried on a sample of it on another server; see [KeyTrial].
    public static KeyTrial keyTrial(Session session, ClickHouse trial, long rows) {
        return KeyTrial.of(session, trial, rows);
    }

    /// A notebook, to be run; see [Notebook].
    public static Notebook notebook(Path file) {
        return Notebook.read(file);
    }
}
