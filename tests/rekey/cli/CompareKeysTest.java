package rekey.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rekey.Labs;
import rekey.Scene;
import tools.jackson.databind.JsonNode;

/// Queries under several keys side by side, on scratch tables that are gone afterwards.
@Tag("cli")
class CompareKeysTest {
    @TempDir
    Path folder;

    private final Hits hits = new Hits();
    private final List<String> before;

    CompareKeysTest() {
        hits.insert(200_000);
        before = hits.state();
    }

    @AfterEach
    void nothingIsLeft() {
        try (hits) {
            assertEquals(before, hits.state());
        }
    }

    private Scripts.Ran compare(String... more) {
        var args = Stream.concat(
                        Stream.of("--url", Labs.shared().url(), "--table", hits.name.toString()), Stream.of(more))
                .toArray(String[]::new);
        return Scripts.run("compare-keys", args);
    }

    private Path queries(String text) throws IOException {
        return Files.writeString(folder.resolve("mine.sql"), text);
    }

    private static long rows(JsonNode query, int key) {
        return query.get("costs").get(key).get("rows").asLong();
    }

    @Test
    void aQueryIsMeasuredUnderEachKey() throws IOException {
        var file = queries(
                "SELECT count() FROM hits WHERE visitor = 'v7';\nSELECT count() FROM {table} WHERE site = 3;\n");
        var args =
                new String[] {"--key", "visitor, at", "--key", "site, visitor", "--queries", file.toString(), "--yes"};
        var told = compare(Stream.concat(Stream.of(args), Stream.of("--json")).toArray(String[]::new))
                .exits(0)
                .json()
                .getFirst();
        assertEquals(3, told.get("sizes").size());
        assertEquals("site, at", told.get("sizes").get(0).get("orderBy").asString());
        for (var size : told.get("sizes")) assertTrue(size.get("compressed").asLong() > 0, told::toString);
        var byVisitor = told.get("queries").get(0);
        assertTrue(rows(byVisitor, 1) < rows(byVisitor, 0), told::toString);
        var bySite = told.get("queries").get(1);
        assertTrue(rows(bySite, 1) > rows(bySite, 0), told::toString);
        compare(args)
                .exits(0)
                .says("reads more", "key1: 1 of 2 queries read less, more is read by number 2", "as it is");
    }

    /// As applications ask: they name the table, or its database is the connection's.
    @Test
    void theHeaviestOfTheQueryLogAreTakenWhereNoneIsGiven() {
        for (int n = 0; n < 3; n++)
            hits.server.query("SELECT count() FROM " + hits.name + " WHERE visitor = 'v" + n + "'");
        Scene.await("the query log", () -> {
            hits.server.execute("SYSTEM FLUSH LOGS query_log");
            return compare("--key", "visitor", "--yes").exitCode() == 0;
        });
        compare("--key", "visitor", "--yes").exits(0).says("visitor = 'v", "times)", "key1");
    }

    @Test
    void whatCantBeComparedIsSaidInOneSentence() throws IOException {
        var file = queries("SELECT count() FROM elsewhere;");
        compare("--key", "nowhere", "--queries", file.toString(), "--yes")
                .exits(2)
                .complains("nowhere");
        compare("--key", "visitor", "--queries", file.toString(), "--yes")
                .exits(2)
                .complains("does not name");
        compare("--key", "visitor", "--queries", folder.resolve("no.sql").toString(), "--yes")
                .exits(2)
                .complains("no.sql");
        compare("--key", "visitor", "--queries", queries(" ").toString(), "--yes")
                .exits(2)
                .complains("has no queries");
        var mine = queries("SELECT count() FROM hits WHERE vistor = 1;").toString();
        compare("--key", "visitor", "--queries", mine).exits(2).says("give --yes");
        compare("--key", "visitor", "--queries", mine, "--yes").exits(0).says("not measured", "vistor");
    }
}
