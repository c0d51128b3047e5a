package rekey.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the scripts say before they reach a server.
@Tag("cli")
class UsageTest {
    static List<String> aliases() {
        return Scripts.aliases();
    }

    @Test
    void everyCommandOfTheGuideIsThere() {
        assertTrue(
                Scripts.aliases()
                        .containsAll(List.of(
                                "is-required",
                                "plan",
                                "precheck",
                                "healthcheck",
                                "create",
                                "backfill",
                                "pause",
                                "remaining",
                                "swap",
                                "resume",
                                "optimize",
                                "migrate",
                                "verify",
                                "status",
                                "stop",
                                "rollback",
                                "finalize",
                                "events-0002")),
                Scripts.aliases()::toString);
    }

    @ParameterizedTest
    @MethodSource("aliases")
    void helpShowsAnExampleWithin80Columns(String alias) {
        var ran = Scripts.run(alias, "--help")
                .exits(0)
                .says("Example: ./jbang " + alias, "./jbang " + alias + " [OPTION...]", "--password", "--json");
        assertEquals(
                List.of(),
                ran.output().lines().filter(line -> line.length() > 80).toList());
        assertEquals("", ran.errorOutput());
    }

    @ParameterizedTest
    @MethodSource("aliases")
    void anUnknownOptionIsOneSentence(String alias) {
        Scripts.run(alias, "--nonsense").exits(2).complains("'--nonsense'", "./jbang " + alias + " --help");
    }

    @ParameterizedTest
    @ValueSource(strings = {"3x", "1", "-1s", "soon"})
    void aTimeIsGivenWithItsUnit(String time) {
        Scripts.run("migrate", "--max-held", time).exits(2).complains(time, "500ms, 1s, 2m");
    }

    /// It would be printed where the host does not answer, and written into the journal.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "--url http://default:secret@localhost:1",
                "--url http://localhost:1?password=secret",
                "--host-map b=http://default:secret@localhost:1",
                "--host-map b=http://localhost:1/?user=default&password=secret"
            })
    void aPasswordInAnAddressIsRefused(String given) {
        var words = given.split(" ");
        var ran = Scripts.run("plan", "--migration", "0002_events_sample_by", words[0], words[1])
                .exits(2)
                .complains("a user or a password in it", "--password");
        assertFalse((ran.output() + ran.errorOutput()).contains("secret"));
    }

    @Test
    void aDeadlineThatKafkaWouldNotWaitForIsRefused() {
        Scripts.run("plan", "--url", "http://localhost:1", "--migration", "0002_events_sample_by", "--deadline", "90s")
                .exits(2)
                .complains("50s");
    }

    /// Each was found after the whole copy, or never: a swap that was put off until the tries ran out.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "--deadline 1s, --deadline at least 3s",
                "--max-held 1ms, at least 50ms",
                "--max-held 45s, longer than --deadline 30 s",
                "--chunk-rows 0, give at least 1"
            })
    void limitsThatCantBeMetAreRefused(String given) {
        var words = given.split("[ ,]+", 3);
        Scripts.run("plan", "--url", "http://localhost:1", "--migration", "0002_events_sample_by", words[0], words[1])
                .exits(2)
                .complains(words[2]);
    }

    /// The driver reads any property in the URL, and `plan` prints it.
    @ParameterizedTest
    @ValueSource(strings = {"bearer_token", "key_store_password", "ssl_key"})
    void aSecretInAnAddressIsRefused(String property) {
        var ran = Scripts.run(
                        "plan",
                        "--migration",
                        "0002_events_sample_by",
                        "--url",
                        "https://localhost:1/?" + property + "=hidden-word")
                .exits(2)
                .complains("--jdbc-config");
        assertFalse((ran.output() + ran.errorOutput()).contains("hidden-word"), ran::toString);
    }

    /// A chunk's check that took longer was ended and begun again, for ever.
    @Test
    void aTimeOutForStatementsIsRefused(@TempDir Path folder) throws Exception {
        var file = Files.writeString(folder.resolve("driver.properties"), "socket_timeout=30000");
        Scripts.run("status", "--url", "http://localhost:1", "--jdbc-config", file.toString())
                .exits(2)
                .complains("socket_timeout", "leave it out");
        Scripts.run("status", "--url", "http://localhost:1/?socket_timeout=30000")
                .exits(2)
                .complains("socket_timeout");
    }

    /// Hours of a comparison came to nothing, for what it had found was told to a file that could not be made.
    @Test
    void aFileForJsonThatCantBeMadeIsRefusedFirst(@TempDir Path folder) {
        Scripts.run("verify", "--url", "http://localhost:1", "--json=" + folder.resolve("no/such.json"))
                .exits(2)
                .complains("--json", "there is no folder");
        Scripts.run("verify", "--url", "http://localhost:1", "--json=" + folder)
                .exits(2)
                .complains("it is a folder");
        var file = folder.resolve("out.json");
        Scripts.run("verify", "--url", "http://localhost:1", "--json=" + file).exits(1);
        assertFalse(Files.exists(file), "a file without an answer was left");
    }

    /// It was passed over without a word, and `default` asked instead.
    @ParameterizedTest
    @ValueSource(strings = {"http://me:word@localhost:1", "http://me@localhost:1/", "me:word@localhost:1"})
    void aUserInTheUrlIsRefused(String url) {
        var ran = Scripts.run("status", "--url", url, "--migration", "0002_events_sample_by")
                .exits(2)
                .complains("--user", "--password", "CLICKHOUSE_PASSWORD");
        assertFalse((ran.output() + ran.errorOutput()).contains("word@"), "it prints the password");
    }

    @Test
    void withoutAServerItSaysWhere() {
        Scripts.run("status", "--url", "http://localhost:1", "--migration", "0002_events_sample_by")
                .exits(1)
                .complains("localhost:1", "--url");
    }

    @Test
    void theStackTraceIsForThoseWhoAsk() {
        Scripts.run("status", "--url", "http://localhost:1", "--verbose")
                .exits(1)
                .says("ServerGone", "\tat rekey.");
    }

    @Test
    void withoutATerminalThePasswordIsNotAskedFor() {
        Scripts.run("status", "--password").exits(2).complains("CLICKHOUSE_PASSWORD");
    }

    @Test
    void aFileThatIsNotThereIsNamed(@TempDir Path folder) throws Exception {
        var missing = folder.resolve("missing.properties").toString();
        Scripts.run("status", "--jdbc-config", missing).exits(2).complains("--jdbc-config", missing);
        var broken = Files.writeString(folder.resolve("broken.properties"), "sasl.jaas.config=\\u00zz secret");
        var ran = Scripts.run("status", "--url", "http://localhost:1", "--jdbc-config", broken.toString())
                .exits(2)
                .complains("--jdbc-config");
        assertTrue(!ran.errorOutput().contains("secret"), ran::toString);
    }
}
