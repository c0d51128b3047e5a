package rekey.clickhouse;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What Keeper has, as a host shows it.
public record KeeperPaths(ClickHouse server) {
    private static final Pattern MACRO = Pattern.compile("\\{(\\w+)}");
    private static final int NO_NODE = 999;

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

    /// A path without its quotes, and with what this host's macros say.
    public String resolved(String quoted) {
        Map<String, String> macros = server.query("SELECT macro, substitution FROM system.macros").stream()
                .collect(Collectors.toMap(r -> r.string("macro"), r -> r.string("substitution")));
        return MACRO.matcher(quoted.substring(1, quoted.length() - 1))
                .replaceAll(m -> Matcher.quoteReplacement(macros.getOrDefault(m.group(1), m.group())));
    }
}
