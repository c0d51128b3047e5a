//SOURCES Events0002.java
//SOURCES Migration.java
//SOURCES Migrations.java
//SOURCES NewKeys.java

/// The shipped definitions, and how a migration is found by what a person calls it. Nothing here is run.
///
/// 1. **A migration whose plan was frozen is always the frozen one**, whatever the options say.
/// 2. **A line of the journal that names no plan is no migration.** Such a one once hid all others.
/// 3. **A key that is left out stays as it is; an empty text takes it away.** A record of all keys at once, with an
///    empty one for the partition key, once took the partitions away.
package rekey.migration;
