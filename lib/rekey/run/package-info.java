//SOURCES Alteration.java
//SOURCES CheaperWay.java
//SOURCES CheckResults.java
//SOURCES CopierChoice.java
//SOURCES CopySample.java
//SOURCES DashboardTimes.java
//SOURCES DiskShare.java
//SOURCES DrawingThread.java
//SOURCES Estimate.java
//SOURCES FrozenPlan.java
//SOURCES Healthcheck.java
//SOURCES HostStatus.java
//SOURCES JournalSamples.java
//SOURCES KeyComparison.java
//SOURCES Lag.java
//SOURCES MergeHoldWarning.java
//SOURCES MigrationState.java
//SOURCES ObserverThread.java
//SOURCES Orders.java
//SOURCES Plan.java
//SOURCES Prerequisites.java
//SOURCES ProgressLine.java
//SOURCES Required.java
//SOURCES RunLock.java
//SOURCES Runner.java
//SOURCES ScratchTrial.java
//SOURCES ServerOutage.java
//SOURCES ShardLocks.java
//SOURCES ShardObservers.java
//SOURCES Standstill.java
//SOURCES Status.java
//SOURCES Threads.java
//SOURCES TimeLeft.java

/// Plan, lock, runner, healthcheck, progress and status.
///
/// 1. **One runner for a table.** The lock is a query that sleeps under an id which can't run twice (code 216). It
///    ends with its holder's connection; `--take-over` ends one whose machine vanished. It says who has it, and
///    whether that one rolls back: four rollbacks at once stopped each other, for a rollback stops a run that goes
///    on. Now it waits for another that has begun, and a stop is for the runner that was seen, for no later one.
///    On a cluster it is on two hosts of each shard besides the copier: a runner that can't reach the first one
///    meets the other runner on the second.
/// 2. **A plan is frozen before the first change.** A run refuses when the table's definition is no longer the
///    planned one.
/// 3. **What went wrong first is what is told.** An error while an error is noted is added to it, and replaces
///    nothing. A full disk, which took no line about the error, once hid it.
package rekey.run;
