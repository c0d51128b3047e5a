package rekey.maintainer.table;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import rekey.clickhouse.ClickHouse;
import rekey.model.TableName;

/// What a drawn table holds against what it should: the rows and each column by the second table, which had the same
/// statements and was never migrated; the definition by a table that was made with the wanted keys by its own
/// CREATE.
/// None of rekey's own ways of comparing is used.
final class TableJudge {
    /// What rekey sets on the live table until its migration is final.
    private static final List<String> OURS =
            List.of("enable_block_number_column", "finished_mutations_to_keep", "materialize_ttl_recalculate_only");

    private final ClickHouse server;
    private final DrawnTable drawn;
    private final TableName table, second;

    /// @param lost      rows that are missing
    /// @param doubled   rows that are there more often than they should be
    /// @param different columns and clauses that are not as they should be
    record Found(long lost, long doubled, List<String> different) {
        boolean none() {
            return lost == 0 && doubled == 0 && different.isEmpty();
        }

        @Override
        public String toString() {
            return lost + " lost, " + doubled + " doubled, " + different.size() + " different"
                    + (different.isEmpty() ? "" : ": " + String.join("; ", different));
        }
    }

    TableJudge(ClickHouse server, DrawnTable drawn, TableName table, TableName second) {
        this.server = server;
        this.drawn = drawn;
        this.table = table;
        this.second = second;
    }

    /// @param wanted a table of the wanted definition
    /// @param during whether the migration has begun and is not final: its own settings may stand there then
    Found judge(TableName wanted, boolean during) {
        var rows = server.one("""
            SELECT sum(greatest(0, b - a)) AS lost, sum(greatest(0, a - b)) AS doubled FROM (
              SELECT seq, toInt64(countIf(side = 0)) AS a, toInt64(countIf(side = 1)) AS b FROM (
                SELECT seq, 0 AS side FROM %s UNION ALL SELECT seq, 1 AS side FROM %s) GROUP BY seq)\
            """.formatted(rows(table), rows(second)));
        var different = new ArrayList<String>();
        // where rows are missing every column differs
        if (rows.number("lost") == 0 && rows.number("doubled") == 0) different.addAll(columns());
        different.addAll(definition(wanted, during));
        return new Found(rows.number("lost"), rows.number("doubled"), List.copyOf(different));
    }

    /// The rows as they should show, whatever was merged so far.
    private String rows(TableName of) {
        var seen = "(SELECT "
                + Stream.concat(
                                Stream.of("*"),
                                drawn.compared().stream()
                                        .filter(c -> c.definition().contains(" MATERIALIZED ")
                                                || c.definition().contains(" ALIAS "))
                                        .map(DrawnColumn::sql))
                        .collect(Collectors.joining(", "))
                + " FROM " + of.sql() + drawn.engine().asMerged + " WHERE " + drawn.alive();
        return drawn.keys().finer()
                ? seen + " ORDER BY ver DESC LIMIT 1 BY "
                        + drawn.keys().before().orderBy().replace(" DESC", "") + ")"
                : seen + ")";
    }

    private List<String> columns() {
        var here = columns(table);
        var there = columns(second);
        return here.keySet().stream()
                .filter(name -> !here.get(name).equals(there.get(name)))
                .map(name -> "column " + name)
                .toList();
    }

    private Map<String, String> columns(TableName of) {
        var compared = drawn.compared();
        var sums = new ArrayList<String>();
        for (int n = 0; n < compared.size(); n++)
            sums.add("sum(cityHash64(tuple(seq, " + compared.get(n).compared() + "))) AS sum_" + n);
        var row = server.one("SELECT " + String.join(", ", sums) + " FROM " + rows(of));
        var out = new LinkedHashMap<String, String>();
        for (int n = 0; n < compared.size(); n++) out.put(compared.get(n).name(), row.string("sum_" + n));
        return out;
    }

    private List<String> definition(TableName wanted, boolean during) {
        var is = clauses(table, during);
        var should = clauses(wanted, during);
        var names = new TreeSet<>(is.keySet());
        names.addAll(should.keySet());
        return names.stream()
                .filter(name -> !is.getOrDefault(name, "").equals(should.getOrDefault(name, "")))
                .map(name -> name + " is " + is.getOrDefault(name, "(none)") + " and not "
                        + should.getOrDefault(name, "(none)"))
                .toList();
    }

    /// What another host has otherwise than this one: how many rows, each column, and the definition.
    List<String> otherThan(ClickHouse host, String name) {
        host.execute("SYSTEM SYNC REPLICA " + table.sql());
        var there = new TableJudge(host, drawn, table, second);
        var out = new ArrayList<String>();
        var here = columns(table);
        there.columns(table).forEach((column, sum) -> {
            if (!sum.equals(here.get(column))) out.add("column " + column + " on " + name);
        });
        var count = "SELECT count() AS n FROM " + table.sql() + drawn.engine().asMerged;
        if (server.one(count).number("n") != host.one(count).number("n")) out.add("rows on " + name);
        var create = "SHOW CREATE TABLE " + table.sql();
        if (!server.one(create).string("statement").equals(host.one(create).string("statement")))
            out.add("definition on " + name);
        return out;
    }

    /// A definition by its clauses as SHOW CREATE has them, each setting by itself, for they stand in no order; that
    /// of a replicated table without its path.
    private Map<String, String> clauses(TableName of, boolean during) {
        var statement = server.one("SHOW CREATE TABLE " + of.sql()).string("statement");
        int columns = statement.indexOf("\n("), end = statement.indexOf("\n)\n");
        var out = new LinkedHashMap<String, String>();
        out.put("columns", statement.substring(columns, end));
        for (var line : statement.substring(end + 3).split("\n(?=[A-Z])")) {
            var word = line.replaceFirst("(?s)^(ENGINE|[A-Z]+ BY|PRIMARY KEY|[A-Z]+) .*", "$1");
            var text = line.substring(word.length())
                    .strip()
                    .replaceFirst("^= Replicated(\\w+)\\('[^']*', '[^']*'(?:, )?", "= $1(")
                    .replaceFirst("^(= \\w+)\\(\\)", "$1");
            if (!word.equals("SETTINGS")) out.put(word, text);
            else
                for (var setting : text.split(", (?=[a-z_]+ = )")) {
                    var name = setting.replaceFirst(" = .*", "");
                    if (!during || !OURS.contains(name)) out.put("setting " + name, setting);
                }
        }
        return out;
    }
}
