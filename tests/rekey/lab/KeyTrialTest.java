package rekey.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.Rekey;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.model.Trouble;

/// What new keys would bring, by a sample: here the reading server is also the one that tries.
@Tag("lab")
class KeyTrialTest {
    private static final String NEW = "site, page, at";

    /// All rows have one tenant and most have one site, so a sample by these would be all or nothing.
    @Test
    void itTellsGranulesAndCompression() {
        try (var server = Labs.connect()) {
            var name = new TableName(Labs.database(), "hits");
            server.execute("CREATE TABLE " + name.sql()
                    + " (tenant UInt8, site UInt32, at DateTime, page String) ENGINE = MergeTree ORDER BY"
                    + " (tenant, site, at) SETTINGS index_granularity = 32");
            var session = Rekey.session(server, Rekey.migration(new Rewrite("trial", name, "", "", NEW, "", "")));
            assertThrows(Trouble.Refused.class, () -> KeyTrial.of(session, server, 1000));
            server.execute("INSERT INTO " + name.sql()
                    + " SELECT 1, if(number % 4 < 3, 7, number % 3000), toDateTime(1767225600 + number),"
                    + " concat('page ', toString(number * 7919 % 10)) FROM numbers(40000)");
            server.execute("OPTIMIZE TABLE " + name.sql() + " FINAL");

            var tried = KeyTrial.of(session, server, 4000);
            assertTrue(tried.rows() > 3000 && tried.rows() < 5000, tried::toString);
            assertEquals(32, tried.granule());
            var page = tried.columns().stream()
                    .filter(c -> c.column().equals("page"))
                    .findFirst()
                    .orElseThrow();
            assertTrue(page.after() < page.before() / 2, tried::toString);
            var bySite = tried.costs().stream()
                    .filter(c -> c.name().equals("site, page"))
                    .findFirst()
                    .orElseThrow();
            assertTrue(bySite.rowsAfter() > 32 && bySite.rowsAfter() < bySite.rowsBefore() / 4, tried::toString);
            assertTrue(tried.toString().contains("granules read, of "), tried::toString);
            assertEquals(
                    0,
                    server.one("SELECT count() AS n FROM system.databases WHERE name = 'key_trial'")
                            .number("n"));
        }
    }
}
