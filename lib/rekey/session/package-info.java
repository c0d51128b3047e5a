//SOURCES Between.java
//SOURCES Control.java
//SOURCES CopyingHost.java
//SOURCES Definition.java
//SOURCES Detail.java
//SOURCES DetailText.java
//SOURCES Encoded.java
//SOURCES Entry.java
//SOURCES HighestBlock.java
//SOURCES HostAway.java
//SOURCES IngestionHosts.java
//SOURCES Journal.java
//SOURCES JournalInsert.java
//SOURCES JournalNames.java
//SOURCES Key.java
//SOURCES Lanes.java
//SOURCES LeftOut.java
//SOURCES Limits.java
//SOURCES LineKeys.java
//SOURCES LineOf.java
//SOURCES LinePart.java
//SOURCES LocalCopy.java
//SOURCES LostCopier.java
//SOURCES MadeTables.java
//SOURCES Micros.java
//SOURCES Original.java
//SOURCES PeerJournals.java
//SOURCES Progress.java
//SOURCES ReplayedMutations.java
//SOURCES ServerClock.java
//SOURCES Session.java

/// Journal, the operator's orders, limits and progress: what every step is given.
///
/// 1. **Intent before effect.** What is about to happen is written down before it does, with the witness by which
///    a restart can tell whether it happened: a query id, the target's highest block, a table's UUID. What can't
///    be told is never guessed: exit code 5, and what to look at. A rollback that did not ask whether an EXCHANGE
///    back had been begun dropped the rows that an INSERT had left in the target alone.
/// 2. **The server outranks the journal.** What is done is read from the tables. The journal says what was meant
///    and what was carried.
/// 3. **The journal is append-only and stands beside the table**, so any colleague on any machine can take over.
///    Each line is on disk before its effect begins.
/// 4. **`--deadline` is 50 s at most.** Idle consumers are destroyed after 60 s without leaving their group; after
///    65 s of standing still, reading began again only after 38 s more.
/// 5. **A line of the journal is a record**, see [rekey.session.Detail]: what it says has types, and one class reads
///    and writes it. Keys were asked for by their names in 40 files, and a name written wrong was an empty text: a
///    report told each DELETE that was made again without its statement, for `commands` was written and `command`
///    was asked for. A name that was written once stays, and means the same; what an older version did not write is
///    optional; a key that only a newer version knows stays with its line. Journals of earlier versions are kept
///    beside the tests and read back first.
package rekey.session;
