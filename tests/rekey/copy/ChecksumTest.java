package rekey.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Labs;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.model.TableName;

/// Three numbers tell multisets of rows apart, whatever is doubled, NULL or empty, and however a part stores it.
@Tag("verify")
class ChecksumTest {
    private static final AtomicInteger TABLES = new AtomicInteger();
    private static ClickHouse server;
    private static String database;

    @BeforeAll
    static void connect() {
        server = Labs.connect();
        database = Labs.database();
    }

    @AfterAll
    static void drop() {
        server.execute("DROP DATABASE " + database + " SYNC");
        server.close();
    }

    private static TableName table(String columns, String orderBy) {
        var name = new TableName(database, "t" + TABLES.incrementAndGet());
        server.execute("CREATE TABLE " + name.sql() + " (" + columns + ") ENGINE = MergeTree ORDER BY " + orderBy);
        return name;
    }

    private static Checksum of(TableName name, String where) {
        return Checksum.of(server.one("SELECT " + Checksum.columns(new Catalog(server).table(name)) + " FROM "
                + name.sql() + " WHERE " + where));
    }

    /// A type, and values of which no two are the same.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Nullable(String): NULL; ''; '\\0'; 'NULL'",
                "Nullable(UInt32): NULL; 0; 1",
                "LowCardinality(Nullable(String)): NULL; ''",
                "Array(Nullable(String)): []; [NULL]; ['']; ['', NULL]; [NULL, '']",
                "Array(Array(UInt8)): []; [[]]; [[], []]; [[1], [2]]; [[1, 2], []]; [[], [1, 2]]",
                "Tuple(Nullable(UInt8), Nullable(UInt8)): (NULL, 1); (1, NULL); (0, 1); (NULL, NULL)",
                "Tuple(String, String): ('a', 'bc'); ('ab', 'c'); ('abc', ''); ('', 'abc')",
                "Map(String, Nullable(UInt8)): map(); map('a', NULL); map('a', 0); map('', NULL)",
                "Nested(a UInt8, b Nullable(String)): []; [(0, NULL)]; [(0, '')]; [(0, ''), (0, NULL)]",
                "Float64: nan; inf; -inf; 0.0; -0.0",
                "Nullable(Float64): NULL; nan; 0.0",
                "JSON: '{}'; '{\"a\":1}'; '{\"a\":\"1\"}'; '{\"a\":1.5}'; '{\"a\":true}'; '{\"a\":[1]}'; '{\"b\":1}'",
                "Dynamic: NULL; ''; 1; 1.0; '1'; [1]",
                "Variant(String, UInt64, Array(UInt64)): NULL; ''; toUInt64(1); [toUInt64(1)]",
                "AggregateFunction(uniq, UInt64): arrayReduce('uniqState', [toUInt64(1)]); arrayReduce('uniqState',"
                        + " [toUInt64(2)]); arrayReduce('uniqState', emptyArrayUInt64())",
            })
    void noTwoValuesAreTakenForOne(String typeAndValues) {
        var type = typeAndValues.substring(0, typeAndValues.indexOf(": "));
        var values = List.of(typeAndValues.substring(type.length() + 2).split("; "));
        var name = new TableName(database, "t" + TABLES.incrementAndGet());
        server.execute(
                "CREATE TABLE " + name.sql() + " (n UInt8, v " + type + ") ENGINE = MergeTree ORDER BY n",
                "create-" + name.table(),
                java.util.Map.of("flatten_nested", "0"));
        for (int i = 0; i < values.size(); i++)
            server.execute("INSERT INTO " + name.sql() + " SELECT " + i + ", " + values.get(i));
        var hash = Checksum.hash(new Catalog(server)
                .table(name).storedColumns().stream()
                        .filter(c -> c.name().equals("v"))
                        .map(Checksum::value)
                        .toList());
        assertEquals(
                values.size(),
                server.one("SELECT uniqExact(" + hash + ") AS n FROM " + name.sql())
                        .number("n"),
                () -> server.query("SELECT toString(n) AS n, toString(" + hash + ") AS h FROM " + name.sql())
                        .toString());
        // a row in place of another changes the three numbers, too
        for (int i = 1; i < values.size(); i++) assertNotEquals(of(name, "n != 0"), of(name, "n != " + i));
    }

    /// Two equal rows are nothing to the xor; NULLs are counted in.
    @Test
    void rowsDoNotCancelOut() {
        var name = table("n UInt8, who Nullable(String)", "n");
        server.execute("INSERT INTO " + name.sql() + " SELECT number, if(number % 2 = 0, NULL, 'x') FROM numbers(10)");
        var once = of(name, "1");
        server.execute("INSERT INTO " + name.sql() + " SELECT number, if(number % 2 = 0, NULL, 'x') FROM numbers(10)");
        var twice = of(name, "1");
        var none = of(name, "0");
        assertEquals(Checksum.NONE, none);
        assertEquals(none.xor(), twice.xor(), "vacuous: rows that come twice do not cancel out in the xor");
        assertNotEquals(none, twice);
        assertNotEquals(once, twice);
        // the same count, the same xor of nothing, and the sum tells
        assertEquals(of(name, "n = 1").rows(), of(name, "n = 2").rows());
        assertEquals(of(name, "n = 1").xor(), of(name, "n = 2").xor());
        assertNotEquals(of(name, "n = 1"), of(name, "n = 2"));
    }

    /// The same rows in other blocks, in another order, merged, with their paths, types and sets stored another way.
    @Test
    void theSameRowsAreTheSameHoweverTheyAreStored() {
        var columns =
                "id UInt64, j JSON(max_dynamic_paths=2), d Dynamic(max_types=2), lc LowCardinality(Nullable(String)),"
                        + " u AggregateFunction(uniq, UInt64), x AggregateFunction(uniqExact, UInt64), g"
                        + " AggregateFunction(groupUniqArray, UInt64), t AggregateFunction(topK(3), String), q"
                        + " AggregateFunction(quantile, Float64)";
        var one = table(columns, "id");
        for (int block = 0; block < 3; block++) server.execute("""
            INSERT INTO %s SELECT number + %d AS id, any(concat('{"k', toString(number %% 7 + %d), '":',
              toString(number), ',"z":"s"}'))::JSON(max_dynamic_paths=2),
              any(multiIf(number %% 4 = %d, number::UInt64::Dynamic(max_types=2), number %% 4 = 1,
                toString(number)::Dynamic(max_types=2), [number]::Dynamic(max_types=2))),
              any(if(number %% 3 = 0, NULL, toString(number %% 5))), uniqState(n), uniqExactState(n),
                groupUniqArrayState(n), topKState(3)(toString(n %% 13)), quantileState(n::Float64)
            FROM (SELECT number %% 40 AS number, toUInt64(cityHash64(number) %% 5000) AS n FROM numbers(40000))
              GROUP BY number\
            """.formatted(one.sql(), block * 100, block, block));
        var two = table(columns, "(id % 3, id)");
        server.execute("INSERT INTO " + two.sql() + " SELECT * FROM " + one.sql());
        server.execute("OPTIMIZE TABLE " + two.sql() + " FINAL");
        var three = table(columns, "id % 5");
        server.execute("INSERT INTO " + three.sql() + " SELECT * FROM " + two.sql());
        assertEquals(120, of(one, "1").rows());
        assertEquals(of(one, "1"), of(two, "1"));
        assertEquals(of(one, "1"), of(three, "1"));
        server.execute("INSERT INTO " + three.sql() + " SELECT * FROM " + one.sql() + " WHERE id = 7");
        server.execute("ALTER TABLE " + three.sql() + " DELETE WHERE id = 8 SETTINGS mutations_sync = 2");
        assertNotEquals(of(one, "1"), of(three, "1"));
    }
}
