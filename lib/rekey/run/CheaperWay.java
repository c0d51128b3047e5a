package rekey.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.KeyText;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.UsualValues;
import rekey.model.Amounts;
import rekey.model.Keys;
import rekey.model.Table;
import rekey.session.Session;

/// A way to the new keys, or to what they are wanted for, in which rekey copies nothing: the server's own ALTER.
///
/// @param by   `sampling key`, `sorting key` or `projection`
/// @param sql  its statements, in their order
/// @param says what comes of it, and what does not
/// @param gain what queries would read less, by `EXPLAIN ESTIMATE`; empty where that tells nothing
public record CheaperWay(String by, List<String> sql, String says, String gain) {
    /// Of the key's values in the largest part.
    private static final double TENTH = 0.1;

    /// Those that lead from a table's keys to others.
    ///
    /// @param wanted as the server formats them
    /// @param added  columns that the same ALTER is to add, each with its type; the table has none of them yet
    public static List<CheaperWay> of(Session session, Table source, Keys wanted, List<String> added) {
        if (!source.mergeTree() || !session.rewrite().engine().isEmpty()) return List.of();
        var out = new ArrayList<CheaperWay>();
        boolean partition = source.keys().partitionBy().equals(wanted.partitionBy());
        boolean sorting = source.keys().orderBy().equals(wanted.orderBy());
        if (partition && sorting && !source.keys().sampleBy().equals(wanted.sampleBy()))
            sampled(session.server(), source, wanted.sampleBy()).ifPresent(out::add);
        if (partition && !sorting && source.keys().sampleBy().equals(wanted.sampleBy()))
            sorted(source, wanted, added).ifPresent(out::add);
        if (!sorting && added.isEmpty())
            projected(session.server(), source, wanted).ifPresent(out::add);
        return List.copyOf(out);
    }

    /// A sampling key is a word in the definition: the rows lie by the primary key, and it is in that.
    private static Optional<CheaperWay> sampled(ClickHouse server, Table source, String sampleBy) {
        var alter = "ALTER TABLE " + source.name().sql();
        if (sampleBy.isEmpty())
            return Optional.of(new CheaperWay(
                    "sampling key", List.of(alter + " REMOVE SAMPLE BY"), "The definition alone is changed", ""));
        if (!KeyText.expressions(source.keys().primaryKey()).contains(sampleBy)) return Optional.empty();
        return Optional.of(new CheaperWay(
                "sampling key",
                List.of(alter + " MODIFY SAMPLE BY " + sampleBy),
                "The definition alone is changed: " + sampleBy + " is in the primary key already",
                tenth(server, source, sampleBy)));
    }

    /// A sorting key may get columns that no row has yet, anywhere behind the primary key, and lose what stands at
    /// its end behind that. (Tried on 26.7; a column that was there before, and one with a DEFAULT, is refused.)
    private static Optional<CheaperWay> sorted(Table source, Keys wanted, List<String> added) {
        var before = KeyText.pieces(source.keys().orderBy());
        var after = KeyText.pieces(wanted.orderBy());
        var names = added.stream().map(CheaperWay::name).toList();
        int primary = KeyText.pieces(source.keys().primaryKey()).size(), kept = 0, came = 0;
        for (var piece : after)
            if (kept < before.size() && piece.equals(before.get(kept))) kept++;
            else if (kept >= primary
                    && names.stream().anyMatch(n -> piece.replace("`", "").contains(n))) came++;
            else return Optional.empty();
        boolean shorter = kept < before.size();
        if (kept < primary || came == 0 && !names.isEmpty() || shorter && source.collapses()) return Optional.empty();
        // without columns that are added nobody has asked for the primary key to stay
        if (names.isEmpty() && !source.keys().primaryKey().equals(wanted.primaryKey())) return Optional.empty();
        return Optional.of(new CheaperWay(
                "sorting key",
                List.of("ALTER TABLE " + source.name().sql() + " "
                        + added.stream().map(c -> "ADD COLUMN " + c + ", ").collect(Collectors.joining())
                        + "MODIFY ORDER BY (" + wanted.orderBy() + ")"),
                names.isEmpty()
                        ? "The definition alone is changed: rows that are in order by the longer key are by the"
                                + " shorter one"
                        : "The definition alone is changed: in rows that are there the columns are empty, so they are"
                                + " in order already; the primary key stays ("
                                + source.keys().primaryKey()
                                + "), so no query reads less by them",
                ""));
    }

    static String name(String column) {
        var m = Pattern.compile("^`((?:[^`\\\\]|\\\\.)+)`|^(\\S+)").matcher(column.strip());
        return m.find() ? m.group(1) == null ? m.group(2) : m.group(1) : column;
    }

    /// A second order beside the first, kept by the server, as an index into the parts.
    private static Optional<CheaperWay> projected(ClickHouse server, Table source, Keys wanted) {
        if (source.collapses()
                || wanted.orderBy().isEmpty()
                || !KeyText.undirectedAll(wanted.orderBy()).equals(wanted.orderBy())) return Optional.empty();
        var least = server.query("SELECT toUInt64(value) AS n FROM system.settings WHERE name = "
                + "'min_table_rows_to_use_projection_index'");
        if (least.isEmpty()) return Optional.empty(); // it would be no index on this server
        var name = "by_"
                + KeyText.expressions(wanted.orderBy())
                        .getFirst()
                        .replaceAll("\\W+", "_")
                        .replaceAll("_$", "");
        if (source.definition().contains("PROJECTION " + name + " ")) return Optional.empty();
        var alter = "ALTER TABLE " + source.name().sql();
        return Optional.of(new CheaperWay(
                "projection",
                List.of(
                        alter + " ADD PROJECTION " + name + " (SELECT _part_offset ORDER BY " + wanted.orderBy() + ")",
                        alter + " MATERIALIZE PROJECTION " + name),
                "The keys stay; each part gets an index in the order of the new ones, in the background. Queries use"
                        + " it from " + Amounts.rows(least.getFirst().number("n"))
                        + " rows on (min_table_rows_to_use_projection_index)",
                read(server, source, wanted)));
    }

    /// What a tenth of the rows of a usual value costs now, and would then; of the largest part, for to ask of all
    /// is to open each one's index.
    private static String tenth(ClickHouse server, Table source, String sampleBy) {
        var first = KeyText.expressions(source.keys().orderBy()).getFirst();
        // as the server itself samples: a range from 0 of the type's values
        var range = sampleBy + " <= toUInt64(toFloat64(" + top(server, source, sampleBy) + ") * " + TENTH + ")";
        return gainSentence(server, source, first.equals(sampleBy) ? List.of() : List.of(first), (where, of) -> {
            long all = estimate(server, source, where, of),
                    part = estimate(server, source, where + " AND " + range, of);
            return "SAMPLE 0.1 would read " + Amounts.rows(part) + " of " + Amounts.rows(all)
                    + " rows of the largest part (EXPLAIN ESTIMATE)";
        });
    }

    private static String top(ClickHouse server, Table source, String sampleBy) {
        var type = server.one("DESCRIBE TABLE (SELECT " + sampleBy + " AS rekey_k FROM "
                        + source.name().sql() + " WHERE 0)")
                .string("type");
        return switch (type) {
            case "UInt8" -> "255";
            case "UInt16" -> "65535";
            case "UInt32" -> "4294967295";
            default -> "18446744073709551615";
        };
    }

    /// What a filter by the new key's beginning reads now.
    private static String read(ClickHouse server, Table source, Keys wanted) {
        var old = KeyText.expressions(source.keys().orderBy());
        var columns = KeyText.expressions(wanted.orderBy());
        int same = 0;
        while (same < Math.min(old.size(), columns.size()) && old.get(same).equals(columns.get(same))) same++;
        if (same == columns.size()) return "";
        return gainSentence(
                server,
                source,
                columns.subList(0, same + 1),
                (where, of) -> Amounts.rows(estimate(server, source, where, of)) + " of " + Amounts.rows(of.rows())
                        + " rows of the largest part are read now (EXPLAIN ESTIMATE)");
    }

    /// A gain by some expressions' usual values; nothing where they have none, or nobody may look.
    private static String gainSentence(
            ClickHouse server,
            Table source,
            List<String> expressions,
            BiFunction<String, UsualValues.Largest, String> gain) {
        try {
            var largest = UsualValues.largest(server, source.name());
            var values = UsualValues.of(server, source.name(), expressions);
            if (largest.isEmpty() || values.size() < expressions.size()) return "";
            var where = expressions.isEmpty()
                    ? "1"
                    : expressions.stream().map(e -> e + " = " + values.get(e)).collect(Collectors.joining(" AND "));
            var said = gain.apply(where, largest.get());
            return expressions.isEmpty() ? said : "where " + where + ", " + said;
        } catch (ServerError e) {
            return "";
        }
    }

    private static long estimate(ClickHouse server, Table source, String where, UsualValues.Largest of) {
        return server
                .query(
                        "EXPLAIN ESTIMATE SELECT count() FROM " + source.name().sql() + " WHERE " + of.condition()
                                + " AND " + where,
                        UUID.randomUUID().toString(),
                        Map.of("optimize_trivial_count_query", "0", "optimize_use_implicit_projections", "0"))
                .stream()
                .mapToLong(r -> r.number("rows"))
                .sum();
    }
}
