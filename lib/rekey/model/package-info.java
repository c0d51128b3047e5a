//SOURCES Amounts.java
//SOURCES Blocks.java
//SOURCES CertificateFault.java
//SOURCES Column.java
//SOURCES Ingestion.java
//SOURCES Keys.java
//SOURCES LongName.java
//SOURCES Mutation.java
//SOURCES Part.java
//SOURCES Rewrite.java
//SOURCES Table.java
//SOURCES TableName.java
//SOURCES Trouble.java

/// What a table, its keys, a rewrite, a way of ingestion are: records without I/O. A name, a key or a block set is
/// understood here once, and every other room uses that.
///
/// 1. **A mark is a set of block intervals, never one number.** On a replicated table a lower block can become
///    visible after a higher one: with fetches stopped, block 16 was visible and 15 came later; under load 47 of
///    286 blocks came so.
/// 2. **All names follow from the migration's name.** A colleague on another machine, or a person with only
///    clickhouse-client, finds the tables by reading the journal. A name that was used once is never used again for
///    another table of that kind (see room `step`, rule 2).
package rekey.model;
