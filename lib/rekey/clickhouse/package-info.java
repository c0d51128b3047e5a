//SOURCES Answer.java
//SOURCES Catalog.java
//SOURCES Clauses.java
//SOURCES ClickHouse.java
//SOURCES Ddl.java
//SOURCES DefinitionDifference.java
//SOURCES DescribedColumns.java
//SOURCES Endpoint.java
//SOURCES HostsInParallel.java
//SOURCES KeeperPaths.java
//SOURCES KeyText.java
//SOURCES KeyTrialSample.java
//SOURCES MisplacedPartitions.java
//SOURCES PartsBudget.java
//SOURCES Peer.java
//SOURCES QueryPlace.java
//SOURCES ReplicatedEngine.java
//SOURCES Row.java
//SOURCES RowPaths.java
//SOURCES ServerError.java
//SOURCES ServerErrorSentences.java
//SOURCES ServerGone.java
//SOURCES Sql.java
//SOURCES StatementUntil.java
//SOURCES Topology.java
//SOURCES UnstoredDefault.java
//SOURCES UsualValues.java
//SOURCES WrongPort.java

/// The connection, the catalogue and the text of definitions. Only this room talks JDBC.
///
/// 1. **No statement is repeated behind your back.** By default the JDBC driver ran an INSERT SELECT again that had
///    failed with error 241: 4 executions, 8.4 M rows for 2.1 M. `retry=0` and `client_retry_on_failures=None` are
///    set. A lost answer is [rekey.clickhouse.ServerGone]: its caller asks the server what became of the statement.
/// 2. **A staging table has no TTL, no block numbers of its own, and no merges.** With `enable_block_number_column`
///    on, the target's rows carried foreign numbers, and a rollback would have doubled 4 of 5. A column TTL changed
///    values in the copy.
/// 3. **`CREATE TABLE n AS old ENGINE = ...` drops TTL and SETTINGS.** So a definition is made from the old table's
///    own CREATE text, clause by clause, and what the server made of it is compared with what was meant.
///    `system.tables.sorting_key` has no directions: `at DESC` is seen in the CREATE text alone.
/// 4. **MATERIALIZED columns are not in `SELECT *` and are computed again by an INSERT.** They are made as DEFAULT
///    columns, copied by name, and turned into MATERIALIZED ones afterwards. That is no mutation.
/// 5. **Swap by EXCHANGE, never by two RENAMEs.** After two RENAMEs on 26.7 neither table fires its downstream
///    views until each view is detached and attached. EXCHANGE takes 1 to 25 ms and does not wait for a running
///    INSERT.
/// 6. **A definition is compared by the text of its CREATE.** `system.tables.sorting_key` has no directions: `ORDER
///    BY (tenant, at DESC)` lost its DESC when only the partition key changed, and `SELECT at DESC` is `at AS DESC`.
///    So directions are taken off and put back, and the table that was made is held against the one that was meant.
package rekey.clickhouse;
