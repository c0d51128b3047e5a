package rekey.repl.screen;

import java.io.InputStream;
import java.io.PrintWriter;
import java.util.List;

/// Where a session is read from and written to: a terminal with a person before it, or a pipe.
public interface Screen extends AutoCloseable {
    /// Whether a person is there who can be asked, and steps run while the prompt stays usable.
    boolean interactive();

    /// Columns; 80 where there is no terminal.
    int width();

    /// Rows; 0 where output is never paged.
    int height();

    /// One whole line or statement, which may span several lines of the screen.
    ///
    /// @return null at the end of the input
    /// @throws org.jline.reader.UserInterruptException on Ctrl-C
    String read(String prompt);

    /// The last lines that were read, the latest last.
    List<String> history(int lines);

    /// For answers.
    PrintWriter out();

    /// An answer of many lines: before a person a page at a time, where it is more than fits.
    void page(String text);

    /// The same of a text that is still coming; the person may leave before its end.
    void page(InputStream text);

    /// For the person: progress and complaints, from any thread, above the prompt where one stands.
    void say(String text);

    /// The lines at the bottom; none takes them away.
    void status(List<String> lines);

    /// Yes or no; no where nobody can be asked.
    boolean ask(String question);

    /// A password, read without echo; empty where nobody can be asked.
    String secret(String question);

    /// A prompt that has changed while it stands.
    void prompt(String prompt);

    /// What Ctrl-C does while a command runs.
    void onInterrupt(Runnable handler);

    @Override
    void close();
}
