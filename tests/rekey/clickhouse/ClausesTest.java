package rekey.clickhouse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The server's own text, taken apart: words in quotes and parentheses are no clauses.
@Tag("unit")
class ClausesTest {
    @Test
    void clausesOfAnEngine() {
        var clauses = Clauses.of(
                "ReplacingMergeTree(v) PARTITION BY toYYYYMM(t) PRIMARY KEY a ORDER BY (a, concat(b, ' TTL ', `ORDER"
                        + " BY x`)) SAMPLE BY a TTL t + toIntervalDay(1) WHERE b != ') SETTINGS \\' x' SETTINGS"
                        + " index_granularity = 8192, storage_policy = 'a, b' COMMENT 'it''s TTL x'");
        assertEquals("ReplacingMergeTree(v)", clauses.get("ENGINE"));
        assertEquals("toYYYYMM(t)", clauses.get("PARTITION BY"));
        assertEquals("a", clauses.get("PRIMARY KEY"));
        assertEquals("(a, concat(b, ' TTL ', `ORDER BY x`))", clauses.get("ORDER BY"));
        assertEquals("a", clauses.get("SAMPLE BY"));
        assertEquals("t + toIntervalDay(1) WHERE b != ') SETTINGS \\' x'", clauses.get("TTL"));
        assertEquals("'it''s TTL x'", clauses.get("COMMENT"));
        assertEquals(
                Map.of("index_granularity", "8192", "storage_policy", "'a, b'"),
                Clauses.settings(clauses.get("SETTINGS")));
    }

    @Test
    void columnsBetweenTheirParentheses() {
        var create = "CREATE TABLE `d(b`.`t)(` (`a` UInt64, `b` String DEFAULT ')' COMMENT '(', INDEX i lower(b) TYPE"
                + " bloom_filter(0.01)) ENGINE = MergeTree ORDER BY a";
        assertEquals(
                "`a` UInt64, `b` String DEFAULT ')' COMMENT '(', INDEX i lower(b) TYPE bloom_filter(0.01)",
                Clauses.columns(create));
        assertEquals("a", Clauses.ofCreate(create).get("ORDER BY"));
    }

    @Test
    void keysWithAndWithoutParentheses() {
        assertEquals("a, b", Clauses.unwrapped("(a, b)"));
        assertEquals("a, b", Clauses.unwrapped(" ((a, b)) "));
        assertEquals("(a), (b)", Clauses.unwrapped("(a), (b)"));
        assertEquals("", Clauses.unwrapped("tuple()"));
        assertEquals(List.of("a", "f(b, c)", "'x,y'", "`p,q`"), Clauses.split("a, f(b, c), 'x,y', `p,q`"));
        assertEquals(List.of(), Clauses.split(""));
    }
}
