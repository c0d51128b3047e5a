package rekey.repl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import rekey.Labs;
import rekey.clickhouse.Endpoint;
import rekey.maintainer.ScriptedTerminal;
import rekey.model.Trouble;

/// ClickHouse's own client config, in its three spellings. The folder is one property of the whole process.
@Tag("repl")
@Isolated
class ClientConfigTest {
    @TempDir
    Path folder;

    @BeforeEach
    void folder() {
        System.setProperty("rekey.client-config", folder.toString());
    }

    @AfterEach
    void usersOwn() {
        System.clearProperty("rekey.client-config");
    }

    private static Endpoint endpoint(String... options) {
        return ReplOptions.parse(options).endpoint();
    }

    @Test
    void xml() throws Exception {
        Files.writeString(folder.resolve("config.xml"), """
            <config>
                <host>ch1</host><port>9000</port><user>alice</user><password>word</password>
                <connections_credentials>
                    <connection><name>staging</name><hostname>ch2</hostname><port>9440</port><secure>1</secure>
                    <user>bob</user><database>posthog</database></connection>
                    <connection><name>odd</name><hostname>ch3</hostname><http_port>8124</http_port></connection>
                    <connection><name>bare</name><password>other</password></connection>
                </connections_credentials>
            </config>\
            """);
        assertEquals("alice@ch1:8123/default", endpoint().toString());
        assertEquals("word", endpoint().password());
        assertEquals("bob@ch2:8443/posthog", endpoint("--connection", "staging").toString());
        assertTrue(endpoint("--connection", "staging").url().startsWith("https://"));
        assertEquals("alice@bare:8123/default", endpoint("--connection", "bare").toString());
        assertEquals("other", endpoint("--connection", "bare").password());
        assertEquals("word", endpoint("--connection", "odd").password());
        assertEquals("alice@ch3:8124/default", endpoint("--connection", "odd").toString());
        assertEquals(
                "carol@ch9:8123/posthog",
                endpoint("--connection", "staging", "--url", "http://ch9:8123", "--user", "carol")
                        .toString());
        var e = assertThrows(Trouble.Usage.class, () -> endpoint("--connection", "none"));
        assertTrue(e.getMessage().contains("staging, odd"), e.getMessage());
    }

    @Test
    void yaml() throws Exception {
        Files.writeString(folder.resolve("config.yaml"), """
            user: alice
            connections_credentials:
              connection:
                - name: staging
                  hostname: ch2
                  database: posthog
                  port: 9440
                  secure: true
                  password: 1234
            """);
        assertEquals("alice@localhost:8123/default", endpoint().toString());
        assertEquals(
                "alice@ch2:8443/posthog", endpoint("--connection", "staging").toString());
        assertTrue(endpoint("--connection", "staging").url().startsWith("https://"));
        assertEquals("1234", endpoint("--connection", "staging").password());
        Files.writeString(folder.resolve("config.yaml"), """
            connections_credentials:
              prod:
                name: prod
                user: bob
            """);
        assertEquals("bob@prod:8123/default", endpoint("--connection", "prod").toString());
    }

    @Test
    void aNamedOneIsTurnedTo() throws Exception {
        var lab = URI.create(Labs.shared().url());
        Files.writeString(folder.resolve("config.xml"), """
            <config><connections_credentials><connection><name>reading</name><hostname>%s</hostname>
            <http_port>%d</http_port><user>reader</user><password>reader</password></connection>
            </connections_credentials></config>\
            """.formatted(lab.getHost(), lab.getPort()));
        State.own();
        try (var at =
                ScriptedTerminal.open(100, 30, "--url", Labs.shared().url()).await("> ")) {
            at.type("\\c read\t").await("\\c reading").type("\r").await("Connected to reader@");
            at.clear().enter("SELECT concat('i am ', currentUser());").await("i am reader");
        }
    }

    @Test
    void whatCantBeReadIsToldInASentence() throws Exception {
        Files.writeString(folder.resolve("config.xml"), "<config><host>");
        assertTrue(assertThrows(Trouble.Usage.class, ClientConfigTest::endpoint)
                .getMessage()
                .contains("config.xml"));
        Files.delete(folder.resolve("config.xml"));
        Files.writeString(folder.resolve("config.yml"), "user: [");
        assertTrue(assertThrows(Trouble.Usage.class, ClientConfigTest::endpoint)
                .getMessage()
                .contains("config.yml"));
    }
}
