package rekey.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import rekey.copy.Checksum;
import rekey.model.Column;
import rekey.model.Table;
import rekey.model.TableName;

/// What the rows of a key say to an engine that folds them, however far merges have come with it: expressions over a
/// GROUP BY of that key, the same before a merge and after it.
///
/// Only what is exact is compared. Left out are what the engine itself keeps any of, what depends on the order or
/// the place of merges (sums of floats, samples, the last of equal ones), and keys whose signs do not pair, of which
/// merges keep now this and now that row.
///
/// @param values  expressions, of which none is a column of the key
/// @param having  which keys are there at all, `1` for all
/// @param paired  a condition on a key by which it can be told, `1` for all
/// @param untold  columns that are not compared
record Meaning(List<String> values, String having, String paired, List<String> untold) {
    private static final String ORDER = "tuple(_block_number, _part_offset)";
    /// Functions whose merged states are the same in any order of merges, as long as no float is in them.
    private static final List<String> EXACT = List.of(
            "count",
            "sum",
            "sumWithOverflow",
            "avg",
            "min",
            "max",
            "uniqExact",
            "groupBitAnd",
            "groupBitOr",
            "groupBitXor",
            "sumMap",
            "minMap",
            "maxMap");
    private static final Pattern COMBINATOR = Pattern.compile("(If|Array|OrNull|OrDefault)$");
    private static final Pattern SUMMED = Pattern.compile("(?:Nullable\\()?(?:U?Int\\d+|Decimal\\(.*)\\)?");
    private static final Pattern MAP_KEY = Pattern.compile("Array\\((U?Int\\d+|Date|DateTime|String)\\)");
    private static final Pattern MAP_VALUE = Pattern.compile("Array\\(U?Int\\d+\\)");
    private static final Pattern STATE =
            Pattern.compile("AggregateFunction\\((?:\\d+, )?(\\w+)(?:\\(.*\\))?(?:, (.*))?\\)", Pattern.DOTALL);
    private static final Pattern SIMPLE =
            Pattern.compile("SimpleAggregateFunction\\((\\w+)(?:\\(.*\\))?, (.*)\\)", Pattern.DOTALL);
    private static final Pattern FLOAT = Pattern.compile("\\bB?Float\\d+\\b");

    /// Of a table by its own keys.
    static Meaning of(Table table) {
        return switch (table.engine().replaceFirst("^(Replicated|Shared)", "")) {
            case "SummingMergeTree" -> adding(table, true);
            case "AggregatingMergeTree" -> adding(table, false);
            case "CollapsingMergeTree" -> collapsing(table);
            case "VersionedCollapsingMergeTree" -> versioned(table);
            case "CoalescingMergeTree" -> coalescing(table);
            default -> new Meaning(List.of(), "1", "1", names(table.storedColumns()));
        };
    }

    private static Meaning adding(Table table, boolean sums) {
        var values = new ArrayList<String>();
        var untold = new ArrayList<String>();
        var summed = new ArrayList<String>();
        boolean states = false;
        var maps = sums && table.engineArguments().isEmpty() ? maps(table) : Map.<Column, String>of();
        values.addAll(new TreeSet<>(maps.values()));
        for (var c : table.storedColumns()) {
            if (table.inKey(c) || maps.containsKey(c)) continue;
            boolean state = c.type().contains("AggregateFunction(");
            states |= state;
            var value = state ? state(c) : sums ? summed(table, c) : Optional.<String>empty();
            if (!state && sums && table.folded(c) && value.isPresent()) summed.add(value.get());
            value.ifPresentOrElse(values::add, () -> untold.add(c.name()));
        }
        // a row in which all sums are zero and all maps are empty goes, of one table sooner than of the other
        var there = new ArrayList<>(List.of("0"));
        summed.forEach(v -> there.add("ifNull(" + v + ", 0) != 0"));
        new TreeSet<>(maps.values()).forEach(m -> there.add("notEmpty(tupleElement(" + m + ", 1))"));
        return new Meaning(values, sums && !states ? "(" + String.join(" OR ", there) + ")" : "1", "1", untold);
    }

    /// Columns of nested tables whose name ends with `Map` are maps: their values are added up by the first column,
    /// and what is zero goes. Not those with several columns in their key.
    private static Map<Column, String> maps(Table table) {
        var out = new LinkedHashMap<Column, String>();
        table.storedColumns().stream()
                .filter(c -> c.name().matches(".*Map\\..+") && !table.inKey(c))
                .collect(Collectors.groupingBy(
                        c -> c.name().substring(0, c.name().indexOf('.')), LinkedHashMap::new, Collectors.toList()))
                .values()
                .forEach(columns -> {
                    var values = columns.subList(1, columns.size());
                    boolean one = MAP_KEY.matcher(columns.getFirst().type()).matches()
                            && !values.isEmpty()
                            && values.stream()
                                    .allMatch(c -> MAP_VALUE.matcher(c.type()).matches()
                                            && !c.name().matches(".*(ID|Key|Type)"));
                    if (!one) return;
                    var sum = "sumMapWithOverflow("
                            + columns.stream().map(Column::sql).collect(Collectors.joining(", ")) + ")";
                    columns.forEach(c -> out.put(c, sum));
                });
        return out;
    }

    private static Optional<String> summed(Table table, Column c) {
        return SUMMED.matcher(c.type()).matches() && table.folded(c)
                ? Optional.of("sumWithOverflow(" + c.sql() + ")")
                : Optional.empty();
    }

    /// A state by what its merged one yields and by how its bytes are made up: an average alone says nothing of how
    /// many it is of.
    private static Optional<String> state(Column c) {
        if (FLOAT.matcher(c.type()).find()) return Optional.empty();
        var simple = SIMPLE.matcher(c.type());
        if (simple.matches()) {
            var function = simple.group(1);
            if (List.of("groupUniqArrayArray", "groupArrayArray").contains(function))
                return Optional.of("arraySort(" + function + "(" + c.sql() + "))");
            return EXACT.contains(function) ? Optional.of(function + "(" + c.sql() + ")") : Optional.empty();
        }
        var state = STATE.matcher(c.type());
        if (!state.matches()) return Optional.empty();
        var function = state.group(1);
        for (var before = ""; !before.equals(function) && !EXACT.contains(function); ) {
            before = function;
            function = COMBINATOR.matcher(function).replaceFirst("");
        }
        if (!EXACT.contains(function)) return Optional.empty();
        return Optional.of(Checksum.value(new Column("rekey_state", c.type(), "", "", ""))
                .replace("`rekey_state`", "rekey_state")
                .replace("rekey_state", state.group(1) + "MergeState(" + c.sql() + ")"));
    }

    /// A state that was set and cancelled is nothing, and of several that were set the last stays, as long as each
    /// is cancelled before the next is set, or with it.
    private static Meaning collapsing(Table table) {
        var sign = TableName.quote(table.sign());
        var row = Checksum.hash(
                table.storedColumns().stream().map(Checksum::value).toList());
        var signs = "arrayMap(x -> toInt64(x.2), arraySort(groupArray(tuple(" + ORDER + ", " + sign + "))))";
        return new Meaning(
                List.of("sum(" + sign + ")", "argMaxIf(" + row + ", " + ORDER + ", " + sign + " = 1)"),
                "sum(" + sign + ") != 0",
                "arrayMax(arrayCumSum(" + signs + ")) <= 1 AND arrayMin(arrayCumSum(" + signs + ")) >= 0",
                List.of());
    }

    /// Rows of a key and version cancel out wherever they stand.
    private static Meaning versioned(Table table) {
        var sign = TableName.quote(table.sign());
        var row = Checksum.hash(table.storedColumns().stream()
                .filter(c -> !c.name().equals(table.sign()))
                .map(Checksum::value)
                .toList());
        return new Meaning(
                List.of("sum(" + sign + ")", "any(" + row + ")"),
                "sum(" + sign + ") != 0",
                "uniqExact(" + row + ") = 1",
                List.of());
    }

    private static Meaning coalescing(Table table) {
        var values = new ArrayList<String>();
        var untold = new ArrayList<String>();
        for (var c : table.storedColumns()) {
            if (table.inKey(c)) continue;
            if (!table.folded(c)) untold.add(c.name());
            else
                values.add("argMaxIf(" + Checksum.hash(List.of(Checksum.value(c))) + ", " + ORDER + ", isNotNull("
                        + c.sql() + "))");
        }
        return new Meaning(values, "1", "1", untold);
    }

    private static List<String> names(List<Column> columns) {
        return columns.stream().map(Column::name).toList();
    }
}
