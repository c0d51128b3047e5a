package rekey.migration;

import rekey.clickhouse.ClickHouse;
import rekey.migration.Migrations.Wanted;

/// New keys for a table, each by its name, as the options of a command have them. What is left out stays as it is;
/// an empty text takes a key away. A record of all keys at once, with an empty one for the partition key, once
/// dropped it.
///
///     rewrite("shop.hits").orderBy("site, toDate(at)").on(server)
public record NewKeys(Wanted wanted) {

    /// @param table `table` or `database.table`
    public static NewKeys of(String table) {
        return new NewKeys(new Wanted(null, table, null, null, null, null, null, null));
    }

    /// The name of the migration; else the table's and `_rekey`.
    public NewKeys named(String name) {
        var w = wanted;
        return new NewKeys(new Wanted(
                null, w.table(), name, w.orderBy(), w.sampleBy(), w.partitionBy(), w.primaryKey(), w.engine()));
    }

    public NewKeys orderBy(String key) {
        var w = wanted;
        return new NewKeys(
                new Wanted(null, w.table(), w.name(), key, w.sampleBy(), w.partitionBy(), w.primaryKey(), w.engine()));
    }

    public NewKeys sampleBy(String key) {
        var w = wanted;
        return new NewKeys(
                new Wanted(null, w.table(), w.name(), w.orderBy(), key, w.partitionBy(), w.primaryKey(), w.engine()));
    }

    public NewKeys partitionBy(String key) {
        var w = wanted;
        return new NewKeys(
                new Wanted(null, w.table(), w.name(), w.orderBy(), w.sampleBy(), key, w.primaryKey(), w.engine()));
    }

    public NewKeys primaryKey(String key) {
        var w = wanted;
        return new NewKeys(
                new Wanted(null, w.table(), w.name(), w.orderBy(), w.sampleBy(), w.partitionBy(), key, w.engine()));
    }

    /// Such as `ReplacingMergeTree(version)`.
    public NewKeys engine(String engine) {
        var w = wanted;
        return new NewKeys(new Wanted(
                null, w.table(), w.name(), w.orderBy(), w.sampleBy(), w.partitionBy(), w.primaryKey(), engine));
    }

    /// The migration of the table as it is on a server.
    ///
    /// @throws rekey.model.Trouble.Usage when no key is named, or the name is another migration's
    public Migration on(ClickHouse server) {
        return Migrations.find(server, wanted);
    }
}
