package rekey.repl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A migration taken step by step at the prompt.
@Tag("repl")
class StepsOnScreenTest {
    @Test
    void stepByStepAndBack(@TempDir Path folder) throws Exception {
        try (var bed = new Bed(3000);
                var at = bed.typist()) {
            at.await(bed.name.database() + " create> ").await("  hits_rekey  " + bed.name);
            assertTrue(at.screen().contains(bed.lab.url().substring(7)), at::screen);

            at.enter("next")
                    .await("with the definition of")
                    .await("next --dry-run shows the statements.")
                    .await("Run create? [y/N]")
                    .enter("n")
                    .await("Nothing was done.")
                    .await("create> ");
            assertEquals(
                    0,
                    bed.server
                            .one("SELECT count() AS n FROM system.tables WHERE database = '" + bed.name.database()
                                    + "' AND name LIKE '%rekey%'")
                            .number("n"));

            at.clear()
                    .enter("next")
                    .await("Run create? [y/N]")
                    .enter("y")
                    .await("the new table is there")
                    .await("run has ended well")
                    .await("backfill> ");
            at.clear()
                    .enter("explain create")
                    .await("CREATE TABLE")
                    .await("-- undo")
                    .await("create     done");
            at.clear()
                    .enter("undo")
                    .await("Undo create? [y/N]")
                    .enter("y")
                    .await("undo create has ended well")
                    .await("create> ");
            at.clear().enter("undo").await("There is nothing to undo");

            at.clear()
                    .enter("run --until backfill")
                    .await("Run create, backfill? [y/N]")
                    .enter("y")
                    .await("run has ended well")
                    .await("verify> ");
            at.clear().enter("status").await("state      begun").await("rows       3,000 of 3,000 (100%)");
            at.clear().enter("undo --dry-run").await("undo backfill").await("DROP TABLE");
            at.clear().enter("check --before > " + folder + "/checks.txt").await("verify> ");
            at.clear().enter("check").await("checks: none refused");
            at.clear().enter("plan >> " + folder + "/checks.txt").await("> ");

            at.clear().enter("next --yes").await("run has ended well").await("pause> ");
            at.clear()
                    .enter("next")
                    .await("Run pause, remaining, swap, resume? [y/N]")
                    .enter("yes")
                    .await("exchanging the tables")
                    .await("optimize> ");
            assertEquals(Bed.KEY, bed.key());
            bed.server.execute("INSERT INTO " + bed.name.sql() + " SELECT 1, now(), 'late', 'u' FROM numbers(10)");
            at.clear()
                    .enter("undo")
                    .await("The old table comes back under its name.")
                    .await("Undo swap? [y/N]")
                    .enter("y")
                    .await("undo swap has ended well");
            assertEquals("site, at", bed.key());
            assertEquals(3010, bed.rows());
            // in words, for a screen of SQL above the question is not read
            at.clear()
                    .enter("rollback")
                    .await("stays as it is: it was not exchanged.")
                    .await("What was copied is dropped: ")
                    .await("with 3,010 rows.")
                    .await("back? [y/N]");
            assertTrue(!at.screen().contains("DROP TABLE"), at::screen);
            at.enter("n").await("Nothing was done.");
            at.clear()
                    .enter("undo")
                    .await("3,010 copied rows are dropped from")
                    .await("Undo backfill? [y/N]")
                    .enter("n")
                    .await("Nothing was done.");

            at.clear().enter("run --yes").await("run has ended well").await("finalize> ");
            at.clear().enter("next").await("Nothing is left to do; finalize");
            at.clear().enter("verify").await("no difference").await("verify has ended well");
            at.clear()
                    .enter("finalize")
                    .await("is dropped: 3,010 rows")
                    .await("no way back then. [y/N]")
                    .enter("y")
                    .await("finalize has ended well")
                    .await("done> ");
            at.clear().enter("undo").await("is finalized");
            at.clear().enter("rollback").await("is finalized");
            at.clear().enter("exit");
            assertEquals(0, at.ended());
            assertEquals(3010, bed.rows());
            var file = Files.readString(folder.resolve("checks.txt"));
            assertTrue(file.contains("none refused") && file.contains("Exchange test_"), file);
        }
    }

    @Test
    void eachOperationByItsNameAndRolledBack() {
        try (var bed = new Bed(500);
                var at = bed.typist("--yes")) {
            at.enter("backfill").await("comes after create");
            at.clear().enter("create --dry-run").await("CREATE TABLE");
            for (var step :
                    new String[] {"create", "backfill", "verify", "pause", "remaining", "swap", "resume", "optimize"})
                at.clear().enter(step).await(step + " has ended well");
            assertEquals(Bed.KEY, bed.key());
            at.clear().enter("rollback --dry-run").await("undo create");
            at.clear().enter("rollback").await("rolled back").await("rollback has ended well");
            assertEquals("site, at", bed.key());
            assertEquals(500, bed.rows());
            at.clear().enter("run --until nonsense").await("There is no step 'nonsense'");
            at.clear().enter("run --until=").await("> ");
        }
    }
}
