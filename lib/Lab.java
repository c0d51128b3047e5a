///usr/bin/env true
package rekey;
//JAVA 25+
//RUNTIME_OPTIONS --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
//DEPS org.apache.kafka:kafka_2.13:4.4.0
//SOURCES Rekey.java
//SOURCES rekey/lab/ClickHouseProcess.java
//SOURCES rekey/lab/Demo.java
//SOURCES rekey/lab/EmbeddedLab.java
//SOURCES rekey/lab/EventProducer.java
//SOURCES rekey/lab/GuideTable.java
//SOURCES rekey/lab/fault/Case.java
//SOURCES rekey/lab/fault/Fault.java
//SOURCES rekey/lab/fault/Moment.java
//SOURCES rekey/lab/fault/Place.java
//SOURCES rekey/lab/fault/Recording.java
//SOURCES rekey/lab/fault/Striker.java
//SOURCES rekey/lab/fault/Tally.java
//SOURCES rekey/lab/fault/Tool.java
//SOURCES rekey/lab/fault/Trial.java
//SOURCES rekey/lab/fault/Wire.java
//SOURCES rekey/lab/Judge.java
//SOURCES rekey/lab/KafkaBroker.java
//SOURCES rekey/lab/LabFolder.java
//SOURCES rekey/lab/LabOptions.java
//SOURCES rekey/lab/Ledger.java
//SOURCES rekey/lab/Library.java
//SOURCES rekey/lab/Queries.java
//SOURCES rekey/lab/ServerMain.java
//SOURCES rekey/lab/SmallDisk.java

import java.util.List;
import java.util.function.Consumer;
import rekey.lab.Demo;
import rekey.lab.EmbeddedLab;
import rekey.session.Entry;

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
}
