package rekey.repl.screen;

import java.io.Writer;
import java.util.HashMap;
import java.util.List;
import org.jline.reader.impl.LineReaderImpl;
import org.jline.terminal.Terminal;
import org.jline.utils.AttributedString;
import org.jline.utils.Status;

/// JLine's reader, and all that is drawn beside what it draws itself: lines above the prompt, the bottom lines, a
/// prompt that changes. JLine draws its bottom lines without the reader's lock, and what two threads draw at once is
/// garbled; so here everything is drawn with that lock held.
final class PromptDisplay extends LineReaderImpl {
    private boolean asks, away;
    private String stands = "";

    PromptDisplay(Terminal terminal, String name) {
        super(terminal, name, new HashMap<>());
        terminal.handle(
                Terminal.Signal.WINCH,
                s -> drawing(() ->
                        Status.getExistingStatus(terminal).ifPresent(status -> status.resize(terminal.getSize()))));
    }

    private void drawing(Runnable what) {
        lock.lock();
        try {
            what.run();
        } finally {
            lock.unlock();
        }
    }

    /// Whether this thread is in the middle of drawing, and must not wait for another that would.
    boolean drawsHere() {
        return lock.isHeldByCurrentThread();
    }

    /// A text of one or more lines above the prompt, or where output is when none stands.
    void above(String text) {
        printAbove(text);
    }

    /// The bottom lines. One more or less of them moves what stands above, so the prompt is taken away first and
    /// drawn again.
    void bottom(List<String> lines) {
        drawing(() -> {
            var status = Status.getStatus(terminal, !lines.isEmpty());
            if (away || status == null || !TerminalScreen.able(terminal)) return;
            boolean moves = reading && lines.size() != status.size();
            if (moves) display.update(List.of(), 0);
            status.resize(terminal.getSize());
            status.update(lines.stream().map(AttributedString::new).toList());
            if (moves) redisplay();
            terminal.flush();
        });
    }

    /// Another prompt where one stands; a question that waits for its answer stays.
    void changed(String prompt) {
        drawing(() -> {
            if (!reading || asks || prompt.equals(stands)) return;
            stands = prompt;
            // drawn whole: where only characters go away, what follows them was taken along
            display.update(List.of(), 0);
            setPrompt(prompt);
            redisplay();
        });
    }

    /// Reads a line.
    String line(String prompt) {
        drawing(() -> stands = prompt);
        return readLine(prompt);
    }

    /// Reads the answer to a question: no line for the history, and no other prompt in its place.
    String answer(String question, Character mask) {
        asking(true);
        try {
            return readLine(question, mask);
        } finally {
            asking(false);
        }
    }

    private void asking(boolean asking) {
        drawing(() -> asks = asking);
        setVariable(DISABLE_HISTORY, asking);
    }

    /// Nothing is drawn on a terminal that was given back.
    void over() {
        drawing(() -> away = true);
    }

    /// Output of commands, which may come while the bottom lines are drawn.
    Writer output() {
        return new Writer() {
            @Override
            public void write(char[] text, int from, int length) {
                drawing(() -> terminal.writer().write(text, from, length));
            }

            @Override
            public void flush() {
                drawing(terminal::flush);
            }

            @Override
            public void close() {}
        };
    }

    @Override
    protected synchronized void handleSignal(Terminal.Signal signal) {
        drawing(() -> super.handleSignal(signal));
    }
}
