package rekey.clickhouse;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import rekey.model.TableName;

/// What Keeper has, as a host shows it.
public record KeeperPaths(ClickHouse server) {
    private static final Pattern MACRO = Pattern.compile("\\{([^{}]+)}");
    private static final int NO_NODE = 999;
    /// As the server has it.
    private static final int DEEPEST = 10;

    /// Whether there is anything at the path of a table's engine clause.
    public boolean knows(ReplicatedEngine engine) {
        var path = resolved(engine.path());
        int parent = path.lastIndexOf('/');
        try {
            return !server.query("SELECT name FROM system.zookeeper WHERE path = "
                            + Sql.text(parent <= 0 ? "/" : path.substring(0, parent)) + " AND name = "
                            + Sql.text(path.substring(parent + 1)))
                    .isEmpty();
        } catch (ServerError e) {
            if (e.code() == NO_NODE && e.getMessage().contains("No node")) return false;
            throw e;
        }
    }

    /// A path without its quotes, and with what this host's macros say; a macro may name others. One that the host
    /// has not stays as it is.
    public String resolved(String quoted) {
        return resolved(quoted, Map.of());
    }

    /// @param known macros that the server fills by itself; they may stand within others, too
    private String resolved(String quoted, Map<String, String> known) {
        Map<String, String> macros = server.query("SELECT macro, substitution FROM system.macros").stream()
                .collect(Collectors.toMap(r -> r.string("macro"), r -> r.string("substitution")));
        macros.putAll(known);
        if (quoted.contains("{server_uuid}") || macros.values().stream().anyMatch(v -> v.contains("{server_uuid}")))
            macros.put(
                    "server_uuid",
                    server.one("SELECT toString(serverUUID()) AS u").string("u"));
        var text = quoted.substring(1, quoted.length() - 1);
        for (int depth = 0; depth < DEEPEST; depth++) {
            var next = MACRO.matcher(text)
                    .replaceAll(m -> Matcher.quoteReplacement(macros.getOrDefault(m.group(1), m.group())));
            if (next.equals(text)) break;
            text = next;
        }
        return text;
    }

    /// The same of a table that is there.
    public String resolved(String quoted, TableName table, String uuid) {
        return resolved(quoted, Map.of("database", table.database(), "table", table.table(), "uuid", uuid));
    }

    /// The macros that a text still names.
    public static Set<String> macros(String text) {
        return MACRO.matcher(text).results().map(m -> m.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }

    /// A path as `system.replicas` has it: without the name of a Keeper of its own, and without a slash at its end.
    public static String plain(String path) {
        var plain = path.replaceFirst("^[^/:]+:", "").replaceFirst("(?<=.)/$", "");
        return plain.startsWith("/") ? plain : "/" + plain;
    }
}
