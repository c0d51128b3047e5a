package rekey.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rekey.Labs;
import rekey.cli.Scripts;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.clickhouse.ServerGone;
import rekey.kafka.KafkaAdmin;
import rekey.kafka.KafkaDenied;
import rekey.model.TableName;

/// Servers as they are secured elsewhere: ClickHouse behind TLS, Kafka with TLS and a login. What is wrong with the
/// way in is one sentence.
@Tag("lab")
@Tag("kafka")
class SecuredTest {
    private static final String NAMES = SecuredAccess.HERE;

    @TempDir
    private static Path folder;

    private static Certificates certificates;

    @BeforeAll
    static void make() {
        certificates = Certificates.in(folder.resolve("certificates"))
                .sign(SecuredAccess.SERVER, NAMES)
                .sign("elsewhere", "dns:elsewhere.example")
                .sign("client", "dns:client")
                .signEc("curve", "dns:client")
                .signExpired("expired", NAMES);
    }

    @AfterAll
    static void forget() {
        certificates = null;
    }

    private static TlsFront front(String alias, boolean wanted) {
        return TlsFront.before(Labs.shared().clickhouse().httpPort(), certificates.server(alias), wanted);
    }

    private static String url(TlsFront front) {
        return "https://127.0.0.1:" + front.port();
    }

    /// @param more properties for the driver beside the authority
    private static String config(Map<String, String> more) throws IOException {
        var all = new TreeMap<>(more);
        all.put("sslrootcert", certificates.authority().toString());
        var lines = new StringBuilder();
        all.forEach((k, v) -> lines.append(k).append('=').append(v).append('\n'));
        return Files.writeString(Files.createTempFile(folder, "jdbc", ".properties"), lines)
                .toString();
    }

    @Test
    void clickHouseBehindTls() throws Exception {
        try (var front = front(SecuredAccess.SERVER, false)) {
            Scripts.run("status", "--url", url(front), "--jdbc-config", config(Map.of()))
                    .exits(0);
            Scripts.run("status", "--url", url(front))
                    .exits(1)
                    .complains("127.0.0.1:" + front.port(), "signed by nobody this Java trusts", "sslrootcert");
            Scripts.run("status", "--url", url(front).replace("https:", "http:"))
                    .exits(1)
                    .complains("speaks https, not http: give --url " + url(front));
        }
    }

    @Test
    void aCertificateThatHasExpiredOrIsForAnotherName() throws Exception {
        try (var front = front("expired", false)) {
            Scripts.run("status", "--url", url(front), "--jdbc-config", config(Map.of()))
                    .exits(1)
                    .complains("The certificate of 127.0.0.1:" + front.port() + " has expired");
        }
        try (var front = front("elsewhere", false)) {
            Scripts.run("status", "--url", url(front), "--jdbc-config", config(Map.of()))
                    .exits(1)
                    .complains("The certificate of 127.0.0.1:" + front.port() + " is for another name");
        }
    }

    @Test
    void aClientWithACertificateOfItsOwn() throws Exception {
        var pem = certificates.pem("client");
        var key = pem.resolveSibling("client.key");
        try (var front = front(SecuredAccess.SERVER, true)) {
            Scripts.run(
                            "status",
                            "--url",
                            url(front),
                            "--jdbc-config",
                            config(Map.of("sslcert", pem.toString(), "ssl_key", key.toString())))
                    .exits(0);
            Scripts.run("status", "--url", url(front), "--jdbc-config", config(Map.of()))
                    .exits(1)
                    .complains("wants a certificate of this client", "sslcert");
            var stranger = Certificates.in(folder.resolve("strangers"))
                    .sign("client", "dns:client")
                    .pem("client");
            Scripts.run(
                            "status",
                            "--url",
                            url(front),
                            "--jdbc-config",
                            config(Map.of(
                                    "sslcert",
                                    stranger.toString(),
                                    "ssl_key",
                                    stranger.resolveSibling("client.key").toString())))
                    .exits(1)
                    .complains("wants a certificate of this client that it believes");
            var curve = certificates.pem("curve");
            var itsKey = curve.resolveSibling("curve.key").toString();
            Scripts.run(
                            "status",
                            "--url",
                            url(front),
                            "--jdbc-config",
                            config(Map.of("sslcert", curve.toString(), "ssl_key", itsKey)))
                    .exits(1)
                    .complains("can't read the key", "RSA");
        }
    }

    /// As a proxy before a server has it, that lets in who shows a token and asks the server as another user.
    @Test
    void aClientWithAToken() throws Exception {
        var proxy = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        try (var http = HttpClient.newHttpClient()) {
            proxy.createContext("/", exchange -> {
                var shown = exchange.getRequestHeaders().getFirst("Authorization");
                var body = exchange.getRequestBody().readAllBytes();
                if (!"Bearer good-token".equals(shown)) {
                    exchange.sendResponseHeaders(401, -1);
                    exchange.close();
                    return;
                }
                try {
                    var there = URI.create(Labs.shared().url()).resolve(exchange.getRequestURI());
                    var format = exchange.getRequestHeaders().getFirst("X-ClickHouse-Format");
                    var request = HttpRequest.newBuilder(there).POST(HttpRequest.BodyPublishers.ofByteArray(body));
                    if (format != null) request.header("X-ClickHouse-Format", format);
                    var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
                    answer.headers().map().forEach((k, v) -> {
                        if (k.startsWith("x-clickhouse"))
                            exchange.getResponseHeaders().put(k, v);
                    });
                    exchange.sendResponseHeaders(answer.statusCode(), answer.body().length);
                    exchange.getResponseBody().write(answer.body());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                exchange.close();
            });
            proxy.start();
            var url = "http://127.0.0.1:" + proxy.getAddress().getPort();
            try (var server = ClickHouse.connect(
                    new Endpoint(url, "default", "", "default", Map.of("bearer_token", "good-token")))) {
                assertEquals("default", server.one("SELECT currentUser() AS u").string("u"));
            }
            var denied = assertThrows(
                    RuntimeException.class,
                    () -> ClickHouse.connect(
                            new Endpoint(url, "default", "", "default", Map.of("bearer_token", "bad-token"))));
            assertTrue(!denied.getMessage().contains("bad-token"), denied::getMessage);
            var file = Files.writeString(folder.resolve("token.properties"), "bearer_token=bad-token\n");
            for (var more : List.of(List.of("--jdbc-config", file.toString()), List.<String>of())) {
                var args = new ArrayList<>(List.of("--url", url));
                args.addAll(more);
                var ran = Scripts.run("status", args.toArray(String[]::new))
                        .exits(1)
                        .complains("does not let this client in (HTTP 401)", "bearer_token in --jdbc-config");
                assertEquals(1, ran.errorOutput().strip().lines().count(), ran::toString);
            }
        } finally {
            proxy.stop(0);
        }
    }

    @Test
    void kafkaWithTlsAndALogin() throws Exception {
        try (var kafka = KafkaBroker.start(folder.resolve("kafka"), certificates)) {
            var config = properties(kafka.clientConfig());
            try (var admin = KafkaAdmin.connect(kafka.securedBootstrap(), config)) {
                kafka.createTopic("secured", 2, Map.of());
                assertEquals(2, admin.offsets("nobody", List.of("secured")).size());
            }
            var wrong = new TreeMap<>(config);
            wrong.put(
                    "sasl.jaas.config",
                    config.get("sasl.jaas.config").replaceAll("password=\"[^\"]*\"", "password=\"not-this\""));
            denied(kafka, wrong, "does not let this client in", "SCRAM-SHA-512");

            wrong.put(
                    "sasl.jaas.config",
                    config.get("sasl.jaas.config").replaceAll("username=\"[^\"]*\"", "username=\"eve\""));
            denied(kafka, wrong, "does not let this client in", "--kafka-config");
            var plain = new TreeMap<>(config);
            plain.put("sasl.mechanism", "PLAIN");
            plain.put("sasl.jaas.config", config.get("sasl.jaas.config").replace("scram.Scram", "plain.Plain"));
            denied(kafka, plain, "does not let this client in", "PLAIN", "--kafka-config");

            var unknown = new TreeMap<>(config);
            unknown.keySet().removeIf(k -> k.startsWith("ssl."));
            denied(kafka, unknown, "signed by nobody this Java trusts", "ssl.truststore.location");
        }
    }

    @Test
    void kafkasCertificateHasExpiredOrIsForAnotherName() throws Exception {
        for (var alias : List.of("expired", "elsewhere")) {
            var shown = Certificates.in(folder.resolve("certificates-" + alias));
            if (alias.equals("expired")) shown.signExpired(SecuredAccess.SERVER, NAMES);
            else shown.sign(SecuredAccess.SERVER, "dns:elsewhere.example");
            try (var kafka = KafkaBroker.start(folder.resolve("kafka-" + alias), shown)) {
                denied(
                        kafka,
                        properties(kafka.clientConfig()),
                        "The certificate of Kafka at " + kafka.securedBootstrap(),
                        alias.equals("expired") ? "has expired" : "is for another name");
            }
        }
    }

    /// A whole migration, with both logins from their files; then with a wrong password for Kafka.
    private static void byTheCommands(EmbeddedLab lab, ClickHouse server) throws IOException {
        var table = new GuideTable(server, lab.kafka(), new TableName("posthog", "events"), GuideTable.Options.GUIDE)
                .create()
                .fill(3000, 1);
        var secured = lab.secured();
        var wrong = Files.writeString(
                folder.resolve("wrong.properties"),
                Files.readString(secured.kafkaConfig())
                        .replaceAll("password=\\\\?\"[^\"]*\"", "password=\"not-this\""));
        var refused = run(secured, wrong, "precheck").exits(3).says("2 refused", "SCRAM-SHA-512", "--kafka-config");
        assertFalse(refused.toString().contains("not-this"), refused::toString);
        run(secured, secured.kafkaConfig(), "migrate", "--max-held", "20s", "--deadline", "50s", "--yes")
                .exits(0)
                .says("no batch from Kafka is begun any more");
        assertEquals(
                "cityHash64(distinct_id)",
                server.one("SELECT sampling_key AS k FROM system.tables WHERE database = 'posthog' AND name = '"
                                + table.events().table() + "'")
                        .string("k"));
        var password = properties(Files.readString(secured.kafkaConfig()))
                .get("sasl.jaas.config")
                .replaceFirst(".*password=\"([^\"]*)\".*", "$1");
        assertEquals(
                0,
                server.one("SELECT countIf(position(detail, '" + password + "') > 0) AS n FROM posthog.rekey_journal")
                        .number("n"));
    }

    private static Scripts.Ran run(SecuredAccess secured, Path kafka, String alias, String... more) {
        var all = new ArrayList<>(List.of("--url", secured.url(), "--jdbc-config", secured.jdbcConfig() + ""));
        all.addAll(List.of("--database", "posthog", "--migration", "0002_events_sample_by"));
        all.addAll(List.of("--kafka", secured.bootstrap(), "--kafka-config", kafka + ""));
        all.addAll(List.of(more));
        return Scripts.run(alias, all.toArray(String[]::new));
    }

    private static void denied(KafkaBroker kafka, Map<String, String> config, String... words) {
        var e = assertThrows(KafkaDenied.class, () -> KafkaAdmin.connect(kafka.securedBootstrap(), config));
        for (var w : words) assertTrue(e.getMessage().contains(w), e::getMessage);
        assertEquals(1, e.getMessage().lines().count(), e::getMessage);
        assertTrue(!e.getMessage().contains("not-this"), e::getMessage);
    }

    private static Map<String, String> properties(String text) throws IOException {
        var read = new Properties();
        read.load(new StringReader(text));
        var out = new TreeMap<String, String>();
        read.stringPropertyNames().forEach(k -> out.put(k, read.getProperty(k)));
        return out;
    }

    /// What `./jbang lab --secured` prints.
    @Test
    void theLabSaysHowToConnect() throws Exception {
        try (var lab = EmbeddedLab.start(LabOptions.temporary().withSecured())) {
            var secured = lab.secured();
            assertTrue(lab.text().contains("--url " + secured.url()), lab::text);
            try (var server = ClickHouse.connect(new Endpoint(
                    secured.url(), "default", "", "default", properties(Files.readString(secured.jdbcConfig()))))) {
                assertEquals(1, server.one("SELECT 1 AS n").number("n"));
                byTheCommands(lab, server);
            }
            KafkaAdmin.connect(secured.bootstrap(), properties(Files.readString(secured.kafkaConfig())))
                    .close();
        }
        assertThrows(ServerGone.class, () -> ClickHouse.connect(Endpoint.of("https://127.0.0.1:1")));
    }
}
