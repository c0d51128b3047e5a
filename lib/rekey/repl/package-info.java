//SOURCES Assistance.java
//SOURCES JShell.java
//SOURCES LibraryHelp.java
//SOURCES Prompt.java
//SOURCES Rehearsal.java
//SOURCES Repl.java
//SOURCES ReplOptions.java
//SOURCES command/Candidates.java
//SOURCES command/ChangeOptions.java
//SOURCES command/Commands.java
//SOURCES command/ControlCommands.java
//SOURCES command/InspectCommands.java
//SOURCES command/OperationCommands.java
//SOURCES command/SessionCommands.java
//SOURCES command/StepCommands.java
//SOURCES context/Dialogue.java
//SOURCES context/PromptOperator.java
//SOURCES context/RunFollower.java
//SOURCES context/SessionRuns.java
//SOURCES context/Target.java
//SOURCES line/Line.java
//SOURCES line/LineParser.java
//SOURCES line/Statement.java
//SOURCES line/Token.java
//SOURCES screen/PlainScreen.java
//SOURCES screen/PromptDisplay.java
//SOURCES screen/Screen.java
//SOURCES screen/TerminalScreen.java
//SOURCES sql/AnswerLines.java
//SOURCES sql/Colours.java
//SOURCES sql/Console.java
//SOURCES sql/ConsoleSession.java
//SOURCES sql/Outfile.java
//SOURCES sql/ProtectedTables.java
//SOURCES sql/QueryProgress.java
//SOURCES sql/ServerErrorText.java
//SOURCES sql/SqlCompletion.java
//SOURCES sql/Vocabulary.java

/// The interactive shell, for whoever stands before a live cluster. Its manual is `README.md` beside this file.
///
/// Within the room imports run downwards only: `line` (what was typed), `screen` (a terminal or a pipe), `context`
/// (what commands work on), `sql` (the console), `command` (the commands), and at the top the loop that joins them.
///
/// Rules:
///
/// 1. **The person is never kept.** Whatever asks the server or Kafka for an answer does it in a thread that Ctrl-C
///    leaves at once. A server that was stopped (SIGSTOP) once kept the prompt for 42 seconds, and the line that was
///    typed meanwhile was swallowed.
/// 2. **A run waits for nobody's terminal.** All that is drawn goes through one thread of its own, for a terminal
///    that was stopped with Ctrl-S would otherwise hold up a run, and so ingestion.
/// 3. **All that is drawn is drawn under the reader's lock.** JLine draws its bottom lines without it, and what two
///    threads drew at once was garbled.
/// 4. **Nothing that changes a table is done unasked**, but for what opens ingestion. In a pipe, where nobody can be
///    asked, it needs `--yes`.
/// 5. **A password is repeated nowhere**: not in the history, not in the log of a pipe, not in an error. It stood
///    in the log of a pipe: typed as an option, in a URL, in a statement that was refused.
/// 6. **The line at the bottom is one line, and there from the beginning.** One that comes or grows while something
///    stands above moves it, and the first sentence of a session was scrolled away. Its fields are whole or left
///    out.
/// 7. **A prompt that stands is looked after.** `pause*>` stood there after the run had ended, and `(server away)`
///    after the server was back. It is drawn whole when it changes.
/// 8. **What is typed ahead is kept.** A terminal throws its input away at a Ctrl-C unless it is told not to
///    (NOFLSH).
/// 9. A command gets what it works on, a [rekey.repl.context.Target], [rekey.repl.context.SessionRuns] and a
///    [rekey.repl.context.Dialogue], and never the loop.
package rekey.repl;
