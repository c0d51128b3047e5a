package rekey.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Row;

/// An expression of a key, as the server itself parses it.
///
/// @param text such as `Identifier team_id`, `Function toDate`, `Literal UInt64_1`
record KeyTree(String text, List<KeyTree> arguments) {
    /// Different arguments give different values: by nature, or so surely that nobody has seen otherwise (hashes of
    /// 64 bits and more).
    private static final Set<String> INJECTIVE = Set.of(
            "tuple",
            "negate",
            "toString",
            "hex",
            "reverse",
            "reinterpretAsUInt128",
            "UUIDStringToNum",
            "cityHash64",
            "sipHash64",
            "sipHash128",
            "xxHash64",
            "xxh3",
            "farmHash64",
            "metroHash64",
            "murmurHash2_64",
            "murmurHash3_64",
            "murmurHash3_128",
            "halfMD5",
            "MD5",
            "SHA1",
            "SHA224",
            "SHA256",
            "SHA512",
            "wyHash64");
    private static final Set<String> DAYS = Set.of("toDate", "toDate32", "toStartOfDay", "toYYYYMMDD");
    private static final Set<String> OF_A_DAY = Set.of(
            "toDate",
            "toDate32",
            "toStartOfDay",
            "toYYYYMMDD",
            "toMonday",
            "toStartOfMonth",
            "toYYYYMM",
            "toStartOfQuarter",
            "toStartOfYear",
            "toYear",
            "toMonth",
            "toDayOfWeek",
            "toDayOfMonth",
            "toISOYear",
            "toISOWeek");

    /// The expressions of a key; none for an empty one. Reads no table.
    static List<KeyTree> parse(ClickHouse server, String key) {
        if (key.isEmpty()) return List.of();
        var lines = server.query("EXPLAIN AST SELECT " + key).stream()
                .map(KeyTree::line)
                .toList();
        int list = 0;
        while (!lines.get(list).strip().startsWith("SelectQuery")) list++;
        return children(lines, list + 1);
    }

    private static String line(Row row) {
        return row.values().values().iterator().next().toString();
    }

    /// What stands below a line, one blank deeper; lists of expressions are left out, their members taken.
    private static List<KeyTree> children(List<String> lines, int parent) {
        var out = new ArrayList<KeyTree>();
        for (int i = parent + 1; i < lines.size() && depth(lines.get(i)) > depth(lines.get(parent)); i++) {
            if (depth(lines.get(i)) != depth(lines.get(parent)) + 1) continue;
            var text = lines.get(i).strip().replaceFirst(" \\(children \\d+\\)$", "");
            if (text.equals("ExpressionList")) out.addAll(children(lines, i));
            else out.add(new KeyTree(text, children(lines, i)));
        }
        return out;
    }

    private static int depth(String line) {
        return line.length() - line.stripLeading().length();
    }

    /// Whether a column stands in it anywhere.
    boolean has(String column) {
        return text.equals("Identifier " + column) || arguments.stream().anyMatch(a -> a.has(column));
    }

    /// Whether two rows that are equal in all of a key's expressions must be equal in this one.
    boolean determinedBy(List<KeyTree> key) {
        if (text.startsWith("Literal") || key.stream().anyMatch(k -> k.reveals(this))) return true;
        if (OF_A_DAY.contains(function())
                && arguments.size() == 1
                && key.stream().anyMatch(k -> DAYS.contains(k.function()) && k.arguments.equals(arguments)))
            return true;
        return !arguments.isEmpty() && arguments.stream().allMatch(a -> a.determinedBy(key));
    }

    private boolean reveals(KeyTree other) {
        return equals(other)
                || INJECTIVE.contains(function()) && arguments.stream().anyMatch(a -> a.reveals(other));
    }

    private String function() {
        return text.startsWith("Function ") ? text.substring("Function ".length()) : "";
    }

    /// As a person would write it.
    @Override
    public String toString() {
        var name = text.substring(text.indexOf(' ') + 1).replaceAll("^(U?Int\\d+|Float64|Array)_", "");
        return arguments.isEmpty()
                ? name
                : name + "("
                        + String.join(
                                ", ", arguments.stream().map(KeyTree::toString).toList()) + ")";
    }
}
