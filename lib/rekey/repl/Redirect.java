package rekey.repl;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import rekey.model.Trouble;

/// Where answers go: the screen, or for one command the file that was named after `>`.
final class Redirect {
    private final Screen screen;
    private PrintWriter file;

    Redirect(Screen screen) {
        this.screen = screen;
    }

    PrintWriter out() {
        return file == null ? screen.out() : file;
    }

    /// @param name empty for the screen
    int to(String name, boolean append, java.util.function.IntSupplier command) {
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
