package rekey.model;

import java.util.Optional;
import java.util.regex.Pattern;

/// One command of a mutation as `system.mutations` shows it.
///
/// @param number  its version: rows of blocks with a lower number are changed by it, those with a higher one are not
/// @param command such as `(DELETE WHERE k = 5)`
/// @param done    whether every part has been changed
/// @param failure why it does not get on; empty when nothing is known to be wrong
/// @param at      when it was made, by the server's clock
public record Mutation(long number, String command, boolean done, String failure, String at) {
    /// A lightweight DELETE is one too, told by the column that masks rows.
    private static final Pattern DELETE = Pattern.compile("(?s)\\((?:DELETE|UPDATE _row_exists = 0) WHERE (.*)\\)");
    /// What makes files anew and leaves every row as it is, or takes away only what has expired or was deleted already.
    private static final Pattern SAME_ROWS = Pattern.compile("(?s)\\((?:MATERIALIZE (?:INDEX|PROJECTION|STATISTICS|TTL)|APPLY DELETED MASK|(?:DROP|CLEAR) (?:INDEX|PROJECTION|STATISTICS)) ?.*\\)");
    /// What may say something else when it is asked of another table or at another time.
    private static final Pattern VOLATILE = Pattern.compile("(?i)\\bSELECT\\b|\\b(now|now64|nowInBlock\\w*|today|yesterday|curdate|current_date|current_timestamp|localtimestamp|UTC_?timestamp|uptime|rand\\w*|generate\\w+|dict\\w+|joinGet\\w*|hostName|rowNumber\\w*|array(?:Partial)?Shuffle|arrayRandomSample|fuzzBits|dateTimeToUUIDv7|IN PARTITION)\\b"
            + "|\\b_(part|part_\\w+|partition_id|partition_value|block_number|block_offset|row_exists|sample_factor|data_version)\\b|\\bIN (?:[A-Za-z_`]|\\([A-Za-z_`][^'(),]*\\))");

    /// Whether it leaves all rows as they are.
    public boolean harmless() {
        return SAME_ROWS.matcher(command).matches();
    }

    /// The condition of a DELETE that means the same rows in another table and at another time; empty for whatever else.
    public Optional<String> deletes() {
        var m = DELETE.matcher(command);
        return m.matches() && !varies(withoutText(m.group(1))) ? Optional.of(m.group(1)) : Optional.empty();
    }

    /// Whether an expression without texts may yield something else for another table or at another time.
    static boolean varies(String expression) {
        return VOLATILE.matcher(expression).find();
    }

    static String withoutText(String condition) {
        return condition.replaceAll("'(?:[^'\\\\]|\\\\.|'')*'", "''");
    }

    @Override public String toString() {
        return command + " of " + at;
    }
}
