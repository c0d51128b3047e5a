package rekey.cli;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;
import rekey.clickhouse.Endpoint;
import rekey.model.Trouble;
import rekey.session.Session;

/// Where ClickHouse and Kafka are, and who asks. What an option leaves out is taken from the environment.
public final class Connection {
    private static final String ASK = "\0ask";

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "ClickHouse's HTTP address; else CLICKHOUSE_URL, else http://localhost:8123")
    String url;

    @Option(names = "--user", paramLabel = "NAME", description = "else CLICKHOUSE_USER, else default")
    String user;

    @Option(
            names = "--password",
            arity = "0..1",
            fallbackValue = ASK,
            paramLabel = "WORD",
            description = "else CLICKHOUSE_PASSWORD; asked for without echo when given bare")
    String password;

    /// What was typed when it was asked for: a command that connects more than once asked each time.
    private String typed;

    @Option(
            names = "--database",
            paramLabel = "NAME",
            description = "of bare table names; else CLICKHOUSE_DATABASE, else default")
    String database;

    @Option(names = "--jdbc-config", paramLabel = "FILE", description = "properties for the JDBC driver: TLS, a token")
    Path jdbcConfig;

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            description = "whose hosts have the table's replicas; needed where several fit")
    String cluster;

    @Option(
            names = "--host-map",
            split = ",",
            paramLabel = "NAME=URL",
            description = "a host's HTTP address; else its name in system.clusters, with --url's port")
    Map<String, String> hostMap = Map.of();

    /// Where hosts were found: from another one they would have its port.
    private final Map<String, String> found = new ConcurrentHashMap<>();

    @Option(
            names = "--host-is-gone",
            split = ",",
            paramLabel = "HOST",
            description = "your word that these hosts never come back: the others go on without them; 'none' takes it"
                    + " back")
    List<String> gone = List.of();

    @Option(names = "--kafka", paramLabel = "HOST:PORT", description = "Kafka's brokers; else those of the Kafka table")
    String kafka;

    @Option(names = "--kafka-config", paramLabel = "FILE", description = "a Kafka client.properties: TLS, login")
    Path kafkaConfig;

    /// @param named     outranks the environment: what a connection that was asked for by name says
    /// @param otherwise where neither option nor environment says anything
    Endpoint endpoint(ConsolePrompt asking, Map<String, String> named, Map<String, String> otherwise) {
        var who = given(user, named.get("user"), "CLICKHOUSE_USER", otherwise.getOrDefault("user", "default"));
        if (ASK.equals(password) && typed == null) typed = asking.password("Password of " + who + ": ");
        var word = typed != null
                ? typed
                : given(password, named.get("password"), "CLICKHOUSE_PASSWORD", otherwise.getOrDefault("password", ""));
        var where =
                given(url, named.get("url"), "CLICKHOUSE_URL", otherwise.getOrDefault("url", "http://localhost:8123"));
        withoutLogin("The URL", where);
        hostMap.forEach((host, address) -> withoutLogin("The URL of host " + host + " in --host-map", address));
        var driver = properties(jdbcConfig, "--jdbc-config");
        withoutTimeout(
                "The file " + jdbcConfig + " of --jdbc-config",
                driver.getOrDefault("socket_timeout", "0").matches("0*[1-9].*"));
        return new Endpoint(
                where,
                who,
                word,
                given(
                        database,
                        named.get("database"),
                        "CLICKHOUSE_DATABASE",
                        otherwise.getOrDefault("database", "default")),
                driver);
    }

    /// A URL is printed and journaled, and nobody would read the login in it; the driver reads any property there.
    private static void withoutLogin(String what, String url) {
        withoutTimeout(what, url.matches("(?i).*[?&]socket_timeout=0*[1-9].*"));
        if (url.matches("(?i).*[?&]\\w*(token|secret|key|password)\\w*=.*") && !url.matches("(?i).*[?&]password=.*"))
            throw new Trouble.Usage(
                    what + " has a secret in it, and a URL is printed and journaled: give it in the file"
                            + " of --jdbc-config.");
        if (url.matches("(?i)(\\w+://)?[^/?#]*@.*") || url.matches("(?i).*[?&](user|password)=.*"))
            throw new Trouble.Usage(
                    what + " has a user or a password in it, which nobody would read: give them by --user"
                            + " and --password, or CLICKHOUSE_USER and CLICKHOUSE_PASSWORD.");
    }

    /// The check of a chunk, or a comparison, sends nothing until it has ended: with a time-out it was begun again
    /// and again, for ever, as if the server had gone.
    private static void withoutTimeout(String what, boolean has) {
        if (has)
            throw new Trouble.Usage(what + " has a socket_timeout, by which every statement that takes longer would be"
                    + " ended and begun again: leave it out. rekey itself waits as long as the server works.");
    }

    /// Hosts are where a session found them, whichever is asked from here on.
    void knows(Session session) {
        for (var s : session.shards()) {
            if (s.copying().ofSeveral())
                found.put(s.copying().name(), s.server().endpoint().url());
            s.peers().forEach(p -> found.put(p.name(), p.endpoint().url()));
        }
    }

    /// The addresses of hosts that are not what the cluster says.
    Map<String, String> addresses() {
        var out = new TreeMap<>(found);
        out.putAll(hostMap);
        return out;
    }

    /// Hosts that never come back; empty where nothing is said of them.
    Optional<Set<String>> gone() {
        return gone.isEmpty()
                ? Optional.empty()
                : Optional.of(gone.stream().filter(h -> !h.equals("none")).collect(Collectors.toSet()));
    }

    /// What was given here and not by the environment, as a person types it; a password never.
    String arguments() {
        var out = new ArrayList<String>();
        add(out, "--url", url);
        add(out, "--user", user);
        if (password != null) out.add("--password");
        out.addAll(besides());
        return out.stream().map(w -> " " + RewriteOptions.quoted(w)).collect(Collectors.joining());
    }

    /// The words of all that was given but for which server it is, and who asks.
    List<String> besides() {
        var out = new ArrayList<String>();
        add(out, "--jdbc-config", jdbcConfig);
        add(out, "--cluster", cluster);
        if (!hostMap.isEmpty())
            add(
                    out,
                    "--host-map",
                    hostMap.entrySet().stream()
                            .map(e -> e.getKey() + "=" + e.getValue())
                            .sorted()
                            .collect(Collectors.joining(",")));
        if (!gone.isEmpty()) add(out, "--host-is-gone", String.join(",", gone));
        add(out, "--kafka", kafka);
        add(out, "--kafka-config", kafkaConfig);
        return out;
    }

    private static void add(List<String> out, String option, Object value) {
        if (value != null) out.addAll(List.of(option, value.toString()));
    }

    Map<String, String> kafka() {
        var all = new TreeMap<>(properties(kafkaConfig, "--kafka-config"));
        if (kafka != null) all.put("bootstrap.servers", kafka);
        return all;
    }

    private static String given(String option, String named, String variable, String otherwise) {
        return option != null
                ? option
                : named != null
                        ? named
                        : Optional.ofNullable(System.getenv(variable))
                                .filter(v -> !v.isEmpty())
                                .orElse(otherwise);
    }

    private static Map<String, String> properties(Path file, String option) {
        if (file == null) return Map.of();
        var properties = new Properties();
        try {
            properties.load(new StringReader(Files.readString(file)));
        } catch (IOException | IllegalArgumentException e) {
            throw new Trouble.Usage("The file " + file + " of " + option + " can't be read as properties ("
                    + e.getClass().getSimpleName() + "): check its name and that it holds lines of key=value.");
        }
        var out = new TreeMap<String, String>();
        properties.stringPropertyNames().forEach(k -> out.put(k, properties.getProperty(k)));
        return out;
    }
}
