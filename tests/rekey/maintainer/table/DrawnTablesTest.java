package rekey.maintainer.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Labs;
import rekey.Repo;
import rekey.model.TableName;

/// A slice of the drawn tables. `./jbang tables` runs more.
@Tag("tables")
@Tag("slow")
class DrawnTablesTest {
    /// A row deleted or doubled, a value, a setting or an index that is not as it should be is found, and nothing
    /// else.
    @Test
    void whatIsSpoiltIsFound() throws InterruptedException {
        var result = TableTrial.control(Labs.shared()).run();
        assertTrue(result.ok(), () -> result + "\n" + String.join("\n", result.log()));
        for (var spoilt : Spoilt.values())
            assertTrue(result.log().stream().anyMatch(l -> l.startsWith(spoilt.words)), spoilt.words);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void migratedAndBackAndAgain(int number) throws InterruptedException {
        var result = new TableTrial(Labs.shared(), DrawnTable.draw(7, number)).run();
        assertTrue(result.ok(), () -> result + "\n" + result.create() + "\n" + String.join("\n", result.log()));
    }

    @Test
    void thePageSaysWhatTheRecordSays() throws Exception {
        var page = Files.readString(Repo.ROOT.resolve("lib/rekey/maintainer/README.md"))
                .replaceAll("\\s+", " ");
        var said = new TableRecord(Repo.ROOT.resolve("tests/rekey/maintainer/table/tables.jsonl")).sentence();
        assertTrue(page.contains(said), () -> "maintainer/README.md does not say: " + said);
    }

    /// The same seed draws the same, and a few hundred have everything in them.
    @Test
    void tablesFollowFromTheirSeed() {
        var drawn = IntStream.rangeClosed(1, 300)
                .mapToObj(n -> DrawnTable.draw(7, n))
                .toList();
        assertEquals(drawn.get(4), DrawnTable.draw(7, 5));
        var name = new TableName("db", "t");
        assertEquals(
                300,
                drawn.stream()
                        .map(d -> d.create(name, d.keys().before())
                                + d.create(name, d.keys().after())
                                + d.feed())
                        .distinct()
                        .count());
        assertEquals(
                Set.of(DrawnEngine.values()),
                drawn.stream().map(DrawnTable::engine).collect(Collectors.toSet()));
        assertEquals(Set.of(Feed.values()), drawn.stream().map(DrawnTable::feed).collect(Collectors.toSet()));
        var types = drawn.stream()
                .flatMap(d -> d.columns().stream())
                .filter(c -> c.type() != null)
                .map(c -> c.type().type())
                .collect(Collectors.toCollection(HashSet::new));
        assertEquals(Set.of(), missing(types));
    }

    private static Set<String> missing(Set<String> types) {
        return ColumnType.ALL.stream()
                .map(ColumnType::type)
                .filter(type -> !types.contains(type))
                .collect(Collectors.toSet());
    }
}
