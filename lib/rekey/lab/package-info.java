//SOURCES Certificates.java
//SOURCES ClickHouseBinary.java
//SOURCES ClickHouseLibrary.java
//SOURCES ClickHouseProcess.java
//SOURCES Cluster.java
//SOURCES ClusterDemo.java
//SOURCES ClusterJudge.java
//SOURCES ClusterShape.java
//SOURCES ClusterTable.java
//SOURCES Demo.java
//SOURCES EmbeddedLab.java
//SOURCES EventProducer.java
//SOURCES GuideStatements.java
//SOURCES GuideTable.java
//SOURCES Judge.java
//SOURCES KafkaBroker.java
//SOURCES KeyTrial.java
//SOURCES LabFolder.java
//SOURCES LabHostOptions.java
//SOURCES LabOptions.java
//SOURCES Ledger.java
//SOURCES PreparedLibrary.java
//SOURCES Queries.java
//SOURCES SecuredAccess.java
//SOURCES ServerMain.java
//SOURCES SmallDisk.java
//SOURCES TlsFront.java
//SOURCES Upload.java
//SOURCES Writers.java
//SOURCES ZooKeeperMain.java
//SOURCES ZooKeeperProcess.java

/// The embedded ClickHouse and Kafka, producer, ledger and judge. Only what starts a lab names this room: an
/// operator's command needs no broker's 43 MB.
///
/// 1. **Kafka delivers at least once.** When the server dies between an insert and the commit of its offsets, the
///    batch comes again, with or without rekey. Rows have the moment of their insert, which a copy keeps and a
///    second insert has not: by that the judge tells such a batch.
/// 2. **FINAL hides doubles, and so does an optimize.** The judge counts raw rows, each coordinate once, before it.
/// 3. **A judge that can't fail proves nothing.** A run in which nothing was produced while held, or no late row
///    came, is vacuous. In three of eight moments no plain writer had an INSERT under way, so that four demos in
///    a row showed nothing.
package rekey.lab;
