//SOURCES AtomicDatabase.java
//SOURCES AttemptUnderWay.java
//SOURCES Check.java
//SOURCES Checks.java
//SOURCES CleanupMerges.java
//SOURCES ColumnsUnchanged.java
//SOURCES ConsumerGroup.java
//SOURCES Deduplication.java
//SOURCES DeduplicationWindow.java
//SOURCES DefinitionUnchanged.java
//SOURCES Dependants.java
//SOURCES DetachedParts.java
//SOURCES DiskSpace.java
//SOURCES DistributedQueues.java
//SOURCES EachHost.java
//SOURCES Feeders.java
//SOURCES FoldedRows.java
//SOURCES KafkaHeadroom.java
//SOURCES KafkaViews.java
//SOURCES KeyTree.java
//SOURCES LightweightUpdates.java
//SOURCES Macros.java
//SOURCES MergeHoldBudget.java
//SOURCES MisplacedRows.java
//SOURCES NewMutations.java
//SOURCES OtherMigrations.java
//SOURCES OtherShards.java
//SOURCES OtherWriters.java
//SOURCES PartitionsPerInsert.java
//SOURCES PartsLimit.java
//SOURCES PriorMigrations.java
//SOURCES Privileges.java
//SOURCES Quotas.java
//SOURCES RefreshableViews.java
//SOURCES Replicas.java
//SOURCES ReplicationQueue.java
//SOURCES RowPolicies.java
//SOURCES ServerAbilities.java
//SOURCES ServerMemory.java
//SOURCES ServerVersion.java
//SOURCES SessionSettings.java
//SOURCES Setting.java
//SOURCES TableDefinition.java
//SOURCES TableEngine.java
//SOURCES TableTtl.java
//SOURCES TakenNames.java
//SOURCES UnfinishedMutations.java
//SOURCES UnstoredColumns.java

/// What may stand in the way: one check a file. A check looks and changes nothing.
///
/// 1. **Refuse in `plan`, not in hour nine.** What can be known before the first change is refused before it. A
///    partition key under which an INSERT falls into more partitions than the server takes, and a quota with
///    which the guard could not reopen ingestion, passed every check.
/// 2. **What feeds the table must be seen.** An Alias table between a Kafka view and the source, and a database
///    hidden by grants, left 1,400 of 20,800 and 1,600 of 58,400 rows in the backup alone. What forwards rows is
///    followed or refused; what can't be seen is refused.
/// 3. **A coarser key destroys rows.** A finer one keeps rows that the old key would merge. `plan` says which it
///    is; the coarser is refused without a flag. Where the order of rows decides what merges make of them both are
///    refused: that order is kept within a key alone.
/// 4. **A check says what it saw, what it needs, and what to do.** One that may not look says so, and stops no
///    other. While one host did not answer every verdict was thrown away, that of the copier's full disk too.
/// 5. **A definition that can't be made again is refused by its clause.** `UNIQUE KEY` is in the CREATE statement
///    and in no column of `system.tables`, and vanished; a refreshable view without APPEND exchanges the table at
///    each refresh, and left migrate and rollback at exit 5; the old syntax ended in the server's help page.
/// 6. **What is a host's own is asked of each host**, and the one that differs is named: users, quotas, profiles,
///    the server's settings, macros, views, consumers, parts. A quota on the other replica alone would have ended a
///    run there; a macro that one host has no more was found in `create`, by the server's error.
package rekey.check;
