//SOURCES Grid.java
//SOURCES GridText.java
//SOURCES OptionalAnswers.java
//SOURCES Secrets.java
//SOURCES Sheet.java
//SOURCES SingleRow.java
//SOURCES TextWidth.java

/// Grids of values, as text, CSV and JSON. Secrets are taken out here, once, for whatever is printed.
package rekey.sheet;
