package rekey.session;

import java.util.List;
import java.util.stream.Collectors;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import tools.jackson.databind.json.JsonMapper;

/// The statements by which a runner writes lines of a migration.
record JournalInsert(TableName table, String migration, String runner) {
    static final String NOT_LAST = "rekey: a later line is there";

    /// What each begins with.
    String select() {
        return "INSERT INTO " + table.sql()
                + " (at, migration, runner, number, step, event, detail) SETTINGS async_insert = 0 SELECT ";
    }

    /// One or more lines.
    String of(List<Entry> lines) {
        var whose = Sql.text(migration) + ", " + Sql.text(runner) + ", ";
        if (lines.size() == 1) {
            var e = lines.getFirst();
            return select() + "fromUnixTimestamp64Micro(" + Micros.of(e.at()) + "), " + whose + values(e);
        }
        return select() + "fromUnixTimestamp64Micro(toInt64(r.1)), " + whose
                + "r.2, r.3, r.4, r.5 FROM (SELECT arrayJoin("
                + lines.stream()
                        .map(e -> "(" + Micros.of(e.at()) + ", " + values(e) + ")")
                        .collect(Collectors.joining(", ", "[", "]"))
                + ") AS r)";
    }

    private static String values(Entry e) {
        return String.join(
                ", ",
                "" + e.number(),
                Sql.text(e.step()),
                Sql.text(e.event().name()),
                Sql.text(JsonMapper.shared().writeValueAsString(DetailText.write(e.detail()))));
    }

    /// An error, and so no line, where the last one who took the migration is another, or where a guard has written
    /// meanwhile and its clock was reckoned a few milliseconds ahead of this one's: an UNLOCKED once stood before
    /// the RESUMED that it had been written after.
    /// The lines themselves don't count: they may be there, and their answer lost. Both are asked in one reading:
    /// two took twice as long, and a run asks so before each line by which somebody goes.
    ///
    /// @param first of the lines, each of which has a higher number than the one before it
    String whileMineAndLast(Entry first) {
        var last = "(SELECT tuple(argMaxIf(runner, (at, runner, number), event = 'LOCKED' OR "
                + LineKeys.SERVER_IS_BACK + "), toUnixTimestamp64Micro(maxIf(at, NOT (runner = " + Sql.text(runner)
                + " AND number >= " + first.number() + ")))) FROM " + table.sql() + " WHERE migration = "
                + Sql.text(migration) + ")";
        return " WHERE throwIf(" + last + ".1 != " + Sql.text(runner) + ") = 0 AND throwIf(" + last + ".2 >= "
                + Micros.of(first.at()) + ", '" + NOT_LAST + "') = 0";
    }
}
