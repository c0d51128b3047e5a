package rekey.cli;

import java.util.List;
import java.util.function.Consumer;
import rekey.Labs;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.model.TableName;

/// A small table of the shared lab that no Kafka feeds, in a database of its own: three months of hits by site and
/// time.
final class Hits implements AutoCloseable {
    static final String NEW_KEY = "site, cityHash64(visitor), at";

    final ClickHouse server = Labs.connect();
    final TableName name;

    Hits() {
        this(new TableName(Labs.database(), "hits"));
    }

    Hits(TableName name) {
        this.name = name;
        server.execute("CREATE DATABASE IF NOT EXISTS " + TableName.quote(name.database()));
        server.execute("CREATE TABLE " + name.sql()
                + " (site UInt32, at DateTime, visitor String, url String) ENGINE = MergeTree"
                + " PARTITION BY toYYYYMM(at) ORDER BY (site, at)");
        insert(3000);
    }

    void insert(long rows) {
        server.execute("INSERT INTO " + name.sql()
                + " (site, at, visitor, url) SELECT number % 7, toDateTime('2026-01-01 00:00:00') + (number % 3000) *"
                + " 2592, concat('v', toString(number % 100)), 'u' FROM numbers("
                + rows + ")");
    }

    /// Many small parts: in chunks of 500 rows a copy takes long enough for others to come in between.
    void insertInParts(long rows) {
        server.execute("ALTER TABLE " + name.sql() + " MODIFY SETTING merge_selector_base = 1000");
        server.execute("INSERT INTO " + name.sql()
                + " (site, at, visitor, url) SELECT number % 7, toDateTime('2026-01-01 00:00:00') + (number % 3000) *"
                + " 2592, concat('v', toString(number % 100)), 'u' FROM numbers("
                + rows + ") SETTINGS max_block_size = 1000, min_insert_block_size_rows = 1000, max_threads = 1,"
                + " max_insert_threads = 1");
    }

    /// A script on this table under its new key.
    Scripts.Ran run(String alias, String... args) {
        return with(alias, all -> all.addAll(List.of("--order-by", NEW_KEY)), args);
    }

    /// A script on this table, no key named.
    Scripts.Ran bare(String alias, String... args) {
        return with(alias, all -> {}, args);
    }

    private Scripts.Ran with(String alias, Consumer<List<String>> more, String... args) {
        var all = new java.util.ArrayList<>(List.of(args));
        more.accept(all);
        return Scripts.run(alias, Labs.shared().url(), name, all.toArray(String[]::new));
    }

    String key() {
        return server.one("SELECT sorting_key AS k FROM system.tables WHERE database = " + Sql.text(name.database())
                        + " AND name = " + Sql.text(name.table()))
                .string("k");
    }

    long rows() {
        return server.one("SELECT count() AS n FROM " + name.sql()).number("n");
    }

    /// All tables of the database with their definitions: what must not change where nothing is to be changed.
    List<String> state() {
        return server
                .query("SELECT concat(name, ' ', create_table_query) AS t FROM system.tables WHERE database = "
                        + Sql.text(name.database()) + " ORDER BY t")
                .stream()
                .map(r -> r.string("t"))
                .toList();
    }

    @Override
    public void close() {
        server.execute("DROP DATABASE " + TableName.quote(name.database()) + " SYNC");
        server.close();
    }
}
