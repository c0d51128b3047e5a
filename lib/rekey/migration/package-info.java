//SOURCES Events0002.java
//SOURCES Migration.java
//SOURCES Migrations.java
//SOURCES NewKeys.java

/// The shipped definitions, and how a migration is found by what a person calls it. A migration whose plan was
/// frozen is always the frozen one, whatever the options say.
package rekey.migration;
