///usr/bin/env true
package rekey;
//JAVA 25+
//RUNTIME_OPTIONS --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
//DEPS org.apache.kafka:kafka_2.13:4.4.0
//SOURCES Rekey.java
//SOURCES rekey/lab/ClickHouseProcess.java
//SOURCES rekey/lab/EmbeddedLab.java
//SOURCES rekey/lab/EventProducer.java
//SOURCES rekey/lab/GuideTable.java
//SOURCES rekey/lab/Judge.java
//SOURCES rekey/lab/KafkaBroker.java
//SOURCES rekey/lab/LabFolder.java
//SOURCES rekey/lab/LabOptions.java
//SOURCES rekey/lab/Ledger.java
//SOURCES rekey/lab/Library.java
//SOURCES rekey/lab/ServerMain.java

import rekey.lab.EmbeddedLab;

/// The lab's own list of sources and dependencies: only what starts a ClickHouse and a Kafka of its own names it.
public final class Lab {
    private Lab() { }

    /// Starts a temporary ClickHouse and Kafka; close it.
    public static EmbeddedLab lab() {
        return EmbeddedLab.start();
    }
}
