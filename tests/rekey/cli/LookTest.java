package rekey.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rekey.Labs;
import rekey.model.TableName;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The commands that only look: what they say, by which keys, and that nothing is changed by them.
@Tag("cli")
class LookTest {
    private final Hits hits = new Hits();
    private final List<String> before = hits.state();

    @AfterEach
    void nothingWasChanged() {
        try (hits) {
            assertEquals(before, hits.state());
        }
    }

    @Test
    void isRequiredSaysWhichKeysDiffer() {
        var json = hits.run("is-required", "--json").exits(0).json().getFirst();
        assertTrue(json.get("required").asBoolean());
        assertEquals(
                List.of("sorting key", "primary key"),
                json.get("differs")
                        .valueStream()
                        .map(d -> d.get("key").asString())
                        .toList());
        assertEquals("site, at", json.get("differs").get(0).get("is").asString());
        hits.run("is-required").says("site, cityHash64(visitor), at", hits.name.toString());
    }

    @Test
    void aTableThatHasTheKeysIsNoError() {
        for (var alias : List.of("is-required", "migrate", "create", "backfill"))
            hits.bare(alias, "--order-by", "(site,at)").exits(0).says("has the keys", "nothing is to be done");
        assertFalse(hits.bare("is-required", "--json", "--order-by", "site, at")
                .json()
                .getFirst()
                .get("required")
                .asBoolean());
    }

    @Test
    void aPlanHasItsKeysAndAHashThatStays() {
        var plan = plan();
        for (var key : List.of(
                "hash", "steps", "warnings", "refusals", "chunks", "rows", "bytes", "marks", "estimate", "disks"))
            assertTrue(plan.has(key), key);
        for (var step : plan.get("steps"))
            for (var key : List.of("name", "sql", "undo")) assertTrue(step.has(key), key);
        assertEquals(
                List.of("create", "backfill", "verify", "pause", "remaining", "swap", "resume", "optimize"),
                plan.get("steps")
                        .valueStream()
                        .map(s -> s.get("name").asString())
                        .toList());
        assertEquals(3000, plan.get("rows").asLong());
        hits.insert(500);
        var later = plan();
        assertEquals(3500, later.get("rows").asLong());
        assertEquals(plan.get("hash"), later.get("hash"));
        assertTrue(!hits.bare("plan", "--json", "--order-by", "site, visitor")
                .json()
                .getFirst()
                .get("hash")
                .equals(plan.get("hash")));
    }

    @Test
    void aPlanSaysWhatItTakesAndHowThatIsKnown() {
        hits.insert(200_000);
        var plan = plan();
        assertTrue(
                plan.get("estimate").get("copyBasis").asString().startsWith("measured here: "), plan::toPrettyString);
        assertEquals(0, plan.get("estimate").get("heldMs").asLong());
        assertEquals(
                plan.get("diskBytes").asLong(),
                plan.get("disks")
                        .valueStream()
                        .mapToLong(d -> d.get("needBytes").asLong())
                        .sum(),
                1);
        assertEquals("default", plan.get("disks").get(0).get("disk").asString());
        assertEquals(
                plan.get("rows").asLong(),
                plan.get("chunks")
                        .valueStream()
                        .mapToLong(c -> c.get("rows").asLong())
                        .sum());
        assertEquals(
                plan.get("bytes").asLong(),
                plan.get("chunks")
                        .valueStream()
                        .mapToLong(c -> c.get("bytes").asLong())
                        .sum());
        hits.run("plan").exits(0).says("default/default", "measured here", "not at all");
        // one who may only read measures, too
        hits.run("plan", "--user", Labs.READER, "--password", Labs.READER)
                .exits(0)
                .says("measured here");
    }

    private JsonNode plan() {
        return hits.run("plan", "--json").exits(0).json().getFirst();
    }

    /// But for the pace that it has just measured.
    @Test
    void theVerbPrintsThePlanThatTheAliasPrints() {
        var alias = hits.run("plan").exits(0);
        var verb = Scripts.program().caught(alias.command().stream().skip(1).toArray(String[]::new));
        assertEquals(0, verb.exitCode(), verb::toString);
        assertEquals(
                alias.output().replaceAll("[0-9.,]+ ?(ms|s|m)?", "0"),
                verb.output().replaceAll("[0-9.,]+ ?(ms|s|m)?", "0"));
        assertEquals(alias.errorOutput(), verb.errorOutput());
    }

    @Test
    void aPlanSaysThatIngestionIsNone() {
        var ran = hits.run("plan").exits(0).says("No Kafka table feeds " + hits.name);
        assertEquals(1, ran.output().split("feeds ", -1).length - 1, ran::toString);
        assertFalse(ran.output().contains("Read from Kafka"), ran::toString);
    }

    @Test
    void aPlanStandsOnOneScreenAndEndsWithHowToRunIt() {
        var ran = hits.run("plan").exits(0).says("sorting key", "becomes", "needs ", " free on default/default");
        assertTrue(ran.output().lines().count() < 40, ran::toString);
        assertFalse(ran.output().contains("CREATE TABLE"), ran::toString);
        var hash = plan().get("hash").asString().substring(0, 12);
        var last = ran.output().strip().lines().toList().getLast();
        assertTrue(
                last.strip().startsWith("./jbang migrate --url " + Labs.shared().url())
                        && last.endsWith(" --plan " + hash),
                last);
        assertEquals(
                List.of(),
                ran.output()
                        .lines()
                        .filter(line -> line.length() > 80 && !line.equals(last))
                        .toList());
        // typed as it stands there, with only a dry run added, it is that plan
        var words = last.strip().replace("'", "").split(" ");
        assertEquals("migrate", words[1]);
        hits.run("migrate", "--plan", hash, "--dry-run").exits(0).says("EXCHANGE TABLES");
    }

    @Test
    void theStatementsOfAPlanAreThereOnceEachAndStayWithinTheScreen() {
        var ran = hits.run("plan", "--sql").exits(0).says("CREATE TABLE", "EXCHANGE TABLES", "-- undo");
        var statements = ran.output().split(";\n");
        assertEquals(
                List.of(),
                List.of(statements).stream()
                        .map(text -> text.replaceAll("(?m)^--.*\n", "").strip())
                        .filter(text -> !text.isEmpty() && !text.startsWith("--"))
                        .collect(java.util.stream.Collectors.groupingBy(t -> t, java.util.stream.Collectors.counting()))
                        .entrySet()
                        .stream()
                        .filter(e -> e.getValue() > 1)
                        .toList());
        var wide = ran.output()
                .lines()
                .filter(line -> line.length() > 80 && line.strip().contains(" "))
                .toList();
        assertEquals(List.of(), wide, ran::toString);
    }

    @Test
    void aPlanOfKeysThatAreThereSaysSo() {
        hits.bare("plan", "--order-by", "site, at")
                .exits(0)
                .says("has the keys of hits_rekey already: nothing is to be done");
        assertEquals(
                0,
                hits.bare("plan", "--json", "--order-by", "site, at")
                        .json()
                        .getFirst()
                        .get("steps")
                        .size());
    }

    @Test
    void aReaderCanLook() {
        for (var alias : List.of("is-required", "plan", "status", "healthcheck"))
            hits.run(alias, "--user", Labs.READER, "--password", Labs.READER).exits(0);
        hits.run("migrate", "--dry-run", "--user", Labs.READER, "--password", Labs.READER)
                .exits(0)
                .says("EXCHANGE TABLES");
        hits.run("precheck", "--user", Labs.READER, "--password", Labs.READER)
                .exits(0)
                .says("warning", "may only read");
        hits.run("migrate", "--user", Labs.READER, "--password", Labs.READER)
                .exits(1)
                .says(Labs.READER);
    }

    @Test
    void checksHaveTheirKeys() {
        for (var alias : List.of("precheck", "healthcheck"))
            for (var check : hits.run(alias, "--json").exits(0).json())
                assertEquals(List.of("name", "verdict", "saw", "needs", "do"), List.copyOf(check.propertyNames()));
        hits.run("precheck").exits(0).says("disk space", "none refused");
    }

    @Test
    void aStatusHasItsKeys() {
        var status = hits.run("status", "--json").exits(0).json().getFirst();
        for (var key : List.of(
                "migration",
                "step",
                "state",
                "rowsDone",
                "rowsTotal",
                "percent",
                "bytesDone",
                "etaSeconds",
                "etaWhy",
                "heldMs",
                "lag",
                "error",
                "allowed",
                "threads")) assertTrue(status.has(key), key);
        assertEquals("not begun", status.get("state").asString());
        assertTrue(
                status.get("allowed").valueStream().anyMatch(a -> a.asString().equals("migrate")));
        hits.run("status").says("nothing feeds it from Kafka");
        Scripts.run("status", "--url", Labs.shared().url(), "--database", hits.name.database())
                .exits(0)
                .says("No migration is known");
        hits.run("status", "--metrics")
                .exits(0)
                .says("rekey_state{migration=\"hits_rekey\",table=\"" + hits.name
                        + "\",state=\"not begun\",step=\"create\"} 1");
    }

    @Test
    void jsonGoesIntoAFileAndTextStays(@TempDir Path folder) throws Exception {
        var file = folder.resolve("status.json");
        hits.run("status", "--json=" + file).exits(0).says("not begun");
        assertEquals(
                "not begun",
                JsonMapper.shared()
                        .readTree(Files.readString(file))
                        .get("state")
                        .asString());
    }

    @Test
    void aFileThatCannotBeWrittenSaysWhy(@TempDir Path folder) {
        hits.run("is-required", "--json=" + folder + "/nodir/x")
                .exits(2)
                .says("there is no folder " + folder + "/nodir");
        hits.run("is-required", "--json=" + folder).exits(2).says("it is a folder");
    }

    @Test
    void anotherPortSaysWhichItIs() {
        var lab = Labs.shared();
        Scripts.run("status", "--url", "http://127.0.0.1:" + lab.clickhouse().tcpPort())
                .exits(1)
                .complains(
                        "127.0.0.1:" + lab.clickhouse().tcpPort() + " is ClickHouse's native port",
                        "the one for HTTP: " + lab.clickhouse().httpPort() + ".");
        Scripts.run("status", "--url", lab.url().replace("http:", "https:"))
                .exits(1)
                .complains("speaks http, not https: give --url " + lab.url());
    }

    @Test
    void anUnknownKeyOfAMigrationIsNamed(@TempDir Path folder) throws Exception {
        var file = Files.writeString(folder.resolve("typo.json"), """
            {"table": "%s", "orderBy": "site", "sortBy": "site"}\
            """.formatted(hits.name));
        Scripts.run("plan", "--url", Labs.shared().url(), "--migration", file.toString())
                .exits(2)
                .complains("nobody knows: sortBy", "orderBy");
    }

    @Test
    void aMigrationInAFile(@TempDir Path folder) throws Exception {
        var file = Files.writeString(folder.resolve("hits_by_visitor.json"), """
            {"table": "%s", "orderBy": "site, visitor, at", "lowestVersion": "99.1"}\
            """.formatted(hits.name));
        var json = Scripts.run("plan", "--url", Labs.shared().url(), "--migration", file.toString(), "--json")
                .exits(3)
                .json()
                .getFirst();
        assertEquals("hits_by_visitor", json.get("migration").asString());
        assertTrue(json.get("refusals").toString().contains("99.1"), json::toPrettyString);
        Files.writeString(file, "{\"table\": ");
        Scripts.run("plan", "--url", Labs.shared().url(), "--migration", file.toString())
                .exits(2)
                .complains("no JSON");
        Scripts.run("plan", "--url", Labs.shared().url(), "--migration", folder + "/none.json")
                .exits(1)
                .complains("none.json");
    }

    // --- bad input ---

    @Test
    void aWrongPassword() {
        var ran = hits.run("plan", "--user", Labs.READER, "--password", "wrong-word")
                .exits(1)
                .complains("--password", Labs.READER);
        assertFalse(ran.errorOutput().contains("wrong-word"), ran::toString);
    }

    @Test
    void noSuchTable() {
        Scripts.run("plan", Labs.shared().url(), new TableName(hits.name.database(), "none"), "--order-by", "a")
                .exits(1)
                .complains("none", "--table");
    }

    @Test
    void keysThatMakeNoSense() {
        hits.bare("plan", "--order-by", "site, nothing").exits(2).complains("nothing", "--order-by");
        hits.bare("plan", "--order-by", "site, (").exits(2).complains("--order-by");
        hits.bare("plan", "--sample-by", "cityHash64(visitor)")
                .exits(2)
                .complains("SAMPLE BY", "not in the sorting key");
        hits.bare("plan", "--primary-key", "visitor").exits(2).complains("beginning of the sorting key");
        hits.bare("plan").exits(2).complains("--order-by");
    }

    @Test
    void whatToDoMustBeNamedOnce() {
        Scripts.run("plan", "--url", Labs.shared().url()).exits(2).complains("--migration", "--table");
        Scripts.run("plan", "--url", Labs.shared().url(), "--migration", "nothing")
                .exits(2)
                .complains("nothing", "0002_events_sample_by");
        hits.run("plan", "--migration", "0002_events_sample_by").exits(2).complains("its own keys");
        Scripts.run("plan", "--url", Labs.shared().url(), "--table", "a.b.c", "--order-by", "a")
                .exits(2)
                .complains("a.b.c");
        hits.run("events-0002", "--migration", "other").exits(2);
    }
}
