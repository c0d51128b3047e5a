//SOURCES AlterOptions.java
//SOURCES ChangingHosts.java
//SOURCES Cli.java
//SOURCES ClientConfig.java
//SOURCES CompareKeysOptions.java
//SOURCES ConfirmedRun.java
//SOURCES Connection.java
//SOURCES Consent.java
//SOURCES ConsolePrompt.java
//SOURCES DryRun.java
//SOURCES EventHook.java
//SOURCES Interrupt.java
//SOURCES Job.java
//SOURCES Operator.java
//SOURCES Options.java
//SOURCES Output.java
//SOURCES PlanOptions.java
//SOURCES Program.java
//SOURCES RewriteOptions.java
//SOURCES RunOptions.java
//SOURCES ShellCompletion.java
//SOURCES TrialOptions.java
//SOURCES UnattendedOperator.java
//SOURCES text/EventLine.java
//SOURCES text/KeyComparisonText.java
//SOURCES text/Metrics.java
//SOURCES text/NearestWord.java
//SOURCES text/PlanSql.java
//SOURCES text/PlanText.java
//SOURCES text/Texts.java
//SOURCES text/VerifiedText.java

/// Options, output, questions and exit codes: what the scripts and the shell have in common.
///
/// Exit codes: 0 done, 1 failed, 2 usage, 3 refused by a check, 4 stopped, 5 outcome unknown.
///
/// 1. **An error is one sentence**: what is wrong, what it was, what to do. A stack trace comes with `--verbose`
///    alone.
/// 2. **What stands still is said first.** Every command about a migration looks whether ingestion is held with
///    nobody there to resume it. A vanished machine's lock showed as a run, and of ingestion past its deadline
///    nothing was said.
/// 3. **An answer is about every shard.** `verify` once said that all was well, and had looked at the first alone.
/// 4. **Nothing is guessed where nobody sits.** In a pipe what destroys needs `--yes`: `finalize`, `backfill
///    --again`, `alter`, `trial`, a rollback that must stop a run first. `migrate`, `backfill`, `pause`, `swap`,
///    `rollback` and `resume` ask at a terminal only. What leaves the live table as it is asks nobody.
/// 5. **A password stands in no output**: not in a URL that is printed, not in a command that is shown to be typed
///    again.
/// 6. **What looks on can't hurt the run.** Commands of `--on-event` run beside it, each for 10 s at most. What
///    is printed has a thread of its own: a terminal that was stopped with Ctrl-S held the run, its orders and
///    ingestion.
/// 7. **What a session is told holds for its run.** Each run has a session of its own: a stop is not forgotten.
package rekey.cli;
