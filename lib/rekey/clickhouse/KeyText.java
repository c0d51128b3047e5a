package rekey.clickhouse;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import rekey.model.Keys;
import rekey.model.Mutation;
import rekey.model.Rewrite;
import rekey.model.Table;
import rekey.model.Trouble;

/// A person's key expressions, read and formatted by the server itself, so that they can be compared with what
/// `system.tables` shows. Reads only.
public record KeyText(ClickHouse server) {
    /// Asked of each function of the server, by a pattern made of its name, it took 270 ms of a shard's plan.
    private static final Pattern CALL = Pattern.compile("(\\w+)\\s*\\(");

    /// The keys a rewrite asks for, as the server would show them.
    ///
    /// @throws Trouble.Usage when one is no valid expression over the table's columns
    public Keys keys(Rewrite rewrite, Table source) {
        if (!source.mergeTree())
            throw new Trouble.Usage(source.name() + " has the engine " + source.engine()
                    + ": only tables of the MergeTree family have keys that rekey can rewrite.");
        var misnamed = DefinitionDifference.misnamed(source);
        if (!misnamed.isEmpty())
            throw new Trouble.Refused(source.name() + " has a column named " + misnamed.getFirst()
                    + ", which is the name of a virtual column of ClickHouse or of a figure of rekey's. Rename it"
                    + " (ALTER TABLE "
                    + source.name().sql() + " RENAME COLUMN `" + misnamed.getFirst() + "` TO ...), then run again.");
        // side by side, and so are the checks: one after the other the dozen took a tenth of a second of each run
        var asked = HostsInParallel.each(
                List.<Supplier<String>>of(
                        () -> sorting(rewrite.orderBy(), source),
                        () -> rewrite.primaryKey().isBlank()
                                ? ""
                                : formatted("primary key", "--primary-key", rewrite.primaryKey(), source),
                        () -> formatted("sampling key", "--sample-by", rewrite.sampleBy(), source),
                        () -> formatted("partition key", "--partition-by", rewrite.partitionBy(), source)),
                Supplier::get);
        String orderBy = asked.get(0), sampleBy = asked.get(2), partitionBy = asked.get(3);
        var primary = rewrite.primaryKey().isBlank() ? orderBy : asked.get(1);
        if (!orderBy.equals(primary) && !(String.join(", ", expressions(orderBy)) + ", ").startsWith(primary + ", "))
            throw new Trouble.Usage("The primary key (" + primary + ") must be the beginning of the sorting key ("
                    + orderBy + "): change --primary-key or --order-by.");
        HostsInParallel.all(
                List.<Runnable>of(
                        () -> {
                            if (!sampleBy.isEmpty()) sampling(sampleBy, primary, source);
                        },
                        () -> nullable("sorting", "--order-by", orderBy, source),
                        () -> nullable("partition", "--partition-by", partitionBy, source),
                        () -> computable(List.of(
                                new Wanted("sorting", "--order-by", orderBy),
                                new Wanted("partition", "--partition-by", partitionBy)))),
                Runnable::run);
        return new Keys(partitionBy, primary, orderBy, sampleBy);
    }

    /// The expressions of a sorting key, without the directions in which they are sorted: `at DESC` as `at`.
    public static List<String> expressions(String orderBy) {
        return Clauses.split(orderBy).stream().map(KeyText::undirected).toList();
    }

    /// The expressions with their directions.
    public static List<String> pieces(String orderBy) {
        return Clauses.split(orderBy);
    }

    /// The same as one text, for a tuple.
    public static String undirectedAll(String orderBy) {
        return String.join(", ", expressions(orderBy));
    }

    /// The primary key of a table that has the sorting key for it is that key as it is written: `primary_key` has no
    /// directions, and `sorting_key` of a VersionedCollapsingMergeTree its version besides.
    static String primary(String primary, String sorting, String orderBy) {
        return primary.equals(sorting) || primary.equals(undirectedAll(orderBy)) ? orderBy : primary;
    }

    private static String undirected(String expression) {
        return expression.replaceFirst(DIRECTION, "");
    }

    private static final String DIRECTION = "(?i)\\s+(DESC|ASC)$";

    /// A direction is no part of an expression: as one it would be read as an alias (`SELECT at DESC` is `at AS
    /// DESC`, and a key so named was made; ran). So the server is given each without it, and it is put back.
    private String sorting(String orderBy, Table source) {
        var text = Clauses.untupled(orderBy);
        var typed = Clauses.split(text);
        var plain = formatted("sorting key", "--order-by", undirectedAll(text), source);
        var pieces = Clauses.split(plain);
        if (pieces.size() != typed.size()) return plain;
        var out = new ArrayList<String>();
        for (int i = 0; i < pieces.size(); i++) {
            boolean desc = typed.get(i).matches("(?is).*\\s+DESC$");
            out.add(pieces.get(i) + (desc ? " DESC" : ""));
        }
        return String.join(", ", out);
    }

    private static final String NULLABLE = "allow_nullable_key";

    private static boolean on(Table source, String setting) {
        return List.of("1", "true").contains(source.settings().getOrDefault(setting, "0"));
    }

    /// Refused by the server only when the table is made.
    private void nullable(String what, String option, String orderBy, Table source) {
        if (orderBy.isEmpty() || on(source, NULLABLE)) return;
        var types = server.query("DESCRIBE TABLE (SELECT "
                + String.join(
                        ", ",
                        IntStream.range(0, expressions(orderBy).size())
                                .mapToObj(i -> expressions(orderBy).get(i) + " AS rekey_key_" + i)
                                .toList())
                + " FROM " + source.name().sql() + ")");
        for (int i = 0; i < types.size(); i++)
            if (types.get(i).string("type").contains("Nullable("))
                throw new Trouble.Usage(expressions(orderBy).get(i) + " in the " + what + " key is a "
                        + types.get(i).string("type") + ", and " + source.name() + " does not have the setting "
                        + NULLABLE + " = 1, without which ClickHouse makes no such table. Write ifNull("
                        + expressions(orderBy).get(i) + ", ...) in " + option + ", or allow it: ALTER TABLE "
                        + source.name().sql() + " MODIFY SETTING " + NULLABLE + " = 1.");
    }

    private record Wanted(String what, String option, String key) {
        Set<String> called() {
            return CALL.matcher(Mutation.withoutText(key))
                    .results()
                    .map(m -> m.group(1).toLowerCase(Locale.ROOT))
                    .collect(Collectors.toSet());
        }
    }

    /// A SELECT may have what a key may not, and the server says so only when the table is made, behind the plan.
    private void computable(List<Wanted> keys) {
        for (var k : keys)
            if (k.key.matches("(?is).*\\barrayJoin\\s*\\(.*"))
                throw new Trouble.Usage("The " + k.what + " key (" + k.key
                        + ") makes several rows of one by arrayJoin, which no key may: correct " + k.option + ".");
        var called = keys.stream().flatMap(k -> k.called().stream()).collect(Collectors.toSet());
        if (called.isEmpty()) return;
        try {
            var changing = server.query(
                    "SELECT name FROM system.functions WHERE deterministic = 0 AND lower(name) IN " + Sql.list(called));
            for (var k : keys)
                for (var f : changing)
                    if (k.called().contains(f.string("name").toLowerCase(Locale.ROOT)))
                        throw new Trouble.Usage("The " + k.what + " key (" + k.key + ") has " + f.string("name")
                                + "(), which says something else each time it is asked: no key may. Correct "
                                + k.option + ".");
        } catch (ServerError e) {
            // a server that does not know it says so when the table is made
            if (e.code() != ServerError.UNKNOWN_IDENTIFIER && e.code() != ServerError.ACCESS_DENIED) throw e;
        }
    }

    private void sampling(String sampleBy, String primary, Table source) {
        if (!expressions(primary).contains(sampleBy))
            throw new Trouble.Usage("SAMPLE BY " + sampleBy + " is not in the sorting key (" + primary
                    + "): ClickHouse wants the sampling key to be one of its expressions; add it to --order-by.");
        var type = server.one("DESCRIBE TABLE (SELECT " + sampleBy + " AS rekey_k FROM "
                        + source.name().sql() + ")")
                .string("type");
        if (!type.matches("UInt(8|16|32|64)"))
            throw new Trouble.Usage("SAMPLE BY " + sampleBy + " is a " + type
                    + ": ClickHouse samples by unsigned integers only; use a hash such as cityHash64(...).");
    }

    /// An expression as the server formats it, whatever columns it names: one of them may be about to be added.
    public String plain(String expression) {
        var text = Clauses.untupled(expression);
        return text.isEmpty()
                ? ""
                : Clauses.unwrapped(
                        server.one("SELECT formatQuerySingleLine(" + Sql.text("SELECT " + text) + ") AS line")
                                .string("line")
                                .substring("SELECT ".length()));
    }

    private String formatted(String what, String option, String expression, Table source) {
        var text = Clauses.unwrapped(expression);
        if (text.isEmpty()) return "";
        for (var piece : Clauses.split(text))
            if (!undirected(piece).equals(piece))
                throw new Trouble.Usage("The " + what + " '" + expression
                        + "' has a direction (DESC, ASC): only a sorting key can. Correct " + option + ".");
        try {
            var line = server.one("SELECT formatQuerySingleLine(" + Sql.text("SELECT " + text) + ") AS line")
                    .string("line");
            // without WHERE 0 the server opens each part's index for it: 6 s and 352 MiB with 100,000 parts
            server.query("SELECT " + text + " FROM " + source.name().sql() + " WHERE 0 LIMIT 0");
            return Clauses.unwrapped(line.substring("SELECT ".length()));
        } catch (ServerError e) {
            if (e.code() == ServerError.ACCESS_DENIED || e.code() == ServerError.MEMORY_LIMIT) throw e;
            throw new Trouble.Usage("The " + what + " '" + expression + "' is no valid expression over " + source.name()
                    + ": " + e.getMessage() + " Correct " + option + "." + yetToCome(e, option));
        }
    }

    /// Whoever wants to sort by a column that he is about to add needs no copy.
    private static String yetToCome(ServerError e, String option) {
        return e.code() == ServerError.UNKNOWN_IDENTIFIER && option.equals("--order-by")
                ? " A column that the table does not have yet is added and appended to its sorting key at once, without"
                        + " a copy, by './jbang alter' with --add-column."
                : "";
    }
}
