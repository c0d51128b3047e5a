package rekey.report;

import java.util.List;
import java.util.stream.Collectors;

/// A thing to do by hand: statements that are run together, one after the other, and how to see that it worked.
///
/// @param title  what it does; with a number before it, by which others refer to it
/// @param says   what a person should know of it; may be empty
/// @param sql    without the closing semicolons
/// @param answer what to look for in the last answer, a sentence
record RunbookBlock(String title, String says, List<String> sql, String answer) {

    static RunbookBlock of(String title, String says, List<String> sql, String answer) {
        return new RunbookBlock(title, says, List.copyOf(sql), answer);
    }

    /// The last statement answers this when all is well.
    static String answers(String text) {
        return "It worked when the last answer is `" + text + "`.";
    }

    /// Nothing to look for but that there was no error.
    static String noError() {
        return "It worked when there was no error.";
    }

    /// No row is the good answer.
    static String noRow() {
        return "It worked when the last statement answers no row.";
    }

    /// To be repeated.
    static String until(String text) {
        return "Run this block again until its last answer is `" + text + "`.";
    }

    /// To be repeated until what is left is little.
    static String untilSmall() {
        return "Run this block again until its last answer is small: about what comes in while you read this.";
    }

    /// Another block once more.
    static String again(String number, String text) {
        return "Run block " + number + " again until its last answer is `" + text + "`.";
    }

    /// What the server answers are statements themselves.
    static String paste() {
        return "Run what it answers, each line a statement; nothing where it answers no row.";
    }

    String markdown() {
        var out = new StringBuilder("#### ").append(title).append("\n\n");
        if (!says.isEmpty()) out.append(says).append("\n\n");
        if (!sql.isEmpty()) out.append(fenced(sql)).append("\n\n");
        return out.append(answer).append('\n').toString();
    }

    /// Within a sentence; names have backticks of their own.
    static String inline(List<String> sql) {
        return sql.stream().map(s -> "`` " + s.strip() + "; ``").collect(Collectors.joining(" "));
    }

    static String fenced(List<String> sql) {
        return sql.stream().map(s -> s.strip() + ";").collect(Collectors.joining("\n", "```sql\n", "\n```"));
    }
}
