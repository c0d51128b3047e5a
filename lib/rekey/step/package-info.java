//SOURCES Backfill.java
//SOURCES Create.java
//SOURCES DetachedRows.java
//SOURCES Exchange.java
//SOURCES Finalize.java
//SOURCES HostsApart.java
//SOURCES KafkaCatchUp.java
//SOURCES MergeHoldRelease.java
//SOURCES Optimize.java
//SOURCES Pause.java
//SOURCES Position.java
//SOURCES Remaining.java
//SOURCES Resume.java
//SOURCES SameRows.java
//SOURCES Shards.java
//SOURCES Staging.java
//SOURCES StandingPause.java
//SOURCES Step.java
//SOURCES Steps.java
//SOURCES Swap.java
//SOURCES SwapBack.java
//SOURCES Trailing.java
//SOURCES Verify.java

/// One operation a file: what happens, what it leaves, what undoes it.
///
/// 1. **An INSERT that runs through the EXCHANGE lands whole in the displaced table.** So do flushes of async
///    INSERTs and of Buffer tables. Trailing rounds carry them until nothing older than the exchange writes any
///    more. What is still in the queue of async INSERTs is refused instead, and lost where nobody waits for it: see
///    [rekey.copy.AsyncInsertQueue].
/// 2. **A statement of a dead runner may act after the take-over.** A TRUNCATE did, and 20 rows came from the
///    disconnected client's INSERT; a late second EXCHANGE swaps back. Each staging table and each name for a swap
///    is used once, and a take-over kills and awaits the old query ids first.
/// 3. **Merges are held for seconds, not through a backfill.** Parts pile up to the insert limit, and ingestion
///    fails. The hold is a setting in the table's definition (`max_bytes_to_merge_at_max_space_in_pool`),
///    journaled; every start, `status` and rollback releases one that was left behind. Rounds without a hold come
///    right before it, for under it no DELETE is made, and what is after one waits for the rounds after the
///    EXCHANGE: of a copy by day and a swap by night that was all that had come in between.
/// 4. **Block numbers are given back last.** While they are on, what was carried can still be told.
/// 5. **Nothing is dropped of which somebody may have the only copy:** detached parts, rows of the backup that
///    nobody carried, a table whose UUID is not the one in the journal. A detached backup once passed for a
///    dropped one.
/// 6. **`resume` asks whether ingestion went on where it had stopped:** offsets contiguous, nothing expired unread.
/// 7. **Each shard is a migration of its own, with one pause and one exchange over all of them.** A shard has its
///    copier, its marks and its journal; what a host of one reads from Kafka may be written to any, so all gates are
///    closed, all consumers awaited and all Distributed queues sent on before the last rounds. All intents are
///    written before the first EXCHANGE. It is not one moment: between the first host's and the last one's, rows may
///    land in an old table; the trailing rounds of each shard begin after the last host's. Killed in between, some
///    shards are swapped and others not, every row is where its name leads, and the next run swaps the others.
package rekey.step;
