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

/// The live cluster as grids of values, for the REPL and for JShell. Only reads.
package rekey.look;
