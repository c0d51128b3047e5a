package rekey.repl.line;

import java.time.Duration;
import java.util.List;

/// What was typed.
public sealed interface Line {
    /// Nothing, or a comment.
    record Empty() implements Line {}

    /// A command and its arguments.
    ///
    /// @param file   where the output goes; empty for the screen
    /// @param append whether it is added to the file
    record Words(List<String> words, String file, boolean append) implements Line {}

    /// One or more statements, each with its end.
    ///
    /// @param file   where the answers go; empty for the screen
    /// @param append whether they are added to the file
    record Sql(String text, String file, boolean append) implements Line {
        Sql(String text) {
            this(text, "", false);
        }
    }

    /// A line to be run again and again.
    record Watch(Duration every, String line) implements Line {}

    /// More is to come: a statement without its end, a quote that is open.
    record Open(String awaits) implements Line {}
}
