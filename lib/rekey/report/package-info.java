//SOURCES Document.java
//SOURCES Html.java
//SOURCES KeyFigures.java
//SOURCES LoggedStatements.java
//SOURCES Markdown.java
//SOURCES MigrationFacts.java
//SOURCES Report.java
//SOURCES ReportFiles.java
//SOURCES Runbook.java
//SOURCES RunbookAdvice.java
//SOURCES RunbookBack.java
//SOURCES RunbookBlock.java
//SOURCES RunbookByHand.java
//SOURCES RunbookCarry.java
//SOURCES RunbookComparison.java
//SOURCES RunbookHosts.java
//SOURCES RunbookScripts.java
//SOURCES RunbookTables.java
//SOURCES ShardHistory.java
//SOURCES Timeline.java
//SOURCES facts/AttemptHistory.java
//SOURCES facts/IngestionPause.java
//SOURCES facts/QueryCosts.java
//SOURCES facts/WholeStory.java
//SOURCES plot/Bars.java
//SOURCES plot/Curves.java
//SOURCES plot/Drawing.java
//SOURCES plot/Legend.java
//SOURCES plot/QueryBars.java
//SOURCES plot/RunPlot.java

/// The runbook before, the report after, and their plots. It only reads: the server, the journal, the query log.
///
/// 1. **Anyone can write it, while it runs or afterwards.** What is told comes from the journal and the server,
///    never from the memory of a run.
/// 2. **A runbook's SQL is that of the steps.** Where a person stands instead of the runner, a table of marks stands
///    instead of the journal; each block can be run again, and stops with an error before it could double anything.
/// 3. **Figures add up.** Rows that no chunk brought are counted apart: without them old and new differed, and a
///    reader looked for a difference that was none. Of a cluster rows, partitions, pictures and what a comparison
///    found are those of all shards: with a difference of the second shard alone the report said that none was
///    missing.
/// 4. **What is looked at hours later is no part of the run.** A `migrate` that found all done once stretched the
///    axis of a run of a minute to a day.
/// 5. **A plot can be read in greyscale**, its names whole and none upon another. Where a machine has no fonts, the
///    report has no pictures and says why.
package rekey.report;
