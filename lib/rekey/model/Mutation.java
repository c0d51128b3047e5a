package rekey.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// One command of a mutation as `system.mutations` shows it.
///
/// @param number  its version, on a replicated table its place among the mutations: rows of blocks with a lower
///                number are changed by it, those with a higher one are not
/// @param numbers the same for each partition, under its id; of a table that is not replicated the one number of
///                all, under no id
/// @param command such as `(DELETE WHERE k = 5)`
/// @param done    whether every part has been changed
/// @param failure why it does not get on; empty when nothing is known to be wrong
/// @param at      when it was made, by the server's clock
/// @param second  the same in seconds since 1970
public record Mutation(
        long number, Map<String, Long> numbers, String command, boolean done, String failure, String at, long second) {
    /// Stands in the condition of each that rekey makes on the other table, so that it is told from its owner's.
    private static final String OURS = "notEmpty('rekey";

    /// A lightweight DELETE is one too, told by the column that masks rows.
    private static final Pattern DELETE = Pattern.compile("(?s)\\((?:DELETE|UPDATE _row_exists = 0) WHERE (.*)\\)");
    /// What makes files anew and leaves every row as it is, or takes away only what has expired or was
    /// deleted already.
    private static final Pattern SAME_ROWS = Pattern.compile(
            "(?s)\\((?:MATERIALIZE (?:INDEX|PROJECTION|STATISTICS|TTL)|APPLY DELETED MASK|(?:DROP|CLEAR)"
                    + " (?:INDEX|PROJECTION|STATISTICS)) ?.*\\)");
    /// What may say something else when it is asked of another table or at another time.
    private static final Pattern VOLATILE = Pattern.compile(
            "(?i)\\bSELECT\\b|\\b(now|now64|nowInBlock\\w*|today|yesterday|curdate|current_date|current_timestamp|"
                    + "localtimestamp|UTC_?timestamp|uptime|rand\\w*|generate\\w+|dict\\w+|joinGet\\w*|hostName|"
                    + "rowNumber\\w*|"
                    + "array(?:Partial)?Shuffle|arrayRandomSample|fuzzBits|dateTimeToUUIDv7|IN"
                    + " PARTITION)\\b|\\b_(part|part_\\w+|partition_id|partition_value|"
                    + "block_number|block_offset|row_exists|sample_factor|data_version)\\b|\\bIN"
                    + " (?:[A-Za-z_`]|\\([A-Za-z_`][^'(),]*\\))");

    /// Of a table that is not replicated.
    public Mutation(long number, String command, boolean done, String failure, String at) {
        this(number, Map.of("", number), command, done, failure, at, 0);
    }

    /// The numbers by partition, of pairs with a colon.
    public static Map<String, Long> numbers(List<String> pairs) {
        return pairs.stream()
                .map(pair -> pair.split(":"))
                .collect(Collectors.toMap(pair -> pair[0], pair -> Long.parseLong(pair[1])));
    }

    /// A condition by which rekey deletes, known as its own wherever it is read again.
    ///
    /// @param of whose DELETEs it makes again
    public static String ours(String condition, String of) {
        return condition + " AND " + OURS + " makes again what " + of + " got')";
    }

    /// Whether rekey made it.
    public boolean isOurs() {
        return command.contains(OURS);
    }

    /// Whether a block came before it, so that it changes rows of that. A partition that it does not
    /// know came later.
    public boolean reaches(String partition, long block) {
        return block < from(partition);
    }

    /// The lowest block that it leaves alone.
    public long from(String partition) {
        return numbers.containsKey("") ? numbers.get("") : numbers.getOrDefault(partition, 0L);
    }

    /// The rows that any of several conditions of a DELETE takes: where one is NULL it takes none.
    public static String matching(List<String> conditions) {
        return conditions.stream().map(c -> "ifNull((" + c + "), 0)").collect(Collectors.joining(" OR ", "(", ")"));
    }

    /// Whether it leaves all rows as they are.
    public boolean harmless() {
        return SAME_ROWS.matcher(command).matches();
    }

    /// The condition of a DELETE that means the same rows in another table and at another time; empty
    /// for whatever else.
    public Optional<String> deletes() {
        var m = DELETE.matcher(command);
        return m.matches() && !varies(withoutText(m.group(1))) ? Optional.of(m.group(1)) : Optional.empty();
    }

    /// Whether an expression without texts may yield something else for another table or at another time.
    static boolean varies(String expression) {
        return VOLATILE.matcher(expression).find();
    }

    public static String withoutText(String condition) {
        return condition.replaceAll("'(?:[^'\\\\]|\\\\.|'')*'", "''");
    }

    @Override
    public String toString() {
        return command + " of " + at;
    }
}
