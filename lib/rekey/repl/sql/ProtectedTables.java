package rekey.repl.sql;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.look.KnownMigration;
import rekey.model.TableName;
import rekey.repl.line.Statement;
import rekey.repl.line.Token;

/// The tables on which a migration that is under way depends, whoever runs it: its own, and all that feeds or hangs
/// on its source. A person who writes there is asked first.
///
/// @param tables what each of them is, such as `source of 0002_events_sample_by`
public record ProtectedTables(TreeMap<TableName, String> tables) {

    /// They name tables and change nothing in them.
    private static final Set<String> HARMLESS = Set.of("GRANT", "REVOKE", "BACKUP");
    /// They may be said of a whole database.
    private static final Set<String> EMPTYING = Set.of("DROP", "DETACH", "TRUNCATE", "RENAME");

    /// As they are now.
    public static ProtectedTables of(ClickHouse server) {
        var tables = new TreeMap<TableName, String>();
        var catalog = new Catalog(server);
        for (var known : KnownMigration.of(server)) {
            if (!known.open()) continue;
            known.roles(catalog).forEach(tables::put);
            for (var k : catalog.ingestion(known.rewrite().source()).kafkaTables()) {
                tables.put(k.name(), "Kafka table of " + known.rewrite().migration());
                k.views()
                        .forEach(v -> tables.put(
                                v.name(), "view that feeds " + known.rewrite().source()));
            }
            catalog.dependants(known.rewrite().source())
                    .forEach(v ->
                            tables.putIfAbsent(v, "view on " + known.rewrite().source()));
        }
        return new ProtectedTables(tables);
    }

    /// Why a statement had better not be run now; empty where nothing speaks against it. What an INSERT or a CREATE
    /// only reads from is no reason, but a new view on the source is.
    ///
    /// @param database of bare names
    public Optional<String> warning(Statement statement, String database) {
        var first = statement.word(0);
        if (tables.isEmpty() || !statement.writes() || HARMLESS.contains(first)) return Optional.empty();
        if (first.equals("SYSTEM")
                && statement.words().stream().noneMatch(w -> w.is("FLUSH") || w.is("RELOAD"))
                && names(statement.words(), database).isEmpty())
            return Optional.of("A migration is under way ("
                    + tables.firstEntry().getValue() + "), and this is for the whole server.");
        boolean view = first.equals("CREATE") && statement.words().stream().anyMatch(w -> w.is("MATERIALIZED"));
        var looked = first.equals("INSERT") || first.equals("CREATE") && !view ? target(statement) : statement.words();
        var hit = names(looked, database);
        if (!hit.isEmpty())
            return Optional.of(hit.getFirst() + " is the " + tables.get(hit.getFirst())
                    + ", which is under way: this statement changes it behind rekey's back.");
        if (EMPTYING.contains(first) && statement.words().stream().anyMatch(w -> w.is("DATABASE") || w.is("TABLES")))
            return tables.keySet().stream()
                    .filter(t ->
                            statement.words().stream().anyMatch(w -> w.name().equals(t.database())))
                    .findFirst()
                    .map(t -> t + " is the " + tables.get(t) + ", which is under way, and it lies in this database.");
        return Optional.empty();
    }

    /// What comes before the rows, the columns or the SELECT.
    private static List<Token> target(Statement statement) {
        var all = statement.words();
        int end = 0;
        while (end < all.size()
                && !all.get(end).is("(")
                && !all.get(end).is("SELECT")
                && !all.get(end).is("VALUES")
                && !all.get(end).is("FORMAT")
                && !all.get(end).is("AS")) end++;
        return all.subList(0, end);
    }

    /// Those of the tables that some words name, with or without their database.
    private List<TableName> names(List<Token> words, String database) {
        return tables.keySet().stream()
                .filter(t -> {
                    for (int i = 0; i < words.size(); i++) {
                        var w = words.get(i);
                        if (w.kind() != Token.Kind.WORD && w.kind() != Token.Kind.QUOTED
                                || !w.name().equals(t.table())) continue;
                        boolean qualified = i >= 2 && words.get(i - 1).is(".");
                        if (qualified
                                ? words.get(i - 2).name().equals(t.database())
                                : t.database().equals(database)) return true;
                    }
                    return false;
                })
                .toList();
    }
}
