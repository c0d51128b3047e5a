package rekey.repl.screen;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.Reader;
import java.util.List;
import rekey.model.Trouble;
import rekey.repl.line.LineParser;
import rekey.sheet.Secrets;

/// A pipe: commands come in line by line, answers go out, everything else to standard error. Nobody can be asked,
/// and a command has ended before the next is read.
public final class PlainScreen implements Screen {
    private final BufferedReader in;
    private final PrintWriter out, err;
    private final LineParser lines;

    public PlainScreen(Reader in, PrintWriter out, PrintWriter err, LineParser lines) {
        this.in = new BufferedReader(in);
        this.out = out;
        this.err = err;
        this.lines = lines;
    }

    @Override
    public boolean interactive() {
        return false;
    }

    @Override
    public int width() {
        return 80;
    }

    @Override
    public int height() {
        return 0;
    }

    /// What is read is shown as what was asked, so that the log of a piped session can be read, but for passwords.
    @Override
    public String read(String prompt) {
        try {
            var text = new StringBuilder();
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                if (text.isEmpty() && line.isBlank()) continue;
                text.append(text.isEmpty() ? "" : "\n").append(line);
                if (lines.whole(text.toString())) break;
            }
            if (text.isEmpty()) return null;
            say("> " + Secrets.untold(text.toString()));
            return text.toString();
        } catch (IOException e) {
            throw new Trouble.Failed("The commands can't be read: " + e.getMessage() + ".", e);
        }
    }

    @Override
    public List<String> history(int lines) {
        return List.of();
    }

    @Override
    public PrintWriter out() {
        return out;
    }

    @Override
    public void page(String text) {
        out.println(text);
        out.flush();
    }

    @Override
    public void page(InputStream text) {
        try {
            out.print(new String(text.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void say(String text) {
        out.flush();
        err.println(text);
        err.flush();
    }

    @Override
    public void status(List<String> lines) {}

    @Override
    public boolean ask(String question) {
        return false;
    }

    @Override
    public String secret(String question) {
        return "";
    }

    @Override
    public void prompt(String prompt) {}

    @Override
    public void onInterrupt(Runnable handler) {}

    @Override
    public void close() {
        out.flush();
    }
}
