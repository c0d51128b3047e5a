//SOURCES Activity.java
//SOURCES Description.java
//SOURCES Diff.java
//SOURCES Disks.java
//SOURCES Errors.java
//SOURCES Inflow.java
//SOURCES JournalLines.java
//SOURCES KnownMigration.java
//SOURCES Overview.java
//SOURCES Parts.java
//SOURCES Streams.java
//SOURCES Tables.java

/// The live cluster as grids of values, for the shell and for JShell: one class for each question that a person
/// asks.
///
/// 1. **It only reads**, but for `kill`, which ends one query that was named.
/// 2. **A person who was just woken up sees first what is out of the ordinary.** `now` has one line for each thing
///    that can be wrong.
/// 3. **A log that is off, or that this user may not read, is no error.** It is not even asked: that would be an
///    error of the server, and `errors` would show it.
/// 4. **What was detached is shown.** It is on no disk's bill that a person looks at, and a view that was detached
///    by hand shows nowhere else.
package rekey.look;
