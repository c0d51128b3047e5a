package rekey.migration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.model.Rewrite;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Journal;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Finds a migration by what a person calls it: a shipped definition, a JSON file, one frozen in the journal, or a
/// table with new keys. A migration whose plan was frozen is always the frozen one, for half of it may be done.
///
/// The JSON file has the keys of [Wanted], all of them optional but `table` and one of the table's keys, and besides
/// `lowestVersion` and `after` (see [Migration]).
public final class Migrations {
    private static final Map<String, Function<TableName, Migration>> SHIPPED = definitions();

    /// Of a JSON file.
    private static final List<String> KEYS = List.of(
            "table", "name", "orderBy", "sampleBy", "partitionBy", "primaryKey", "engine", "lowestVersion", "after");

    private Migrations() {}

    private static Map<String, Function<TableName, Migration>> definitions() {
        var all = new LinkedHashMap<String, Function<TableName, Migration>>();
        all.put(Events0002.NAME, Events0002::of);
        return all;
    }

    /// The names of those that come with rekey.
    public static List<String> shipped() {
        return List.copyOf(SHIPPED.keySet());
    }

    /// What was asked for; null where nothing was said, and a key stays as it is. An empty key is none, and so is a
    /// blank: `--sample-by ' '` took away what it was to keep.
    ///
    /// @param migration a shipped name, a file, or a name in the journal
    /// @param table     `table` or `database.table`
    /// @param name      what the migration is to be called, by default the table's name and `_rekey`
    public record Wanted(
            String migration,
            String table,
            String name,
            String orderBy,
            String sampleBy,
            String partitionBy,
            String primaryKey,
            String engine) {
        public Wanted {
            orderBy = stripped(orderBy);
            sampleBy = stripped(sampleBy);
            partitionBy = stripped(partitionBy);
            primaryKey = stripped(primaryKey);
            engine = stripped(engine);
        }

        private static String stripped(String key) {
            return key == null ? null : key.strip();
        }

        /// Whether a new key or engine is named.
        boolean keys() {
            return orderBy != null || sampleBy != null || partitionBy != null || primaryKey != null || engine != null;
        }
    }

    /// By name alone, in the database of the connection.
    public static Migration named(ClickHouse server, String name) {
        return find(server, new Wanted(name, null, null, null, null, null, null, null));
    }

    /// The names of the journal that are found by name, the latest first. One that was refused before its plan was
    /// frozen is none of them: it once hid all others. One whose lines can't be read is: who asks for it is told
    /// why.
    public static List<String> known(ClickHouse server) {
        var database = server.endpoint().database();
        return Journal.migrations(server, new TableName(database, "rekey_journal")).stream()
                .filter(n -> SHIPPED.containsKey(n) || planned(server, database, n))
                .toList();
    }

    private static boolean planned(ClickHouse server, String database, String name) {
        try {
            return frozen(server, database, name).isPresent();
        } catch (Trouble.Refused | JacksonException unreadable) {
            return true;
        }
    }

    /// @throws Trouble.Usage when it names no migration, or two
    public static Migration find(ClickHouse server, Wanted wanted) {
        if (wanted.migration == null) return ofTable(server, wanted);
        if (wanted.keys())
            throw new Trouble.Usage("--migration " + wanted.migration
                    + " brings its own keys: leave out either it or the key options.");
        var file = file(wanted.migration);
        if (file.isPresent()) return ofFile(server, file.get(), wanted);
        var name = wanted.name == null ? wanted.migration : wanted.name;
        var shipped = Optional.ofNullable(SHIPPED.get(wanted.migration));
        var table = wanted.table == null ? Optional.<TableName>empty() : Optional.of(table(server, wanted.table));
        var database = table.map(TableName::database).orElse(server.endpoint().database());
        var key = table.map(t -> key(server, t, name)).orElse(name);
        var frozen = frozen(server, database, key);
        if (frozen.isPresent())
            return frozen(
                    frozen.get(), table, shipped.map(s -> s.apply(frozen.get().source())));
        return shipped.map(s -> named(
                        s.apply(table.orElseGet(() -> new Catalog(server).local(new TableName(database, "events")))),
                        name))
                .orElseThrow(() -> new Trouble.Usage("There is no migration '" + name + "': give a shipped one ("
                        + String.join(", ", SHIPPED.keySet()) + "), a JSON file, one that the journal of --database "
                        + database + " knows, or --table with its new keys."));
    }

    private static Migration ofTable(ClickHouse server, Wanted wanted) {
        if (wanted.table == null)
            throw new Trouble.Usage("Which migration? Give --migration (" + String.join(", ", SHIPPED.keySet())
                    + ", or a JSON file), or --table with its new keys, such as --order-by.");
        var table = table(server, wanted.table);
        var name = wanted.name == null ? Rewrite.named(table) : wanted.name;
        var key = key(server, table, name);
        var frozen = frozen(server, table.database(), key);
        if (!wanted.keys()) {
            if (frozen.isPresent()) return frozen(frozen.get(), Optional.of(table), Optional.empty());
            throw new Trouble.Usage("No new key is given for " + table
                    + ": give --order-by, --sample-by, --partition-by, --primary-key or --engine.");
        }
        var rewrite = rewrite(new Catalog(server).table(table), name, wanted);
        if (frozen.isEmpty() || over(server, table.database(), key)) return Migration.of(rewrite);
        // what was frozen is what is half done: other keys would be another migration; the same table's present keys
        // may already be the new ones
        if (!given(frozen.get(), wanted))
            throw new Trouble.Usage("Migration " + name + " was planned with other keys (ORDER BY "
                    + frozen.get().orderBy() + "): roll it back first, or give this one another --name.");
        return frozen(frozen.get(), Optional.of(table), Optional.empty());
    }

    private static boolean given(Rewrite frozen, Wanted w) {
        return same(w.orderBy, frozen.orderBy())
                && same(w.sampleBy, frozen.sampleBy())
                && same(w.partitionBy, frozen.partitionBy())
                && same(w.primaryKey, frozen.primaryKey())
                && same(w.engine, frozen.engine());
    }

    private static boolean same(String given, String frozen) {
        return given == null || given.replace(" ", "").equals(frozen.replace(" ", ""));
    }

    /// A key that is not given stays as it is; a primary key that was only the sorting key follows the new one.
    private static Rewrite rewrite(Table source, String name, Wanted w) {
        var keys = source.keys();
        var primary = keys.primaryKey().equals(keys.orderBy()) ? "" : keys.primaryKey();
        return new Rewrite(
                name,
                source.name(),
                or(w.partitionBy, keys.partitionBy()),
                or(w.primaryKey, primary),
                or(w.orderBy, keys.orderBy()),
                or(w.sampleBy, keys.sampleBy()),
                or(w.engine, ""),
                name.equals(Rewrite.named(source.name())) ? Rewrite.Naming.ONCE : Rewrite.Naming.FULL);
    }

    private static String or(String given, String otherwise) {
        return given == null ? otherwise : given;
    }

    private static Migration ofFile(ClickHouse server, Path file, Wanted wanted) {
        var json = json(file);
        var unknown =
                json.propertyNames().stream().filter(k -> !KEYS.contains(k)).toList();
        if (!unknown.isEmpty())
            throw new Trouble.Usage("The migration in " + file + " has " + (unknown.size() == 1 ? "a key" : "keys")
                    + " that nobody knows: " + String.join(", ", unknown) + ". There are "
                    + String.join(", ", KEYS) + ".");
        var own = new Wanted(
                null,
                wanted.table != null ? wanted.table : text(json, "table"),
                or(
                        wanted.name,
                        or(text(json, "name"), file.getFileName().toString().replaceFirst("\\.json$", ""))),
                text(json, "orderBy"),
                text(json, "sampleBy"),
                text(json, "partitionBy"),
                text(json, "primaryKey"),
                text(json, "engine"));
        if (own.table == null || !own.keys())
            throw new Trouble.Usage("The migration in " + file
                    + " needs a \"table\" and one of \"orderBy\", \"sampleBy\", \"partitionBy\","
                    + " \"primaryKey\", \"engine\".");
        var found = ofTable(server, own);
        var after = json.path("after").valueStream().map(JsonNode::asString).toList();
        return new Migration(found.rewrite(), Optional.ofNullable(text(json, "lowestVersion")), after, found.steps());
    }

    private static JsonNode json(Path file) {
        try {
            return JsonMapper.shared().readTree(Files.readString(file));
        } catch (IOException e) {
            throw new Trouble.Failed(
                    "The migration's file " + file + " can't be read ("
                            + e.getClass().getSimpleName() + "): check its name.",
                    e);
        } catch (JacksonException e) {
            throw new Trouble.Usage("The file " + file + " is no JSON: " + e.getOriginalMessage() + ".");
        }
    }

    private static String text(JsonNode json, String key) {
        return json.path(key).asString(null);
    }

    private static Optional<Path> file(String migration) {
        try {
            var file = Path.of(migration);
            return migration.endsWith(".json") || Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static TableName table(ClickHouse server, String text) {
        try {
            return new Catalog(server)
                    .local(TableName.parse(text, server.endpoint().database()));
        } catch (IllegalArgumentException e) {
            throw new Trouble.Usage(e.getMessage());
        }
    }

    private static Migration named(Migration m, String name) {
        var r = m.rewrite();
        return new Migration(
                new Rewrite(name, r.source(), r.partitionBy(), r.primaryKey(), r.orderBy(), r.sampleBy(), r.engine()),
                m.lowestVersion(),
                m.after(),
                m.steps());
    }

    private static Migration frozen(Rewrite frozen, Optional<TableName> asked, Optional<Migration> shipped) {
        if (asked.isPresent() && !asked.get().equals(frozen.source()))
            throw new Trouble.Usage("Migration " + frozen.migration() + " is one of " + frozen.source()
                    + ": give the one of " + asked.get() + " another --name.");
        return shipped.map(s -> new Migration(frozen, s.lowestVersion(), s.after(), s.steps()))
                .orElse(Migration.of(frozen));
    }

    /// The rewrite that was planned last under a name, from the journal of a database.
    private static Optional<Rewrite> frozen(ClickHouse server, String database, String name) {
        return journal(server, database, name).entries(e -> e.event() == Entry.Event.PLANNED).stream()
                .flatMap(e -> ((Detail.Planned) e.detail()).rewrite().stream())
                .reduce((a, b) -> b);
    }

    /// Whether it was taken back, so that the name is free for other keys.
    private static boolean over(ClickHouse server, String database, String name) {
        return journal(server, database, name)
                .last(e -> e.event() == Entry.Event.PLANNED || e.event() == Entry.Event.ROLLED_BACK)
                .filter(e -> e.event() == Entry.Event.ROLLED_BACK)
                .isPresent();
    }

    private static String key(ClickHouse server, TableName table, String name) {
        return Journal.key(server, table.sibling("rekey_journal"), name, table);
    }

    private static Journal journal(ClickHouse server, String database, String name) {
        return new Journal(server, new TableName(database, "rekey_journal"), name, "", Optional.empty());
    }
}
