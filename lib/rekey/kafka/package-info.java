//SOURCES Headroom.java
//SOURCES HeadroomProbe.java
//SOURCES KafkaAdmin.java
//SOURCES KafkaDenied.java
//SOURCES KafkaFailed.java
//SOURCES LogDirs.java
//SOURCES Member.java
//SOURCES Offsets.java
//SOURCES Retention.java

/// Offsets, headroom and members of consumer groups. This room reads; it never consumes and never moves an offset.
///
/// 1. **Data that expired is skipped without a word.** With `auto.offset.reset` at its default the consumers go on
///    behind the gap. So retention is looked at before, and again right before ingestion is held.
/// 2. **Every call ends.** While ingestion is held Kafka is asked for two seconds at most: an absent broker must
///    not keep it held.
package rekey.kafka;
