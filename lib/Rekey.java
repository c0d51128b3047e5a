package rekey;
//JAVA 25+
//DEPS com.clickhouse:clickhouse-jdbc:0.9.9:all@fatjar
//DEPS org.apache.kafka:kafka-clients:4.4.0
//DEPS tools.jackson.core:jackson-databind:3.2.4
//DEPS info.picocli:picocli:4.7.7
//DEPS org.slf4j:slf4j-nop:2.0.17
//RUNTIME_OPTIONS --enable-native-access=ALL-UNNAMED
//SOURCES rekey/model/Blocks.java
//SOURCES rekey/model/Column.java
//SOURCES rekey/model/Ingestion.java
//SOURCES rekey/model/Keys.java
//SOURCES rekey/model/Part.java
//SOURCES rekey/model/Rewrite.java
//SOURCES rekey/model/Table.java
//SOURCES rekey/model/TableName.java
//SOURCES rekey/model/Trouble.java
//SOURCES rekey/clickhouse/Catalog.java
//SOURCES rekey/clickhouse/Clauses.java
//SOURCES rekey/clickhouse/ClickHouse.java
//SOURCES rekey/clickhouse/Ddl.java
//SOURCES rekey/clickhouse/Endpoint.java
//SOURCES rekey/clickhouse/KeyText.java
//SOURCES rekey/clickhouse/Row.java
//SOURCES rekey/clickhouse/Sentences.java
//SOURCES rekey/clickhouse/ServerError.java
//SOURCES rekey/clickhouse/ServerGone.java
//SOURCES rekey/clickhouse/Sql.java
//SOURCES rekey/kafka/KafkaAdmin.java
//SOURCES rekey/kafka/KafkaDenied.java
//SOURCES rekey/kafka/LogDirs.java
//SOURCES rekey/kafka/Member.java
//SOURCES rekey/kafka/Offsets.java
//SOURCES rekey/kafka/Retention.java
//SOURCES rekey/session/Control.java
//SOURCES rekey/session/Entry.java
//SOURCES rekey/session/Journal.java
//SOURCES rekey/session/Limits.java
//SOURCES rekey/session/Original.java
//SOURCES rekey/session/Progress.java
//SOURCES rekey/session/Session.java
//SOURCES rekey/copy/Attachment.java
//SOURCES rekey/copy/BlockNumbers.java
//SOURCES rekey/copy/Checksum.java
//SOURCES rekey/copy/Chunk.java
//SOURCES rekey/copy/Copier.java
//SOURCES rekey/copy/Direction.java
//SOURCES rekey/copy/Marks.java
//SOURCES rekey/copy/MergeHold.java
//SOURCES rekey/copy/Rounds.java
//SOURCES rekey/check/Check.java

/// The vocabulary of rekey, for `import static rekey.Rekey.*` in scripts, JShell and notebooks, and the one list of the
/// library's sources and dependencies.
public final class Rekey {
    private Rekey() { }
}
