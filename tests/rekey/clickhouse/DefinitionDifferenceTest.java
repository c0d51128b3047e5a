package rekey.clickhouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import rekey.Labs;
import rekey.model.Table;
import rekey.model.TableName;

/// A table that was made, held against the one that was meant: the clause in which it differs is
/// told, and no other.
@Tag("keys")
class DefinitionDifferenceTest {
    private static final String COLUMN_TTL = " TTL b + INTERVAL 20 YEAR", TTL = " TTL b + INTERVAL 30 YEAR";
    private static final String DEFINITION = "(a UInt64, b DateTime CODEC(ZSTD(3)), c String COMMENT 'seen',"
            + " d String%s, INDEX few c TYPE minmax GRANULARITY 4, CONSTRAINT positive CHECK a > 0,"
            + " PROJECTION by_c (SELECT c, count() GROUP BY c)) ENGINE = MergeTree ORDER BY (a, b DESC)%s SETTINGS"
            + " allow_experimental_reverse_key = 1, deduplicate_merge_projection_mode = 'drop',"
            + " merge_with_ttl_timeout = 3600%s COMMENT 'hits'";
    private static final String SOURCE = DEFINITION.formatted(COLUMN_TTL, TTL, "");
    /// With what rekey sets, and spared the TTLs while it is filled.
    private static final String MEANT = DEFINITION.formatted(
            "",
            "",
            ", enable_block_number_column = 1, finished_mutations_to_keep = 0, materialize_ttl_recalculate_only = 1");

    private static ClickHouse server;
    private static String database;
    private static Table source;
    private static int tables;

    @BeforeAll
    static void open() {
        server = Labs.connect();
        database = Labs.database();
        source = table(SOURCE);
    }

    @AfterAll
    static void close() {
        server.close();
    }

    private static Table table(String definition) {
        var name = new TableName(database, "t" + ++tables);
        server.execute("CREATE TABLE " + name.sql() + " " + definition);
        return new Catalog(server).table(name);
    }

    /// The clauses that are told of one that was made with the source's keys.
    private static List<String> told(String definition) {
        return DefinitionDifference.differences(source, table(definition), source.keys(), "").stream()
                .map(d -> d.replace("`", "").replaceFirst("(?s): .*", ""))
                .toList();
    }

    @Test
    void whatIsAsItWasMeantDiffersInNothing() {
        assertEquals(List.of(), told(MEANT));
    }

    /// The clause, and a text of the definition that becomes another.
    static Stream<Arguments> clauses() {
        return Stream.of(
                Arguments.of("sorting key, primary key", "b DESC", "b"),
                Arguments.of("engine", "ENGINE = MergeTree", "ENGINE = ReplacingMergeTree"),
                Arguments.of("setting merge_with_ttl_timeout", ", merge_with_ttl_timeout = 3600", ""),
                Arguments.of("setting finished_mutations_to_keep", ", finished_mutations_to_keep = 0", ""),
                Arguments.of("comment", " COMMENT 'hits'", ""),
                Arguments.of("TTL", " SETTINGS ", TTL + " SETTINGS "),
                Arguments.of("column b", " CODEC(ZSTD(3))", ""),
                Arguments.of("column c", " COMMENT 'seen'", ""),
                Arguments.of("column d", "d String", "d String" + COLUMN_TTL),
                Arguments.of("CONSTRAINT positive", " CONSTRAINT positive CHECK a > 0,", ""),
                Arguments.of("INDEX few", " INDEX few c TYPE minmax GRANULARITY 4,", ""),
                Arguments.of("PROJECTION by_c", ", PROJECTION by_c (SELECT c, count() GROUP BY c)", ""));
    }

    @ParameterizedTest
    @MethodSource("clauses")
    void theClauseInWhichItDiffersIsTold(String clause, String meant, String made) {
        var definition = MEANT.replace(meant, made);
        assertNotEquals(MEANT, definition, "vacuous");
        assertEquals(List.of(clause.split(", ")), told(definition));
    }
}
