package rekey.repl.screen;

import java.io.Writer;
import java.util.function.Consumer;

/// Hands on what is written, a flush's worth at a time.
public final class SayingWriter extends Writer {
    private final StringBuilder text = new StringBuilder();
    private final Consumer<String> to;

    public SayingWriter(Consumer<String> to) {
        this.to = to;
    }

    @Override public void write(char[] chars, int from, int length) {
        text.append(chars, from, length);
    }

    @Override public void flush() {
        if (!text.toString().isBlank()) to.accept(text.toString().stripTrailing());
        text.setLength(0);
    }

    @Override public void close() {
        flush();
    }
}
