package rekey.repl.screen;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import rekey.model.Trouble;
import rekey.sheet.Words;

/// Where answers go: the screen, or for one command the file that was named after `>`.
public final class Redirect {
    private final Screen screen;
    private PrintWriter file;
    private boolean watched;

    public Redirect(Screen screen) {
        this.screen = screen;
    }

    public PrintWriter out() {
        return file == null ? screen.out() : file;
    }

    /// An answer of many lines; while a line is watched no more of it than fits, for nobody is to leave a pager each time.
    public void page(String text) {
        if (file != null) file.println(text);
        else if (watched) screen.out().println(Words.head(text, screen.height() - 4));
        else screen.page(text);
        out().flush();
    }

    /// Whether answers may be paged.
    public boolean pages() {
        return !watched && screen.height() > 4 && file == null;
    }

    /// Until the answer is closed a line is run again and again.
    public Ending watching() {
        watched = true;
        return () -> watched = false;
    }

    /// @param name empty for the screen
    public int to(String name, boolean append, java.util.function.IntSupplier command) {
        if (name.isEmpty()) return command.getAsInt();
        var path = Path.of(name.replaceFirst("^~(?=/)", System.getProperty("user.home")));
        try (var writer = new PrintWriter(append ? Files.newBufferedWriter(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND) : Files.newBufferedWriter(path))) {
            file = writer;
            return command.getAsInt();
        } catch (IOException | UncheckedIOException e) {
            throw new Trouble.Failed("The file " + path + " can't be written (" + e.getMessage() + "): name another after >.", e);
        } finally {
            file = null;
        }
    }
}
