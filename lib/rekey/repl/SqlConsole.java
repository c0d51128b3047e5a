package rekey.repl;

/// What becomes of a line that is SQL.
public interface SqlConsole {
    /// Whether a text ends where a statement ends: `;` or `\G` outside of quotes and comments.
    boolean whole(String text);

    /// Runs the statements of a text one after the other until one fails; errors are thrown.
    ///
    /// Answers go to [Shell#out()], the rest with [Shell#say(String)]. Ctrl-C: `try (var _ = shell.onInterrupt(() -> ...))`.
    ///
    /// @return an exit code
    int run(String text, Shell shell);
}
