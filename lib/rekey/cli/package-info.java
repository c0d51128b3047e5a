//SOURCES Cli.java
//SOURCES ClientConfig.java
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
//SOURCES UnattendedOperator.java
//SOURCES text/EventLine.java
//SOURCES text/Metrics.java
//SOURCES text/NearestWord.java
//SOURCES text/PlanSql.java
//SOURCES text/PlanText.java
//SOURCES text/Texts.java
//SOURCES text/VerifiedText.java

/// Options, output, questions and exit codes. An error is one sentence; a stack trace comes with `--verbose` alone.
///
/// Exit codes: 0 done, 1 failed, 2 usage, 3 refused by a check, 4 stopped, 5 outcome unknown.
package rekey.cli;
