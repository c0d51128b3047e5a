package rekey.clickhouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rekey.model.TableName;

/// The path of a table that is made beside another: never that one's, and without a name that changes.
class ReplicatedEngineTest {
    private static final TableName EVENTS = new TableName("posthog", "events");

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        ReplicatedMergeTree('/c/tables/{uuid}/{shard}', '{replica}') |\
         ReplicatedMergeTree('/c/tables/m_1/{shard}', '{replica}')
        ReplicatedMergeTree('/c/{shard}/{database}.{table}', '{replica}') |\
         ReplicatedMergeTree('/c/{shard}/posthog.events_m_1', '{replica}')
        ReplicatedReplacingMergeTree('/c/a,(b)/', 'r1', ver, gone) |\
         ReplicatedReplacingMergeTree('/c/a,(b)_m_1', 'r1', ver, gone)
        MergeTree | MergeTree
        """)
    void theSameEngine(String there, String made) {
        assertEquals(made, ReplicatedEngine.fresh(there, "", EVENTS, "m_1"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        ReplacingMergeTree(ver) | ReplicatedReplacingMergeTree('/c/t_m_1', '{replica}', ver)
        ReplicatedReplacingMergeTree(ver) | ReplicatedReplacingMergeTree('/c/t_m_1', '{replica}', ver)
        ReplicatedReplacingMergeTree('/x/y', 'z', ver) | ReplicatedReplacingMergeTree('/c/t_m_1', '{replica}', ver)
        MergeTree | ReplicatedMergeTree('/c/t_m_1', '{replica}')
        MergeTree() | ReplicatedMergeTree('/c/t_m_1', '{replica}')
        """)
    void anotherEngine(String wanted, String made) {
        assertEquals(made, ReplicatedEngine.fresh("ReplicatedMergeTree('/c/t', '{replica}')", wanted, EVENTS, "m_1"));
    }

    /// A table of before 2020 has none in its definition, and a check says so.
    @ParameterizedTest
    @CsvSource("ReplicatedMergeTree,ReplicatedMergeTree(ver)")
    void withoutAPath(String clause) {
        assertTrue(ReplicatedEngine.of(clause).orElseThrow().path().isEmpty());
    }
}
