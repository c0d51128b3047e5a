package rekey.clickhouse;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rekey.model.TableName;
import rekey.model.Trouble;

/// The engine of a replicated table as its definition has it. The server writes path and replica into the definition
/// also where they were left out.
///
/// @param family  the engine without replication, such as `ReplacingMergeTree`
/// @param path    the table's path in Keeper, with macros such as `{shard}`, in quotes
/// @param replica this host's name there, mostly `{replica}`, in quotes
/// @param rest    the arguments of the family
public record ReplicatedEngine(String family, String path, String replica, List<String> rest) {
    private static final String PREFIX = "Replicated";

    /// Empty for an engine that is not replicated.
    public static Optional<ReplicatedEngine> of(String engineClause) {
        if (!engineClause.startsWith(PREFIX)) return Optional.empty();
        int open = engineClause.indexOf('(');
        var family = (open < 0 ? engineClause : engineClause.substring(0, open))
                .strip()
                .substring(PREFIX.length());
        var arguments = open < 0 ? List.<String>of() : Clauses.split(inner(engineClause, open));
        boolean named = arguments.size() >= 2 && arguments.get(0).startsWith("'");
        return Optional.of(new ReplicatedEngine(
                family,
                named ? arguments.get(0) : "",
                named ? arguments.get(1) : "",
                named ? List.copyOf(arguments.subList(2, arguments.size())) : arguments));
    }

    private static String inner(String clause, int open) {
        if (clause.lastIndexOf(')') < open)
            throw new Trouble.Usage("The engine '" + clause + "' has no closing parenthesis: correct --engine.");
        return clause.substring(open + 1, clause.lastIndexOf(')')).strip();
    }

    /// The engine clause of a table that is made beside one: replicated where that is, under a path of its own.
    ///
    /// A path stays with its table through EXCHANGE and RENAME, and a CREATE at a path where a replica still is
    /// joins that table and gets its rows (seen on 26.7: 14 old rows in the new table). So the new path is made of
    /// the old one and of a name that is never used again, and has no macro of the table's name in it.
    ///
    /// @param beside the table's engine clause
    /// @param wanted another engine, empty for the same
    /// @param unique what makes the path another
    public static String fresh(String beside, String wanted, TableName table, String unique) {
        var there = of(beside);
        if (there.isEmpty()) return wanted.isEmpty() ? beside : wanted;
        var own = there.get();
        if (wanted.isEmpty()) return own.at(table, unique);
        int open = wanted.indexOf('(');
        var replicated = of(wanted)
                .orElseGet(() -> new ReplicatedEngine(
                        (open < 0 ? wanted : wanted.substring(0, open)).strip(),
                        "",
                        "",
                        open < 0 ? List.of() : Clauses.split(inner(wanted, open))));
        return new ReplicatedEngine(replicated.family, own.path, own.replica, replicated.rest).at(table, unique);
    }

    /// The same for another host.
    public ReplicatedEngine named(String otherReplica) {
        return new ReplicatedEngine(family, path, otherReplica, rest);
    }

    /// As it stands in a definition.
    public String clause() {
        var arguments = new ArrayList<>(List.of(path, replica));
        arguments.addAll(rest);
        return PREFIX + family + "(" + String.join(", ", arguments) + ")";
    }

    private String at(TableName table, String unique) {
        var plain = path.replace("{database}", table.database()).replace("{table}", table.table());
        var fresh = plain.contains("{uuid}")
                ? plain.replace("{uuid}", unique)
                : plain.replaceFirst("/?'$", "") + "_" + unique + "'";
        return new ReplicatedEngine(family, fresh, replica, rest).clause();
    }
}
