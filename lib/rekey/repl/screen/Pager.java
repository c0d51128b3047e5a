package rekey.repl.screen;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.jline.builtins.Less;
import org.jline.builtins.Source;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.utils.Status;
import rekey.model.Trouble;

/// Shows a text a page at a time, as `less -S` does: arrows move, also to the sides, `/` searches, `q` leaves.
public final class Pager {
    private Pager() { }

    /// Whether a text is too long for the screen, and the terminal can do more than print lines.
    static boolean pages(Terminal terminal, String text) {
        return able(terminal) && text.lines().count() >= terminal.getSize().getRows();
    }

    /// Whether it can move a cursor.
    public static boolean able(Terminal terminal) {
        return terminal.getSize().getRows() > 4 && !terminal.getType().startsWith(Terminal.TYPE_DUMB);
    }

    /// Reads on as the person does, and no further. The lines at the bottom are away meanwhile.
    public static void show(Terminal terminal, InputStream text) {
        var less = new Less(terminal, Path.of("").toAbsolutePath());
        less.chopLongLines = true;
        var status = Status.getStatus(terminal, false);
        Attributes before = terminal.getAttributes();
        if (status != null) status.suspend();
        try {
            less.run(new Source.InputStreamSource(text, true, "answer: q leaves, h helps"));
        } catch (IOException e) {
            throw new Trouble.Failed("The answer could not be read to its end: " + e.getMessage() + ".", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            terminal.setAttributes(before);
            if (status != null) status.restore();
        }
    }
}
