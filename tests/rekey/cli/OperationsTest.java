package rekey.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.Scene;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import tools.jackson.databind.JsonNode;

/// The commands that change something, each by itself and together, on a table without Kafka.
@Tag("cli")
@Tag("slow")
class OperationsTest {
    private final Hits hits = new Hits();

    @AfterEach
    void drop() {
        hits.close();
    }

    private JsonNode status() {
        return hits.bare("status", "--json").exits(0).json().getLast();
    }

    private String state() {
        return status().get("state").asString();
    }

    @Test
    void theOperationsOneByOne() {
        hits.run("create").exits(0);
        hits.insert(100);
        for (var alias : List.of("backfill", "verify", "pause", "remaining", "swap", "resume", "optimize"))
            hits.run(alias).exits(0);
        assertEquals(Hits.NEW_KEY, hits.key());
        assertEquals(3100, hits.rows());
        assertEquals("swapped", state());
        hits.run("finalize").exits(2).says("--yes", "hits_backup");
        assertEquals("swapped", state());
        hits.run("finalize", "--yes").exits(0);
        assertEquals("finalized", state());
        hits.run("migrate").exits(0).says("finalized");
        hits.run("rollback").exits(3).says("finalized");
        assertEquals(3100, hits.rows());
        assertFalse(hits.state().stream().anyMatch(t -> t.startsWith("hits_")), hits.state()::toString);
    }

    @Test
    void anOperationWaitsForTheOneBefore() {
        var before = hits.state();
        for (var alias : List.of("backfill", "pause", "remaining", "swap", "optimize", "finalize"))
            hits.run(alias, "--yes").exits(3).complains("create");
        assertEquals(before, hits.state());
        hits.run("create").exits(0);
        for (var alias : List.of("pause", "swap")) hits.run(alias).exits(3).says("backfill");
    }

    @Test
    void mergesThatAreLeftHeldAreSaidFirst() {
        hits.run("migrate", "--until", "verify").exits(0);
        hits.run("pause").exits(0);
        for (var alias : List.of("status", "plan"))
            assertTrue(hits.run(alias).errorOutput().startsWith("MERGES OF " + hits.name + " ARE HELD"), alias);
        hits.run("resume").exits(0);
        assertFalse(hits.run("status").errorOutput().contains("MERGES"));
    }

    @Test
    void migrateDoesItAllAndSaysSoInJson() {
        var lines = hits.run("migrate", "--json").exits(0).json();
        assertEquals("swapped", lines.getLast().get("state").asString());
        assertEquals(3000, lines.getLast().get("rowsDone").asLong());
        var events = lines.stream()
                .filter(l -> l.has("event"))
                .map(l -> l.get("step").asString() + " " + l.get("event").asString())
                .toList();
        assertTrue(
                events.containsAll(
                        List.of("plan PLANNED", "create DONE", "backfill DONE", "verify VERIFIED", "optimize DONE")),
                events::toString);
        hits.run("migrate").exits(0);
        assertEquals(3000, hits.rows());
    }

    /// It was found behind the lock, when --take-over had ended another's run and a pause had been opened.
    @Test
    void aStepThatDoesNotExistIsSaidFirst() {
        hits.run("migrate", "--until", "backfil", "--take-over").exits(2).complains("backfil", "backfill");
        assertTrue(
                hits.server
                        .query("SELECT 1 FROM system.tables WHERE database = '" + hits.name.database()
                                + "' AND name = 'rekey_journal'")
                        .isEmpty(),
                "something was begun");
    }

    @Test
    void itEndsWhereItIsToldAndGoesOn() {
        hits.run("migrate", "--until", "backfill").exits(0);
        assertEquals("verify", status().get("step").asString());
        assertEquals("begun", state());
        hits.run("migrate", "--dry-run").exits(0).says("EXCHANGE TABLES");
        assertFalse(hits.run("migrate", "--dry-run").output().contains("create:"));
        hits.run("migrate", "--until", "nonsense").exits(2);
        hits.run("migrate").exits(0);
        assertEquals(Hits.NEW_KEY, hits.key());
    }

    @Test
    void rolledBackFromEverywhereTheTableIsAsItWas() {
        var before = hits.state();
        for (var until : List.of("create", "backfill", "swap", "optimize")) {
            hits.run("migrate", "--until", until).exits(0);
            hits.insert(10);
            hits.run("rollback").exits(0);
            assertEquals("rolled back", state());
            assertEquals(
                    before,
                    hits.state().stream()
                            .filter(t -> !t.startsWith("rekey_journal"))
                            .toList());
        }
        assertEquals(3040, hits.rows());
    }

    @Test
    void aTableThatWasAlteredIsNoLongerThePlannedOne() {
        hits.run("migrate", "--until", "create").exits(0);
        hits.server.execute("ALTER TABLE " + hits.name.sql() + " MODIFY SETTING merge_with_ttl_timeout = 3600");
        hits.run("migrate")
                .exits(3)
                .says("no longer as it was planned", "setting merge_with_ttl_timeout: (none) -> 3600");
        hits.server.execute("ALTER TABLE " + hits.name.sql() + " RESET SETTING merge_with_ttl_timeout");
        hits.server.execute("ALTER TABLE " + hits.name.sql() + " MODIFY COLUMN url COMMENT 'seen'");
        hits.run("migrate").exits(3).says("comment");
        hits.server.execute("ALTER TABLE " + hits.name.sql() + " MODIFY COLUMN url REMOVE COMMENT");
        hits.run("migrate", "--until", "backfill").exits(0);
    }

    @Test
    void thePlanThatWasSeenIsThePlanThatIsRun() {
        var hash = hits.run("plan", "--json").json().getFirst().get("hash").asString();
        hits.server.execute("ALTER TABLE " + hits.name.sql() + " MODIFY COMMENT 'another'");
        hits.run("migrate", "--plan", hash).exits(3).says("Nothing was changed", hash);
        var now = hits.run("plan", "--json").json().getFirst().get("hash").asString();
        hits.run("migrate", "--plan", now, "--until", "create").exits(0);
        assertEquals(
                now, hits.run("plan", "--json").json().getFirst().get("hash").asString());
        hits.run("migrate", "--plan", hash, "--until", "backfill").exits(3).says("Nothing was changed", now, hash);
        hits.run("migrate", "--plan", now, "--until", "backfill").exits(0);
    }

    @Test
    void whatWasPlannedHoldsForColleagues() {
        hits.run("migrate", "--until", "backfill").exits(0);
        hits.bare("migrate", "--order-by", "visitor").exits(2).complains("other keys");
        assertEquals(
                "hits_rekey",
                Scripts.run(
                                "status",
                                "--url",
                                Labs.shared().url(),
                                "--database",
                                hits.name.database(),
                                "--migration",
                                "hits_rekey",
                                "--json")
                        .exits(0)
                        .json()
                        .getFirst()
                        .get("migration")
                        .asString());
        Scripts.run(
                        "migrate",
                        "--url",
                        Labs.shared().url(),
                        "--database",
                        hits.name.database(),
                        "--migration",
                        "hits_rekey")
                .exits(0);
        assertEquals(Hits.NEW_KEY, hits.key());
    }

    @Test
    void aDifferenceIsFoundAndNothingIsSwapped() {
        hits.run("migrate", "--until", "backfill").exits(0);
        hits.server.execute("ALTER TABLE " + hits.name.sibling("hits_rekey").sql()
                + " DELETE WHERE site = 3 AND visitor = 'v3' SETTINGS mutations_sync = 1");
        hits.run("verify").exits(3).says("differ");
        hits.run("migrate").exits(3);
        assertEquals("site, at", hits.key());
        assertEquals("failed", state());
        hits.run("rollback").exits(0);
    }

    @Test
    void aSecondRunnerIsToldWhoIsThere() {
        try (var server = Labs.connect()) {
            var control = new rekey.session.Control(rekey.session.Limits.DEFAULT);
            var lock = rekey.run.RunLock.acquire(server, hits.name, "someone", false, control);
            try {
                hits.run("migrate").exits(3).says("someone", "--take-over");
                hits.run("rollback").exits(2).says("--yes");
                hits.run("migrate", "--until", "create", "--take-over").exits(0);
                assertThrows(rekey.model.Trouble.Stopped.class, control::fence);
                // one that hangs hears no order to stop
                try (var _ = rekey.run.RunLock.acquire(
                        server,
                        hits.name,
                        "someone else",
                        true,
                        new rekey.session.Control(rekey.session.Limits.DEFAULT))) {
                    hits.run("rollback", "--yes", "--take-over").exits(0);
                }
                assertEquals("rolled back", state());
            } finally {
                lock.close();
            }
        }
    }

    /// The backup is gone, the line about it and the settings are missing: other migrations of the table would be
    /// refused for ever.
    @Test
    void aFinalizeThatWasCutShortIsEnded() {
        hits.run("migrate").exits(0);
        hits.server.execute("DROP TABLE " + hits.name.sibling("hits_backup").sql() + " SYNC");
        hits.run("finalize", "--yes").exits(0);
        var journal =
                "SELECT count() AS n FROM " + hits.name.sibling("rekey_journal").sql() + " WHERE event = 'FINALIZED'";
        assertEquals(1, hits.server.one(journal).number("n"));
        assertFalse(hits.server
                .one("SHOW CREATE TABLE " + hits.name.sql())
                .string("statement")
                .contains("enable_block_number_column"));
        hits.run("finalize", "--yes").exits(0).says("finalized");
        assertEquals(1, hits.server.one(journal).number("n"));
    }

    @Test
    void aRunIsStoppedFromAnotherTerminalAndGoesOn() throws Exception {
        hits.insertInParts(60_000);
        var run = java.util.concurrent.CompletableFuture.supplyAsync(() -> hits.run("migrate", "--chunk-rows", "500"));
        Scene.await(
                "a chunk to be copied",
                () -> run.isDone()
                        || hits.server
                                        .one("SELECT count() AS n FROM system.tables WHERE database = "
                                                + Sql.text(hits.name.database()) + " AND name LIKE '%staging%'")
                                        .number("n")
                                > 0);
        assertEquals("running", state());
        hits.run("stop").exits(0).says("Stopped");
        run.get().exits(4).says("Stopped");
        assertEquals("stopped", state());
        assertTrue(status().get("error").isNull(), () -> "a stop by the operator is no error: " + status());
        hits.run("stop").exits(0).says("Nothing runs");
        hits.run("migrate", "--until", "swap").exits(0);
        assertEquals(63_000, hits.rows());
    }

    /// As `status` finds it; of several each is told as it is to be typed.
    @Test
    void theOnlyMigrationIsMeantWhereNoneIsNamed() {
        var url = Labs.shared().url();
        hits.run("migrate").exits(0);
        Scripts.run("finalize", "--url", url, "--database", hits.name.database())
                .exits(2)
                .says("hits_backup is dropped", "give --yes");
        Scripts.run("finalize", "--url", url, "--database", hits.name.database(), "--yes")
                .exits(0);
        var other = hits.name.sibling("it's");
        hits.server.execute("CREATE TABLE " + other.sql() + " AS " + hits.name.sql());
        Scripts.run("migrate", url, other, "--order-by", "at, site", "--until", "create")
                .exits(0);
        var before = hits.state();
        Scripts.run("finalize", "--url", url, "--database", hits.name.database(), "--yes")
                .exits(2)
                .complains("knows several migrations: give --migration 'it'\\''s_rekey' or --migration hits_rekey.");
        assertEquals(before, hits.state());
        hits.bare("finalize", "--migration", "hits_rekey", "--yes").exits(0);
    }

    @Test
    void hardNames() {
        try (var hard = new Hits(new TableName("it's `a` base", "\"quoted\" tête-à-\\tête"))) {
            hard.run("migrate").exits(0);
            assertEquals(Hits.NEW_KEY, hard.key());
            hard.run("status").exits(0).says("swapped");
            hard.run("rollback").exits(0);
            assertEquals(3000, hard.rows());
        }
    }

    @Test
    void noSecretIsWrittenAnywhere() throws Exception {
        var secret = "s3cret-word";
        var config = Files.writeString(
                Files.createTempFile("jdbc", ".properties"), "http_header_X-REKEY-TEST=" + secret + "\n");
        try {
            var ran = hits.run(
                            "migrate", "--until", "create", "--verbose", "--json", "--jdbc-config", config.toString())
                    .exits(0);
            assertFalse(ran.toString().contains(secret), ran::toString);
            var journal = hits
                    .server
                    .query("SELECT detail FROM "
                            + hits.name.sibling("rekey_journal").sql())
                    .stream()
                    .map(r -> r.string("detail"))
                    .collect(Collectors.joining());
            assertTrue(journal.contains("hits") && !journal.contains(secret));
            try (var files = Files.walk(Path.of(System.getProperty("rekey.state")))) {
                var copies = files.filter(f -> f.toString().contains(hits.name.database() + "."))
                        .filter(Files::isRegularFile)
                        .toList();
                assertEquals(1, copies.size());
                assertFalse(Files.readString(copies.getFirst()).contains(secret));
            }
        } finally {
            Files.delete(config);
        }
    }
}
