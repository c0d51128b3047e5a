package rekey.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;
import rekey.model.Trouble;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// ClickHouse's own client config: `config.xml`, `config.yaml` or `config.yml` in `~/.clickhouse-client`, with the
/// host, user, password and database at its top and named ones in `connections_credentials`. As in clickhouse-client
/// a named one without a `hostname` is a host of that name, and what it leaves out holds from the top. Its `port` is
/// that of the native protocol, which rekey does not speak: `http_port` counts, else 8123, or 8443 where it says
/// `secure`.
///
/// @param top   what holds without a name
/// @param named by name
public record ClientConfig(Map<String, String> top, Map<String, Map<String, String>> named) {
    private static final List<String> FILES = List.of("config.xml", "config.yaml", "config.yml");

    /// The user's; empty where there is none.
    ///
    /// @throws Trouble.Usage when the file can't be read as what it is called
    public static ClientConfig read() {
        var folder = Path.of(
                System.getProperty("rekey.client-config", System.getProperty("user.home") + "/.clickhouse-client"));
        return FILES.stream()
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .map(ClientConfig::of)
                .orElse(new ClientConfig(Map.of(), Map.of()));
    }

    static ClientConfig of(Path file) {
        try {
            return file.toString().endsWith(".xml") ? xml(file) : yaml(file);
        } catch (SAXException | JacksonException e) {
            throw new Trouble.Usage("The client config " + file + " can't be read ("
                    + String.valueOf(e.getMessage()).lines().findFirst().orElse("")
                    + "): correct it, or move it away.");
        } catch (IOException | ParserConfigurationException e) {
            throw new Trouble.Failed("The client config " + file + " can't be read: " + e.getMessage() + ".", e);
        }
    }

    /// @throws Trouble.Usage when there is none of that name
    public Map<String, String> mustHave(String connection) {
        if (named.containsKey(connection)) return connection(connection);
        throw new Trouble.Usage(
                "There is no connection '" + connection + "' in ~/.clickhouse-client/config.xml or .yaml"
                        + (named.isEmpty()
                                ? ", or no such file."
                                : ": give one of " + String.join(", ", named.keySet()) + "."));
    }

    /// `url`, `user`, `password`, `database`, as far as it says them; empty where there is none of that name.
    public Map<String, String> connection(String name) {
        if (!named.containsKey(name)) return Map.of();
        var all = new TreeMap<>(top);
        all.keySet().removeAll(List.of("host", "hostname", "http_port"));
        all.put("hostname", name);
        all.putAll(named.get(name));
        return properties(all);
    }

    /// The same of the top.
    public Map<String, String> unnamed() {
        return properties(top);
    }

    private static Map<String, String> properties(Map<String, String> raw) {
        var out = new TreeMap<String, String>();
        boolean secure = List.of("1", "true", "yes")
                .contains(raw.getOrDefault("secure", "").toLowerCase());
        var host = raw.getOrDefault("hostname", raw.get("host"));
        if (host != null)
            out.put(
                    "url",
                    (secure ? "https://" : "http://") + host + ":"
                            + raw.getOrDefault("http_port", secure ? "8443" : "8123"));
        for (var key : List.of("user", "password", "database")) if (raw.containsKey(key)) out.put(key, raw.get(key));
        return out;
    }

    private static ClientConfig xml(Path file) throws IOException, SAXException, ParserConfigurationException {
        var factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        var builder = factory.newDocumentBuilder();
        builder.setErrorHandler(null);
        var root = builder.parse(file.toFile()).getDocumentElement();
        var named = new LinkedHashMap<String, Map<String, String>>();
        for (var credentials : children(root))
            if (credentials.getTagName().equals("connections_credentials"))
                for (var one : children(credentials)) named.put(leaves(one).getOrDefault("name", ""), leaves(one));
        return new ClientConfig(leaves(root), named);
    }

    private static List<Element> children(Element of) {
        var out = new java.util.ArrayList<Element>();
        for (Node n = of.getFirstChild(); n != null; n = n.getNextSibling()) if (n instanceof Element e) out.add(e);
        return out;
    }

    private static Map<String, String> leaves(Element of) {
        var out = new TreeMap<String, String>();
        for (var e : children(of))
            if (children(e).isEmpty())
                out.put(e.getTagName(), e.getTextContent().strip());
        return out;
    }

    private static ClientConfig yaml(Path file) throws IOException {
        var root = new YAMLMapper().readTree(Files.readString(file));
        var named = new LinkedHashMap<String, Map<String, String>>();
        var all = root.path("connections_credentials");
        for (var one : all.isArray() ? all : all.path("connection").isArray() ? all.path("connection") : all) {
            var leaves = leaves(one.has("connection") ? one.path("connection") : one);
            named.put(leaves.getOrDefault("name", ""), leaves);
        }
        return new ClientConfig(leaves(root), named);
    }

    private static Map<String, String> leaves(JsonNode of) {
        var out = new TreeMap<String, String>();
        for (var e : of.properties())
            if (e.getValue().isValueNode()) out.put(e.getKey(), e.getValue().asString());
        return out;
    }
}
