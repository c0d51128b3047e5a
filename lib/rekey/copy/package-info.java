//SOURCES AggregateStates.java
//SOURCES Arrivals.java
//SOURCES AsyncInsertQueue.java
//SOURCES AttachedRows.java
//SOURCES Attachment.java
//SOURCES AwaitedMutations.java
//SOURCES BlockNumbers.java
//SOURCES CheckedChunk.java
//SOURCES Checksum.java
//SOURCES Chunk.java
//SOURCES ChunkCheck.java
//SOURCES Copier.java
//SOURCES Direction.java
//SOURCES Expiry.java
//SOURCES FallingBehind.java
//SOURCES FirstRoundHold.java
//SOURCES ForeignBlockNumbers.java
//SOURCES HiddenRows.java
//SOURCES InsertBlocks.java
//SOURCES LargeFetches.java
//SOURCES LeftOutHosts.java
//SOURCES LostParts.java
//SOURCES Marks.java
//SOURCES MergeHold.java
//SOURCES MergedForeignRows.java
//SOURCES MutationReplay.java
//SOURCES NewerRows.java
//SOURCES OpenDeletes.java
//SOURCES ParallelCopies.java
//SOURCES Peers.java
//SOURCES ReorderedRows.java
//SOURCES Replication.java
//SOURCES ReusedBlockNumbers.java
//SOURCES Rounds.java
//SOURCES TakeOver.java
//SOURCES UnmergedParts.java
//SOURCES UntoldChanges.java
//SOURCES VanishedBlocks.java
//SOURCES VoidedCopies.java
//SOURCES Way.java

/// How rows come from one table into another: marks, chunks, staging, attach. It is the heart of exactness.
///
/// A chunk goes source -> staging -> checked -> attached -> journaled. Killed anywhere, it leaves neither a hole
/// nor a double.
///
/// 1. **ATTACH PARTITION is not atomic when the server is killed in it.** 32, another time 327, of 1,500 parts were
///    there after the restart. The journal has staging's parts, and count, sum and xor, before the attach. After
///    any uncertainty what stands in the target above the earlier highest block is compared with that: all there,
///    it is noted; nothing, it is done again; some, those parts are dropped and it is done again. Staging is
///    emptied only afterwards.
/// 2. **What rekey attached is not carried back.** Going forward again after a rollback doubled rows as long as a
///    mark was one number. A mark is intervals, per pair of tables, and the blocks that rekey itself attached are
///    in it.
/// 3. **`_block_number` is exact only if** each of these holds; each was seen to fail on a real server:
///    1. every merge and mutation older than the ALTER that switches it on is gone before the first mark;
///    2. the table has no `TTL ... GROUP BY`;
///    3. the setting stays on to the very end: its RESET is the last undo, and every round looks at it;
///    4. no number is given twice. After a DROP of the part with the highest block and a restart, the next
///       INSERT got that number again. On a changed start time, if the highest block is below the highest one seen,
///       the marks are void. A `DETACH TABLE` and `ATTACH TABLE` do the same to a plain table and no start time
///       tells: there a part of the name of one that was read and of another hash does ([ReusedBlockNumbers]);
///    5. nobody attaches or detaches partitions: every block up to the mark stays covered by active parts, and no
///       new part holds numbers outside its own interval;
///    6. there is no lightweight UPDATE and no patch part. They leave no trace in `system.mutations`;
///    7. no CLEANUP merge of a ReplacingMergeTree removes a deleted row before its round.
///    8. no part with numbers of its own is attached and merged before the next round sees it. A part that was
///       inserted stores no numbers, so one of a single block that does is looked for after a merge, also where it
///       was merged; the test of it lost three rows, on tables with a version or a TTL too, exit 0.
/// 4. **Chunks of a table that replaces rows are copied raw.** `optimize_on_insert=0`, and the source's active
///    parts of that partition must be the same before and after; else the chunk is copied again. FINAL runs before
///    a filter on blocks, so a chunk is never read with FINAL.
/// 5. **The order of insertion decides which row stays when versions tie.** One thread per chunk, and chunks
///    of a partition attached in the order of their blocks, though they are copied side by side: a table without
///    partitions is not one thread's. With several threads in one chunk another row stayed in 3 of 3 runs.
/// 6. **Partitions, or chunks, side by side with `max_threads=1` are the fastest copy.** 4 M rows in 6 partitions on
///    2 cores, against one partition at a time: 0.48 of the time; `max_insert_threads=2` 0.9 to 1.15; one INSERT for
///    the whole table 1.2 to 1.4; with ORDER BY in the SELECT 1.8 to 2.7.
/// 7. **The hash of a row is `cityHash64(tuple(...))`.** `cityHash64(*)` is NULL when any column is, and such rows
///    drop out of the sums.
/// 8. **States of aggregate functions are hashed by what they yield, wherever they stand.** One inside an Array was
///    hashed by its bytes, which differ at each copy: a false difference, after which nothing could be swapped.
/// 9. **Many small partitions go in one chunk.** Each chunk costs a staging table, its check and its ATTACH: 400
///    partitions of a few rows took 129 s. A chunk takes up to 200 of them and a twentieth of the largest chunk's
///    rows; a partition of several chunks keeps its own, for their order decides. The check sums each partition of a
///    joined chunk by itself (GROUP BY the partition's id, on both sides), and the journal keeps these sums: with
///    one sum for all, nothing was known of any of them, and a comparison read each again on both sides.
/// 10. **A replicated table numbers the blocks of each partition by itself, and a lower one may come after a higher
///     one.** With fetches stopped block 16 was visible and 15 came later; with 4 + 2 writers 47 of 286 blocks came
///     so. A chunk therefore names its blocks and no number between them, and what an attach brought is told by the
///     highest block of each partition.
/// 11. **Of two equal parts that are attached to a replicated table the later is swallowed, without an error.** Its
///     stagings have `assign_part_uuids = 1`: then no part equals another's, and the same staging attached again
///     changes nothing. Each partition is all or nothing; a statement that ended between two is settled by the
///     parts. An attach without an answer is in the parts or in the queue: the queue is waited for before the
///     staging table is dropped, else its parts would be lost on all replicas, and before a part is taken out again.
/// 12. **A part that was lost is replaced by an empty one of its blocks.** Every round looks at `lost_part_count`.
/// 13. **One host of a shard copies, and the others fetch.** Settings, holds of merges and names are each host's
///     own: they are changed on each by itself, on the copier last. Each round looks whether every host still
///     numbers blocks and whether there are no others: a merge by one that does not wipes the numbers on all. Rounds
///     that must see everything wait until the copier has fetched what others acknowledged. Tables are exchanged
///     only when every host has the parts, and after a large chunk they are waited for, too. A small round waits at
///     its end, and its time is told without it: what counts is how long it holds ingestion, and there the others
///     are waited for once, before the EXCHANGE. Its staging table goes before: the table that was read
///     has the rows.
/// 14. **A table is the same on two hosts when its path in Keeper is.** What a runner that died between two hosts'
///     EXCHANGE left is finished by names and paths alone: the others take the copier's names. UUIDs are each host's
///     own, and the journal has the copier's: when another host copies on, its first line says what each is called
///     there, and older lines are read by that ([rekey.session.CopyingHost], [rekey.copy.TakeOver]). Who copied last
///     is told by the newest journal of all hosts: a host that was away through a whole run had an older one, took
///     itself for the copier, and would have taken a swap back on all hosts without its rows.
///     The copier's own names count only as long as its journal has all that others have of it. One whose disk was
///     replaced, or put back to an older state, is not followed: all others would have exchanged the swap back
///     without its rows. And each start brings the others the lines that they lack: a host that had been away
///     through a swap took all that was carried for new when the other one was lost.
///     Where the copier does not answer another one copies on by itself ([rekey.session.LostCopier],
///     [LeftOutHosts]): from the first chunk to the first pause alone, when Keeper has the lost one's replicas
///     inactive, and not before all is fetched that stands in the log. A cut between the runner and that host alone
///     is no loss: two would copy. When the lost one is active again no round more is made without it, its running
///     statements are ended, and its staging tables dropped when nothing in its queue needs them.
/// 15. **No row is attached to the live table once a later row of its key is there.** One plain writer whose
///     INSERT ran through the EXCHANGE, and who sent the next when it was answered, lost the newer row for good, 4
///     runs of 4, exit 0: the trailing round attached the older one after it, and FINAL showed that. So a chunk
///     into the live table leaves out the rows that a row would have to give way to which came since: of the same
///     partition and key as the live table has them, and of the same version where it has one. A higher version wins
///     and a lower one loses wherever it stands, so those are carried. What stays out counts as carried, for the
///     displaced table has it; a comparison passes over its keys. A newer row that comes between the look and the
///     attach has a lower block than what was attached, and merges are held: so it is looked once more after the
///     attach, and then those parts are dropped and the chunk is sifted anew. A restart looks, too, and so does who
///     finds them written anew by a mutation of their owner. Merged with the newer row they can't be taken out
///     again: then it is said, once, with the rows.
/// 16. **Where merges fold rows, parts are the marks.** A merged row of a SummingMergeTree and its like keeps the
///     lowest block number of the rows that it was made of. So the source's merges are held by its definition for
///     the whole copy, and so are the target's: both have every row as it was written, and the same three figures
///     prove it. A part that was carried is known by its blocks and its level: a mutation keeps both, any merge
///     changes one.
///     0. A guard looks after the hold of a runner that died: it gives merges back within some ten
///        seconds after that runner's lock is free. Else parts would grow until INSERTs are refused. What
///        is folded then is void.
///     1. What an OPTIMIZE merged meanwhile, or the server when merges were given back, is void: that partition is
///        dropped in the other table and copied anew. Never is a part divided by guessing. Five times in one
///        run, then it ends with a sentence.
///     2. Merges are given back before INSERTs are delayed: at half of `parts_to_delay_insert` in a partition, and
///        of `max_parts_in_total`. Three times; after each it waits until the parts are a quarter.
///     3. After the swap the live table merges again. On the way back its partitions whose rows were folded with
///        newer ones are copied whole; the old key folds them further to the same sums.
///        Of a state and its cancellation a merge leaves nothing, and of sums that are zero: the part is gone as if
///        it had been dropped, and rollback was refused. Its partition is copied whole, too, unless the server may
///        have lost the part.
///     4. Sums know no order; a CollapsingMergeTree and a CoalescingMergeTree do. A writer whose INSERT ran through
///        the EXCHANGE has his older row carried after his newer one: with plain writers 4,240 rows of a test came
///        so, and none may stay out. So what came last is said once more after it (a state cancelled and set again;
///        values again), which sums to nothing: see [ReorderedRows]. A key that is written again before that is
///        attached has it said again. It did not come to an end as long as the look read the whole live table and
///        the next followed at once: now only late keys are read, in the parts since the exchange, and it waits
///        longer each time. A key that is written often is put right by its writer. 20 times, then it ends with a
///        sentence. Merges of the live table stay held until then, but not beyond half of what its parts may be.
///     5. A chunk is read from the very parts that it was planned from, or not at all. A new block that was merged
///        with carried ones in between has the lowest number of them: it was looked for, not found, and taken for
///        carried; and where it is folded into a row that was there, counts of rows are the same. A mutation in that
///        moment is no merge: a part keeps its blocks and its level. As long as its name decided, DELETEs that kept
///        coming ended a run at the fourth try of a chunk. Of such a chunk it is asked, too, whether the copy has
///        read all rows of its parts: beside a DELETE rows with foreign block numbers were noted as carried.
///     6. Of a replicated table merges are held on each host, and what stands in the replication log from before is
///        waited for: it is made in spite of the hold. Collapsing and Coalescing are refused there: a table
///        has another name on one host before it has it on the next, so a writer who sends to either has his
///        older row in the live table and his newer one in the displaced one, or the other way round, and by 4
///        the older would be said again behind the newer.
///     7. A large chunk's staging table is merged before it is attached: it is a plain MergeTree, which folds
///        nothing, and the target would have too many parts.
/// 17. **DELETEs that keep coming are never waited for.** With 2 a second there was no moment in which the last
///     had been made and no other had come: a run never ended. A mutation changes rows of blocks below its own
///     number, so a round carries the blocks below the first that was not made on the other table yet, makes
///     the others there in one statement, and leaves what is after them to the next round. While ingestion is
///     held none is made. What is open at the EXCHANGE is made on the live table by the rounds after it, on
///     the carried blocks alone: its condition names `_block_number`, which a mutation may (ran on 26.7, with
///     merges held and without). What came after it is carried at once, each part by itself, and is left alone by
///     it: for as long as a DELETE takes on a large table these rows were not to be seen. The swap ends when it has
///     been made on the live table, too: a `verify` before that found a difference, and the journal stayed poisoned.
///     Rekey's own are told by a constant in their condition. 34 rounds of INSERT and
///     DELETE without a pause: migrated and back. Where merges fold rows no block tells which were carried: there
///     a DELETE in the moment of the swap puts it off, and they must rest for that moment. Not so on the code
///     before: of 4,198 rows it left 4,201 on the way back, each of the three deleted by its owner.
/// 18. **Nothing is attached to the live table after a DELETE of its owner.** A row that an INSERT left in the
///     displaced table, and that was deleted when the INSERT was answered, came again with the trailing round. Those
///     rows stay out, as by rule 15, and what comes between the look and the attach is seen after it. When rows
///     came is told by their part's age. One that was merged has none, and one that was fetched has a later one than
///     where it was inserted; in doubt a row stays out, for its INSERT began before the EXCHANGE, and the DELETE
///     after it.
///     What can't be made again on such rows, an UPDATE, a DELETE by a subquery, a partition that was dropped or
///     replaced, is said to a person, once, before they are attached ([UntoldChanges]): deleted rows were there
///     again, in both tables alike, so no comparison found them. So is a partition of the displaced table that was
///     dropped or replaced in the moment of the EXCHANGE: that was meant for the live one.
/// 19. **An ATTACH stops a mutation of that moment.** It begins again by itself; a client that waits for it may
///     be told UNFINISHED (341, ran on 26.7).
/// 20. **On the way back the order of insertion is made anew.** A table without a version keeps the last row of a
///     key. Under finer keys such rows lie in several partitions, or in one part by another column, and as they lay
///     there an older one could come last: after a rollback that found no difference FINAL showed it. So into such a
///     table chunks are cut by their blocks over all partitions, attached one after the other, and read in the
///     order of `_block_number`. A replicated table numbers the blocks of each partition by itself: where its
///     partition key was changed, nothing tells which of two rows of equal versions came last.
/// 21. **What a query computes is named `rekey_...`.** An alias wins over a column. With `count() AS n` a key
///     column `n` was an aggregate in WHERE: rows stayed in the backup, and each run ended with an error.
/// 22. **Writers that outpace the rounds are told so.** With each round longer than the one before it none is ever
///     short: a run would put itself off sixty times, twelve rounds each, for days, and not say what it is. So what
///     came is held against what was carried, round by round ([FallingBehind]).
/// 23. **A long last round keeps nobody waiting where nothing is held.** `--max-held` is for ingestion. On a busy
///     machine each round of 250 rows took 3 s, however few they were: a run beside plain writers put itself off
///     again and again, and none of its rounds could have been shorter. Where no Kafka table feeds the source it
///     goes on when rounds no longer get shorter, take at most ten seconds and carry few rows. What was written
///     meanwhile is seen that much later.
package rekey.copy;
