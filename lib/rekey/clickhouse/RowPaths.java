package rekey.clickhouse;

import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import rekey.model.TableName;

/// Where rows go on to from the table that they are written to: by the views that are told of each insert, and by
/// tables that keep nothing themselves, whose name and not the source's a view may write to. A Kafka table whose way
/// led over an `Alias` table was not seen to feed the source: it was not paused, and 1,400 of 20,800 rows were in
/// the backup alone. So of an engine that is not known nothing is taken for granted.
public final class RowPaths {
    /// These keep what they are given, or give it to another kind of server, or take nothing: an INSERT into an
    /// Executable table is refused (48).
    private static final Set<String> KEEPING = Set.of(
            "Memory",
            "Log",
            "TinyLog",
            "StripeLog",
            "Set",
            "Join",
            "View",
            "Merge",
            "Loop",
            "FuzzJSON",
            "MySQL",
            "PostgreSQL",
            "Dictionary",
            "GenerateRandom",
            "Kafka",
            "RabbitMQ",
            "NATS",
            "FileLog",
            "S3Queue",
            "AzureQueue",
            "S3",
            "GCS",
            "COSN",
            "OSS",
            "HDFS",
            "AzureBlobStorage",
            "File",
            "EmbeddedRocksDB",
            "KeeperMap",
            "Redis",
            "MongoDB",
            "SQLite",
            "Executable",
            "ExecutablePool");
    /// The way on from these is read from their definition, or from the views that hang on them.
    private static final Set<String> FOLLOWED =
            Set.of("MaterializedView", "Null", "Distributed", "Buffer", "Alias", "Remote", "RemoteSecure");
    private static final Set<String> FORWARDING = Set.of("Distributed", "Buffer", "Alias", "Remote", "RemoteSecure");
    /// These bring rows by themselves.
    private static final Set<String> STREAMS = Set.of("Kafka", "RabbitMQ", "NATS", "FileLog", "S3Queue", "AzureQueue");

    private final Map<TableName, List<TableName>> next = new HashMap<>();
    private final Map<TableName, String> engines = new HashMap<>();
    private final Set<TableName> away = new HashSet<>();

    /// As the server has them now, read at once: hundreds of Kafka tables are not asked after one by one.
    ///
    /// @param ask the server
    RowPaths(
            Function<String, List<Row>> ask,
            Map<TableName, TableName> viewTargets,
            Map<TableName, List<TableName>> dependants) {
        dependants.forEach((t, views) -> next(t).addAll(views));
        viewTargets.forEach((view, target) -> next(view).add(target));
        for (var r : ask.apply("SELECT database, name, engine, engine_full FROM system.tables ORDER BY 1, 2")) {
            var name = new TableName(r.string("database"), r.string("name"));
            // with a third argument it gives on what it is given; 26.7 has none, so which way is not known
            boolean gives = r.string("engine").equals("Merge")
                    && arguments(r.string("engine_full")).size() > 2;
            engines.put(name, gives ? "Merge that is written to" : r.string("engine"));
            if (r.string("engine").equals("URL")
                    && new Address(r.string("engine_full"))
                            .isAway(host -> !ask.apply(knowing(host)).isEmpty())) away.add(name);
            forwarded(name, r.string("engine"), r.string("engine_full"))
                    .ifPresent(t -> next(name).add(t));
        }
    }

    /// Asks whether a host is this server, or one of a cluster that it knows.
    static String knowing(String host) {
        return "SELECT 1 AS n WHERE " + Sql.text(host) + " IN (hostName(), FQDN()) UNION ALL SELECT 1 FROM"
                + " system.clusters WHERE " + Sql.text(host) + " IN (host_name, host_address)";
    }

    /// Where a URL table posts its rows to.
    ///
    /// @param engine with its arguments
    private record Address(String engine) {
        /// Whether that can't be this server, nor an INSERT into another ClickHouse: then it is as any other kind of
        /// server. A named collection does not say.
        /// @param ours whether a host is this server, or one that it knows as a ClickHouse
        boolean isAway(Predicate<String> ours) {
            var clause = Clauses.of(engine).getOrDefault("ENGINE", "");
            if (!clause.contains("(")) return false;
            var first = Clauses.split(Clauses.unwrapped(clause.substring(clause.indexOf('('))))
                    .getFirst();
            if (!first.startsWith("'")) return false;
            try {
                var address = URI.create(plain(first));
                return address.getHost() != null
                        && !address.toString().contains("query=")
                        && !address.getHost().matches("(?i)localhost.*|127\\..*|0\\.0\\.0\\.0|\\[.*\\]")
                        && !ours.test(address.getHost());
            } catch (IllegalArgumentException e) {
                return false; // no address as we know them
            }
        }
    }

    private List<TableName> next(TableName t) {
        return next.computeIfAbsent(t, n -> new ArrayList<>());
    }

    /// A Distributed table counts wherever its cluster is.
    static Optional<TableName> forwarded(TableName name, String engine, String full) {
        if (!FORWARDING.contains(engine)) return Optional.empty();
        var arguments = arguments(full);
        int first = engine.equals("Buffer") || engine.equals("Alias") ? 0 : 1;
        if (arguments.size() > first + 1)
            return Optional.of(new TableName(
                    arguments.get(first).isEmpty() ? name.database() : arguments.get(first), arguments.get(first + 1)));
        return engine.equals("Alias") && arguments.size() == 1
                ? Optional.of(TableName.parse(arguments.getFirst(), name.database()))
                : Optional.empty();
    }

    /// A Remote table calls itself Distributed, and has the arguments of the one in its definition.
    static List<String> arguments(String full) {
        var clause = Clauses.of(full).getOrDefault("ENGINE", "");
        var text = clause.contains("(") ? clause.substring(clause.indexOf('(')) : "";
        return text.isEmpty()
                ? List.of()
                : Clauses.split(Clauses.unwrapped(text)).stream()
                        .map(RowPaths::plain)
                        .toList();
    }

    /// Without its quotes.
    static String plain(String raw) {
        return raw.startsWith("'") || raw.startsWith("`")
                ? raw.substring(1, raw.length() - 1)
                        .replace("\\" + raw.charAt(0), "" + raw.charAt(0))
                        .replace("\\\\", "\\")
                : raw;
    }

    /// The Distributed tables on the ways from some tables to another: rows may wait there in a queue first.
    public List<TableName> distributed(List<TableName> from, TableName to) {
        return engines.entrySet().stream()
                .filter(e -> e.getValue().equals("Distributed")
                        && lead(e.getKey(), to)
                        && from.stream().anyMatch(f -> lead(f, e.getKey())))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /// The Buffer tables that flush into a table, whatever is between them.
    public List<TableName> buffers(TableName to) {
        return engines.entrySet().stream()
                .filter(e -> e.getValue().equals("Buffer") && lead(e.getKey(), to))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /// Whether what is written to one table comes into another, or is that one.
    boolean lead(TableName from, TableName to) {
        return reached(from).contains(to);
    }

    /// What rows pass from one table to another, that one first and the other not named, by the shortest way; empty
    /// where the two are one, or no way is known.
    public List<TableName> way(TableName from, TableName to) {
        var before = new HashMap<TableName, TableName>();
        var open = new ArrayDeque<TableName>(List.of(from));
        while (!open.isEmpty()) {
            var t = open.remove();
            for (var on : next.getOrDefault(t, List.of()))
                if (!on.equals(from) && before.putIfAbsent(on, t) == null) open.add(on);
        }
        var out = new ArrayList<TableName>();
        for (var t = before.get(to); t != null; t = before.get(t)) out.addFirst(t);
        return out;
    }

    private Set<TableName> reached(TableName from) {
        var seen = new LinkedHashSet<TableName>(List.of(from));
        var open = new ArrayDeque<TableName>(seen);
        while (!open.isEmpty()) for (var t : next.getOrDefault(open.remove(), List.of())) if (seen.add(t)) open.add(t);
        return seen;
    }

    /// Tables of an engine that is not known to keep its rows, and that may have to do with a table: a stream writes
    /// to them, or their own views lead there.
    public List<String> unknown(TableName table) {
        var out = new LinkedHashSet<TableName>();
        engines.forEach((t, engine) -> {
            if (STREAMS.contains(engine))
                reached(t).stream().filter(this::isUnknown).forEach(out::add);
            if (isUnknown(t) && lead(t, table)) out.add(t);
        });
        return out.stream().sorted().map(t -> t + " (" + engines.get(t) + ")").toList();
    }

    private boolean isUnknown(TableName t) {
        var engine = engines.get(t);
        return engine != null
                && !engine.endsWith("MergeTree")
                && !t.database().equals("system")
                && !engine.matches("(Iceberg|DeltaLake|Paimon).*|Hudi")
                && !KEEPING.contains(engine)
                && !away.contains(t)
                && !(FOLLOWED.contains(engine) && (!FORWARDING.contains(engine) || next.containsKey(t)));
    }
}
