package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Still;
import rekey.clickhouse.Catalog;
import rekey.step.Position;

/// A person exchanges the tables by hand in the middle of a migration of rekey's: what the swap left behind is
/// carried all the same, forwards and back.
@Tag("migration")
class ExchangedByHandTest {
    @Test
    void whatCameSinceTheLastRoundIsCarried() {
        try (var still = Still.table("(k UInt64, v UInt64) ENGINE = MergeTree ORDER BY k", "", "v, k", "")) {
            var backup = still.migration.rewrite().backup();
            still.execute("INSERT INTO %s SELECT number, 1 FROM numbers(100)");
            still.migrate("backfill");
            still.execute("INSERT INTO %s SELECT 1000 + number, 1 FROM numbers(10)");
            still.server.execute("EXCHANGE TABLES " + still.name.sql() + " AND "
                    + still.target().sql());
            still.server.execute("RENAME TABLE " + still.target().sql() + " TO " + backup.sql());
            still.execute("INSERT INTO %s SELECT 2000 + number, 1 FROM numbers(10)");
            still.migrate("resume");
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
            assertEquals(120, rows(still));
            still.rollback();
            assertEquals("k", new Catalog(still.server).table(still.name).keys().orderBy());
            assertEquals(120, rows(still));
        }
    }

    private static long rows(Still still) {
        return still.server
                .one("SELECT uniqExact(k) * (count() = uniqExact(k)) AS n FROM " + still.name.sql())
                .number("n");
    }
}
