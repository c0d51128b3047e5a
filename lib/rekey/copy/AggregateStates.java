package rekey.copy;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.Sql;

/// Hashes values in which there are states of aggregate functions. The bytes of such a state differ from
/// copy to copy: a set in it is written in another order each time that it is copied (uniq, uniqExact,
/// groupUniqArray, topK; ran). So rekey hashes what the state yields, and how often each digit stands in
/// it. In an array, a tuple, a map, a Nullable or a Variant it does so element by element; a Dynamic does not say
/// beforehand whether it has one, and is hashed as it is. What topK yields depends on that
/// order, too, and so does a sum over a set of floats: of these only the digits are hashed.
final class AggregateStates {
    private static final Pattern STATE = Pattern.compile("AggregateFunction\\((?:\\d+, )?(\\w+).*", Pattern.DOTALL);
    private static final Pattern WITHIN = Pattern.compile("(?<!Simple)AggregateFunction\\(");

    private AggregateStates() {}

    /// @param expression yields the value
    /// @param type       of it, as the server writes it
    static String value(String expression, String type) {
        return value(expression, type.strip(), 0);
    }

    private static String value(String e, String type, int depth) {
        var state = STATE.matcher(type);
        if (state.matches()) return state(e, state.group(1), type);
        if (!WITHIN.matcher(type).find()) return e;
        var inner = Catalog.listed(type.substring(type.indexOf('(') + 1, type.length() - 1));
        return switch (type.substring(0, type.indexOf('('))) {
            case "Array" -> {
                var x = "rekey_x" + depth;
                yield "arrayMap(" + x + " -> " + value(x, inner.getFirst(), depth + 1) + ", " + e + ")";
            }
            case "Map" -> {
                String k = "rekey_k" + depth, v = "rekey_x" + depth;
                yield "arrayMap((" + k + ", " + v + ") -> tuple(" + k + ", " + value(v, inner.getLast(), depth + 1)
                        + "), mapKeys(" + e + "), mapValues(" + e + "))";
            }
            case "Tuple" -> tuple(e, inner, depth);
            case "Nested" -> {
                var x = "rekey_x" + depth;
                yield "arrayMap(" + x + " -> " + tuple(x, inner, depth + 1) + ", " + e + ")";
            }
            case "Nullable" ->
                "tuple(isNull(" + e + "), " + value("assumeNotNull(" + e + ")", inner.getFirst(), depth) + ")";
            // of each row one of them is set, the others are NULL, or empty where they can't be
            case "Variant" ->
                inner.stream()
                        .map(t -> value("variantElement(" + e + ", " + Sql.text(t) + ")", t, depth))
                        .collect(Collectors.joining(", ", "tuple(toString(variantType(" + e + ")), ", ")"));
            default -> e;
        };
    }

    /// Its elements may have names: `Tuple(a UInt8, s AggregateFunction(uniq, String))`.
    private static String tuple(String e, List<String> types, int depth) {
        var out = new ArrayList<String>();
        for (int i = 0; i < types.size(); i++)
            out.add(value(
                    "tupleElement(" + e + ", " + (i + 1) + ")",
                    types.get(i).replaceFirst("^(?:`(?:[^`\\\\]|\\\\.)*`|\\w+) (?=\\w)", ""),
                    depth));
        return "tuple(" + String.join(", ", out) + ")";
    }

    private static String state(String e, String function, String type) {
        var digits = IntStream.range(0, 16)
                .mapToObj(d -> "countSubstrings(hex(%s), '%X')".formatted(e, d))
                .collect(Collectors.joining(", "));
        var yields = "finalizeAggregation(" + e + ")";
        boolean byOrder = function.matches("(?i)(topK|approx_top).*")
                || function.contains("Distinct") && type.matches("(?s).*\\b(B?Float\\d+)\\b.*");
        return "tuple("
                + (byOrder ? "" : (function.startsWith("groupUniqArray") ? "arraySort(" + yields + ")" : yields) + ", ")
                + digits + ")";
    }
}
