package rekey.clickhouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.model.Keys;
import rekey.model.Rewrite;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;

/// A person's keys, as the server reads them, and what is said of those it can't read.
@Tag("keys")
class KeyTextTest {
    private static Keys keys(String partitionBy, String primaryKey, String orderBy, String sampleBy) {
        try (var server = Labs.connect()) {
            var name = new TableName(Labs.database(), "t");
            server.execute("CREATE TABLE " + name.sql()
                    + " (id UInt64, `a b` String, day Date, v Float64, i Int64) ENGINE = MergeTree ORDER BY id");
            Table source = new Catalog(server).table(name);
            return new KeyText(server)
                    .keys(new Rewrite("m", name, partitionBy, primaryKey, orderBy, sampleBy, ""), source);
        }
    }

    private static void refused(String word, String partitionBy, String primaryKey, String orderBy, String sampleBy) {
        var usage = assertThrows(Trouble.Usage.class, () -> keys(partitionBy, primaryKey, orderBy, sampleBy));
        assertTrue(usage.getMessage().contains(word), usage::getMessage);
        assertEquals(2, usage.exitCode());
    }

    @Test
    void keysAreFormattedAsTheServerDoes() {
        assertEquals(
                new Keys("toYYYYMM(day)", "cityHash64(id), `a b`", "cityHash64(id), `a b`", "cityHash64(id)"),
                keys(" toYYYYMM( day )", "", "( cityHash64( id ),`a b`)", "cityHash64(id)"));
        assertEquals(new Keys("", "day", "day, id", ""), keys("", "day", "day,id", ""));
        assertEquals(new Keys("", "", "", ""), keys("", "", "tuple()", ""));
    }

    @Test
    void whatIsNoExpression() {
        refused("--order-by", "", "", "id, (", "");
        refused("--order-by", "", "", "no_such_column", "");
        refused("'./jbang alter' with --add-column", "", "", "id, no_such_column", "");
        refused("--order-by", "", "", "no_such_function(id)", "");
        refused("--partition-by", "toYYYYMM(", "", "id", "");
        refused("--sample-by", "", "", "id", "no_such_column");
        refused("--primary-key", "", "nonsense(", "id", "");
    }

    @Test
    void keysThatDoNotFitTogether() {
        refused("not in the sorting key", "", "", "id, day", "cityHash64(id)");
        refused("must be the beginning", "", "day", "id, day", "");
        refused("unsigned", "", "", "id, `a b`", "`a b`");
        refused("unsigned", "", "", "id, v", "v");
        refused("unsigned", "", "", "id, i", "i");
    }

    /// A SELECT may have these, so plan passed them, and the server refused the CREATE.
    @Test
    void whatNoKeyMayHave() {
        refused("arrayJoin", "", "", "arrayJoin([id]), id", "");
        refused("now()", "", "", "id, now()", "");
        refused("rand()", "rand(id) % 3", "", "id", "");
        refused("in the partition key is a Nullable", "toNullable(id)", "", "id", "");
        assertEquals("toDate(day)", keys("toDate(day)", "", "id", "").partitionBy());
    }

    @Test
    void aStatementIsNoKey() {
        refused("--order-by", "", "", "id; DROP TABLE t", "");
        refused("--order-by", "", "", "id FROM system.one UNION ALL SELECT 1", "");
    }
}
