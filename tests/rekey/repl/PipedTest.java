package rekey.repl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Commands that come through a pipe are a runbook.
@Tag("repl")
class PipedTest {
    @Test
    void aRunbookRunsToItsEnd() {
        try (var bed = new Bed(1000)) {
            var ran = bed.piped("""
                # the guide's migration
                runbook
                check
                run --until verify
                SELECT concat('rows: ',
                    toString(count())) FROM %s;
                run
                status
                """.formatted(bed.name.sql()), "--yes");
            assertEquals(0, ran.exitCode(), ran::toString);
            assertTrue(
                    ran.output().contains("EXCHANGE TABLES") && ran.output().contains("clickhouse-client"),
                    ran::toString);
            assertTrue(
                    ran.output().contains("none refused")
                            && ran.output().contains("rows: 1000")
                            && ran.output().contains("swapped"),
                    ran::toString);
            assertTrue(ran.errorOutput().contains("> run --until verify"), ran::toString);
            assertEquals(Bed.KEY, bed.key());
        }
    }

    @Test
    void itStopsAtTheFirstFailureWithItsExitCode() {
        try (var bed = new Bed(10)) {
            assertEquals(2, bed.piped("plna\ncreate --yes\n").exitCode());
            assertEquals(3, bed.piped("swap --yes\ncreate --yes\n").exitCode());
            assertEquals(1, bed.piped("SELECT nonsense;\ncreate --yes\n").exitCode());
            var asked = bed.piped("create\nbackfill\n");
            assertEquals(2, asked.exitCode());
            assertTrue(asked.errorOutput().contains("give --yes"), asked::toString);
            assertEquals(2, bed.piped("SELECT 1").exitCode());
            assertFalse(bed.server.query("SHOW TABLES FROM " + bed.name.database()).stream()
                    .anyMatch(r -> r.string("name").contains("_rekey_")));
            assertEquals(1, bed.piped("status", "--url", "http://127.0.0.1:1").exitCode());
        }
    }

    @Test
    void aPasswordIsNotRepeated() {
        try (var bed = new Bed(10)) {
            for (var line : new String[] {
                "\\c --user reader --password s3same",
                "\\c --user reader --password='s3same'",
                "\\c http://reader:s3same@127.0.0.1:1",
                "CREATE USER u IDENTIFIED WITH sha256_password BY 's3same' HOST NONSENSE;",
                "CREATE NAMED COLLECTION c AS password = 's3same', host = ;",
                "SELECT * FROM mysql('127.0.0.1:1', 'd', 't', 'u', 's3same');"
            }) {
                var ran = bed.piped(line);
                assertTrue(ran.exitCode() != 0 && ran.errorOutput().contains("[HIDDEN]"), ran::toString);
                assertFalse(ran.toString().contains("s3same"), ran::toString);
            }
        }
    }
}
