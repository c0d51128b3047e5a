//SOURCES BackfillPreview.java
//SOURCES CleanupPreview.java
//SOURCES CreatePreview.java
//SOURCES FinalizePreview.java
//SOURCES Foreseen.java
//SOURCES HoldsPreview.java
//SOURCES OptimizePreview.java
//SOURCES PausePreview.java
//SOURCES Preview.java
//SOURCES RemainingPreview.java
//SOURCES ResumePreview.java
//SOURCES RoundsPreview.java
//SOURCES SwapBackPreview.java
//SOURCES SwapPreview.java
//SOURCES TrailingPreview.java
//SOURCES VerifyPreview.java

/// What is printed before it happens: a step's statements, and those that take it back.
///
/// A step does, and a preview tells. Nothing in this room sends a statement that changes anything.
///
/// 1. **What is told is what is sent.** A statement's text is made by one function, of the room that sends it or of
///    [rekey.clickhouse.Ddl]. Here it is put into its order, and its place among others. PrintedTest runs each
///    command after its dry run and holds the one against the other. What only a preview asks stands here, too: how
///    things will be by then ([Foreseen]).
/// 2. **What depends on data that nobody knows yet stands under `-- only where`.** All else is sent for certain.
/// 3. **What only the run knows is in angle brackets**: `<runner>_<n>`, `<uuid>`, `<partition>`.
package rekey.preview;
