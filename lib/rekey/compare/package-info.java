//SOURCES ComparedPartition.java
//SOURCES ComparedShare.java
//SOURCES ComparedTable.java
//SOURCES Comparison.java
//SOURCES ComparisonResult.java
//SOURCES ComparisonVerdict.java
//SOURCES DifferenceSearch.java
//SOURCES DifferingKey.java
//SOURCES FoldedPartitions.java
//SOURCES JournaledComparison.java
//SOURCES Meaning.java
//SOURCES RowHashes.java
//SOURCES Snapshot.java
//SOURCES UnchangedChunks.java

/// How two tables are compared, and what a comparison is worth.
///
/// 1. **Compare under the meaning of the engine.** Where it replaces rows, the two keys may merge different rows:
///    compared are the rows that the old key would keep, by the old key.
/// 2. **No comparison of the whole falls into held time.** It is made online, before the pause. While held only the
///    last round is checked.
/// 3. **A difference is passed by nobody.** It stands in the journal until a whole comparison that began later
///    finds none, or the copy is made anew, or the migration is rolled back. One that began before the difference
///    was found clears nothing: `finalize` once dropped the only other copy so.
/// 4. **By the cheapest proof that is exact**, told in the journal by its name (`by`). A rung that proves nothing
///    leaves it to the next; no rung but the last may say that something differs.
///    1. `PARTS`: nothing is read. A chunk's rows were hashed on both sides before it was attached. A part never
///       changes: a merge, a mutation, a DELETE or a TTL makes another, with another name and hash. So while all
///       parts a chunk was read from, and all parts it came as, stand under the same hash, its rows are those that
///       were checked. Not by this rung: any part beside them (each is read, whoever brought it); a table with patch
///       parts, which change what a part shows; other columns, types or DEFAULTs than were hashed; chunks of which
///       something was dropped since, or counts as not carried; what is left out of the comparison. It says nothing
///       of a disk that rots under a part: `verify --afresh` reads all. Each partition of a chunk that took several
///       counts by itself, by its own sums.
///    2. `SUMS`: chunks' own checksums add up (count and sum by +, xor by xor; chunks never share a block), so what
///       is known of one side stands against one reading of what the other no longer has in its parts, as after its
///       merges. That reading leaves no TTL out: the sums have all rows in them.
///    3. `ROWS`: count, sum and xor of all rows that were carried, read on both sides. Equal sums are equal
///       multisets of rows, and of these any engine keeps the same, except among rows with an equal right to be the
///       last: so of a table that collapses rows 1 to 3 count only where the journal says that chunks came in the
///       order of their blocks. Inside a chunk the order is that of one reading thread (room copy, rule 5). Where
///       merges have dropped other rows on the one side than on the other the sums differ, and say nothing.
///    4. `FINAL`: what both ReplacingMergeTrees show by their own keys, where every row of the partition was carried
///       and no block came while they were read, for FINAL runs before a filter. Equal, users see the same. Not
///       where a column marks deleted keys: a tombstone that is missing shows nowhere until an older row comes.
///    5. `KEYS`: rule 1 by itself. First sums of all rows by bucket of the old key's hash: a bucket has whole keys,
///       so only those that differ are grouped by key, 500,000 rows at a time. Then sums of the kept rows, by the
///       same buckets: only where those differ are keys looked for. Beside four writers of a ReplacingMergeTree the
///       keys of a whole month of a million rows took 8.2 s twice, for five that differed.
///    6. `MEANING`: where merges have folded rows that were carried, among themselves alone, what each key says to
///       the engine: its sums, its merged states, what its signs leave, its last values. Only what is the same in
///       any order of merges: not a sum of floats, a sample, or a column of which the engine keeps any value, and no
///       key whose signs do not pair. What was left out is named. A state counts by what it yields and by its bytes:
///       an average of 5 and 5 is that of 5. It clears no difference, and the swap does not rely on it: before the
///       swap merges are held on both sides and all rows are compared. Where what was carried is folded with rows
///       that came since, nothing can be compared any more, and that is said.
///
///    Hidden rows make sums of a chunk and of a reading differ, never agree: then both sides are read by the same
///    eyes, in 5.
///
///    Measured, a month of 1 M rows: `argMax(hash) GROUP BY key` 1.1 to 2.0 s and 525 MiB a side; all rows 0.17 s
///    and 16 MiB; FINAL on one part 0.15 to 0.2 s and 16 to 39 MiB. Before, the whole comparison cost twice the
///    copy. With this ladder a chunk's two checks took 0.38 of the copy's CPU at 8 M rows, and the comparison 0.13
///    more where four months of six had been merged since. Nearly all of it is reading: of 68 ms for 341,000 rows
///    66 without any hash.
/// 5. **A key whose newer row came between two looks is looked at again.** `verify` beside a runner on a
///    ReplacingMergeTree told a false difference so, and stopped the run.
/// 6. **What one table deleted and the other not yet is left out on both sides.** Where DELETEs keep coming the two
///    are never equal. The rows that an open DELETE takes go from both, so by all others the two must be the same:
///    of a unit that differs the DELETEs of that time are asked for, and it is looked at without their rows. A
///    DELETE of the source makes no comparison out of date, and one of the live table after the swap is no
///    difference. Only those whose condition means the same at another time and in another table: `IN (SELECT ...)`
///    does not. Such a comparison names the DELETEs, and clears no difference that stands: one that differed may be
///    among the rows left out. Once one of them is killed it counts for nothing.
/// 7. **What differed once is not forgotten because it can't be told any more.** A partition of a folding table
///    differed row by row, merges folded its rows before the second look, and it fell out of the list: a whole
///    comparison without a difference was journaled, which cleared an earlier one.
/// 8. **Where merges drop rows by themselves a comparison lasts for minutes.** No count of rows tells there what
///    somebody dropped, detached or brought with foreign block numbers since: of a part that is gone the server
///    knows for eight minutes why. A partition that was dropped under a TTL after the comparison came back with the
///    swap, and rows of an attached one were lost. So before the pause such a comparison of an earlier run
///    is made anew when it began more than three minutes ago; partitions that have not changed are passed over. Step
///    by step `swap` goes by what `pause` compared: by its age no swap of a large partition ever came.
/// 9. **What is left out for a TTL is what expires from now on, not from when the comparison began.** One moment for
///    all of it, an hour ahead, was past when a comparison of hours came to its last partitions: what had expired
///    there on one side alone was a difference, and stood in the journal.
package rekey.compare;
