package rekey.clickhouse;

import java.util.regex.Pattern;
import rekey.model.TableName;
import rekey.model.Trouble;

/// The place of a table's name in a person's query, so that it can be asked of another table.
public final class QueryPlace {
    private QueryPlace() {}

    /// The query with `{table}` in the place of the name, which may stand there already.
    ///
    /// @throws Trouble.Usage when the query does not name the table
    public static String placed(String query, TableName live) {
        var sql = query.strip().replaceAll(";$", "");
        if (sql.contains("{table}")) return sql;
        var db = "(?:`?" + Pattern.quote(live.database()) + "`?\\.)?";
        var out = Pattern.compile(
                        "(?i)(\\b(?:FROM|JOIN)\\s+)" + db + "`?" + Pattern.quote(live.table()) + "`?(?![\\w.`])")
                .matcher(sql)
                .replaceAll("$1{table}");
        if (!out.contains("{table}"))
            throw new Trouble.Usage("The query '" + query + "' does not name " + live
                    + ": write {table} where the table's name belongs.");
        return out;
    }
}
