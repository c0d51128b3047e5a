//SOURCES Bench.java
//SOURCES BenchAnswers.java
//SOURCES BenchCost.java
//SOURCES BenchCurves.java
//SOURCES BenchEngines.java
//SOURCES BenchLive.java
//SOURCES BenchPage.java
//SOURCES BenchShape.java
//SOURCES Browser.java
//SOURCES Measured.java
//SOURCES Notebook.java
//SOURCES PageRecording.java
//SOURCES RecordedSession.java
//SOURCES ScriptedTerminal.java
//SOURCES TypedCommand.java
//SOURCES fault/Case.java
//SOURCES fault/CaseLog.java
//SOURCES fault/CaseOptions.java
//SOURCES fault/ClusterCase.java
//SOURCES fault/ClusterTrial.java
//SOURCES fault/ExpectedRows.java
//SOURCES fault/Fault.java
//SOURCES fault/FaultInjector.java
//SOURCES fault/HttpProxy.java
//SOURCES fault/Leftovers.java
//SOURCES fault/Moment.java
//SOURCES fault/ParallelLabs.java
//SOURCES fault/Patience.java
//SOURCES fault/Place.java
//SOURCES fault/Recording.java
//SOURCES fault/Reopening.java
//SOURCES fault/SurroundingTables.java
//SOURCES fault/Tally.java
//SOURCES fault/ToolProcess.java
//SOURCES fault/Trial.java
//SOURCES table/ColumnType.java
//SOURCES table/Draw.java
//SOURCES table/DrawnColumn.java
//SOURCES table/DrawnEngine.java
//SOURCES table/DrawnKeys.java
//SOURCES table/DrawnTable.java
//SOURCES table/DrawnTables.java
//SOURCES table/Feed.java
//SOURCES table/Feeding.java
//SOURCES table/Spoilt.java
//SOURCES table/TableJudge.java
//SOURCES table/TableRecord.java
//SOURCES table/TableTrial.java

/// What maintainers measure, break and record: the bench, the fault matrix, the notebooks, the sessions and pictures
/// that the pages show. No operator's command uses this room: only scripts below `scripts/maintainer` and the tests
/// name it. What runs a ClickHouse and a Kafka is not here, but in room `lab`.
///
/// 1. **The matrix proves its judge first.** It begins with a row deleted, doubled and altered behind the
///    migration's back: a run whose controls are not found shows nothing.
/// 2. **A case follows from its name.** Its seed decides which statement is struck, so it can be run again alone.
/// 3. **The record has all runs**, the failed ones too; the page beside this file says what became of each.
package rekey.maintainer;
