//SOURCES Grid.java
//SOURCES GridText.java
//SOURCES OptionalAnswers.java
//SOURCES Secrets.java
//SOURCES Sheet.java
//SOURCES SingleRow.java
//SOURCES TextWidth.java

/// Grids of values, as text, CSV and JSON. A value stays what it is (text, a number, null where nothing is known);
/// how it is shown follows from its column.
///
/// 1. **No line is longer than the screen.** Sentences go on below, names lose their middle: those of rekey's
///    tables differ at both ends. Cells were cut to ten letters once, sentences too.
/// 2. **Secrets are taken out here, once, for whatever is printed.** The server hides passwords itself in most
///    places; SETTINGS of a Kafka table it shows as they are.
/// 3. **An answer that the server owes is empty, and no failure.**
package rekey.sheet;
