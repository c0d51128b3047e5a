package rekey.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.clickhouse.ServerError;
import tools.jackson.databind.JsonNode;

/// The server's own ALTERs, offered by plan and sent by alter: what they bring, and what the server refuses.
@Tag("cli")
class AlterTest {
    private final Hits hits = new Hits();

    @AfterEach
    void close() {
        hits.close();
    }

    /// The first of the ways that plan tells.
    private JsonNode cheaper(String... keys) {
        var args = Stream.concat(Stream.of(keys), Stream.of("--json")).toArray(String[]::new);
        return hits.bare("plan", args).exits(0).json().getFirst().get("cheaper").get(0);
    }

    private String definition() {
        return hits.server.one("SHOW CREATE TABLE " + hits.name.sql()).string("statement");
    }

    @Test
    void aSamplingKeyOfThePrimaryKeyIsAWord() {
        var way = cheaper("--sample-by", "site");
        assertTrue(way.get("sql").get(0).asString().endsWith("MODIFY SAMPLE BY site"), way::toString);
        assertTrue(way.get("gain").asString().contains("SAMPLE 0.1 would read"), way::toString);
        hits.bare("plan", "--sample-by", "site").exits(0).says("cheaper", "./jbang alter");
        hits.bare("alter", "--sample-by", "site", "--yes").exits(0).says("Altered");
        assertTrue(definition().contains("SAMPLE BY site"), this::definition);
        assertEquals(3000, hits.rows());
        hits.bare("alter", "--sample-by", "", "--yes").exits(0);
        assertFalse(definition().contains("SAMPLE BY"), this::definition);
    }

    @Test
    void columnsAreAddedAndAppendedAtOnce() {
        hits.bare("alter", "--order-by", "site, at, region", "--add-column", "region String", "--yes")
                .exits(0)
                .says("the primary key stays (site, at)");
        assertEquals("site, at, region", hits.key());
        assertTrue(definition().contains("PRIMARY KEY (site, at)"), this::definition);
        hits.insert(10);
        assertEquals(3010, hits.rows());
        // now it is there, and only a copy makes it part of the primary key or moves it
        hits.bare("alter", "--order-by", "region, site, at", "--add-column", "region String", "--yes")
                .exits(3)
                .complains("has a column region already");
    }

    @Test
    void whatStandsBehindThePrimaryKeyIsTakenOff() {
        hits.bare("alter", "--order-by", "site, at, region", "--add-column", "region String", "--yes")
                .exits(0);
        var way = cheaper("--order-by", "site, at");
        assertTrue(way.get("sql").get(0).asString().endsWith("MODIFY ORDER BY (site, at)"), way::toString);
        hits.bare("alter", "--order-by", "site, at", "--yes").exits(0);
        assertEquals("site, at", hits.key());
        hits.bare("alter", "--order-by", "site, at, n % 7", "--add-column", "n UInt32", "--yes")
                .exits(0);
        hits.bare("alter", "--order-by", "site, at, m, n % 7", "--add-column", "m UInt32", "--yes")
                .exits(0);
        assertEquals("site, at, m, n % 7", hits.key());
    }

    @Test
    void aProjectionStandsForAKey() {
        var way = cheaper("--order-by", "visitor, at");
        assertEquals("projection", way.get("by").asString());
        assertTrue(way.get("gain").asString().contains("are read now (EXPLAIN ESTIMATE)"), way::toString);
        hits.bare("alter", "--order-by", "visitor, at", "--projection", "--yes").exits(0);
        assertTrue(definition().contains("PROJECTION by_visitor"), this::definition);
        assertEquals("site, at", hits.key());
        hits.bare("alter", "--order-by", "visitor, at", "--projection", "--yes").exits(3);
    }

    @Test
    void whatTheServerWouldRefuseIsRefusedBefore() {
        for (var sql : new String[] {
            "MODIFY ORDER BY (visitor, at)",
            "MODIFY ORDER BY (site, at, visitor)",
            "MODIFY ORDER BY site",
            "MODIFY SAMPLE BY cityHash64(visitor)"
        })
            assertThrows(
                    ServerError.class, () -> hits.server.execute("ALTER TABLE " + hits.name.sql() + " " + sql), sql);
        var before = hits.state();
        hits.bare("alter", "--order-by", "visitor, at", "--yes")
                .exits(3)
                .complains("No ALTER brings ORDER BY (visitor, at)", "--add-column");
        hits.bare("alter", "--order-by", "site, at, visitor", "--yes").exits(3).complains("No ALTER brings");
        hits.bare("alter", "--order-by", "site", "--yes").exits(3).complains("No ALTER brings");
        hits.bare("alter", "--partition-by", "toYYYYMMDD(at)", "--yes").exits(3).complains("partition key");
        hits.bare("alter", "--sample-by", "cityHash64(visitor)", "--yes").exits(2);
        hits.bare("alter", "--order-by", "region, site, at", "--add-column", "region String", "--yes")
                .exits(3)
                .complains("after the sorting key as it is", "site, at, region");
        hits.bare("alter", "--order-by", "site, at, region", "--add-column", "region String DEFAULT 'x'", "--yes")
                .exits(3)
                .says("The server refuses", "default expression");
        hits.bare("alter", "--order-by", "site, at, region", "--add-column", "region Strin", "--yes")
                .exits(3)
                .says("The server refuses", "Strin");
        hits.bare("alter", "--order-by", "(site, at)", "--yes").exits(3).complains("has these keys already");
        assertEquals(before, hits.state());
    }

    @Test
    void nobodyIsPassedOver() {
        var before = hits.state();
        hits.bare("alter", "--sample-by", "site").exits(2).says("give --yes");
        hits.bare("alter", "--sample-by", "site", "--dry-run").exits(0).says("MODIFY SAMPLE BY site");
        assertEquals(before, hits.state());
        hits.run("create").exits(0);
        hits.bare(
                        "alter",
                        "--order-by",
                        "site, at, region",
                        "--add-column",
                        "region String",
                        "--yes",
                        "--name",
                        "other")
                .exits(3)
                .complains("has been begun and not ended");
        assertEquals("site, at", hits.key());
        hits.run("rollback").exits(0);
    }
}
