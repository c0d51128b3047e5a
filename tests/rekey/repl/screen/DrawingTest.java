package rekey.repl.screen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.LineDisciplineTerminal;
import org.jline.utils.ScreenTerminal;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.maintainer.ScriptedTerminal;
import rekey.repl.State;
import rekey.repl.line.LineParser;

/// What a run draws while a line is being typed.
@Tag("repl")
class DrawingTest {
    private static final int SAID = 60;

    /// The bottom lines come, change and go, lines come above the prompt and the prompt changes, while somebody
    /// types.
    @Test
    void nothingIsGarbledThatIsDrawnWhileOneTypes() throws Exception {
        State.own();
        var virtual = ScreenTerminal.withTerminal("rekey", "xterm-256color", 60, 100);
        var opened = new CompletableFuture<Screen>();
        var typed = CompletableFuture.supplyAsync(
                () -> {
                    var screen = screen(virtual.terminal());
                    opened.complete(screen);
                    return screen.read("prompt> ");
                },
                work -> Thread.ofPlatform().daemon().start(work));
        var screen = opened.get(60, TimeUnit.SECONDS);
        Scene.await("the prompt", () -> last(virtual).startsWith("prompt>"));
        for (int i = 0; i < 20; i++) screen.say("earlier " + i); // a bottom line that comes scrolls the screen
        var text = new StringBuilder();
        for (int i = 0; i < SAID; i++) {
            for (int j = 0; j < 40; j++)
                screen.status(List.of("first " + i, "second " + j).subList(0, i / 12 % 3));
            screen.say("said " + i);
            screen.prompt("prompt" + i % 2 + "> ");
            var key = "" + (char) ('a' + i % 26);
            text.append(key);
            // and much that is taken back at once, so that the line is drawn as often as all the rest
            virtual.terminal().processInputBytes((key + "xyz\b\b\b".repeat(8)).getBytes(StandardCharsets.UTF_8));
        }
        screen.status(List.of());
        screen.say("the end");
        Scene.await(
                "all that was typed to stand there",
                () -> shown(virtual).replace("\n", "").contains("the endprompt1> " + text));
        var lines = shown(virtual).lines().filter(l -> l.startsWith("said ")).toList();
        for (int i = 0; i < SAID; i++) assertEquals("said " + i, lines.get(i));
        assertTrue(shown(virtual).lines().noneMatch(l -> l.matches("(first|second) \\d+.*")), () -> shown(virtual));
        virtual.terminal().processInputBytes("\r".getBytes(StandardCharsets.UTF_8));
        assertEquals(text.toString(), typed.get(60, TimeUnit.SECONDS));
        screen.close();
    }

    /// As when somebody has pressed Ctrl-S: whoever runs a migration must not wait for that.
    @Test
    void aTerminalThatTakesNothingHoldsNobodyUp() throws Exception {
        State.own();
        var taken = new CountDownLatch(1);
        var said = new StringBuffer();
        var terminal = new LineDisciplineTerminal(
                "rekey",
                "xterm-256color",
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        try {
                            taken.await();
                        } catch (InterruptedException e) {
                            throw new IOException(e);
                        }
                        said.append((char) b);
                    }
                },
                StandardCharsets.UTF_8);
        var screen = screen(terminal);
        CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < 10; i++) screen.say("said " + i);
                    screen.status(List.of("a line at the bottom"));
                    screen.prompt("another> ");
                })
                .get(60, TimeUnit.SECONDS);
        assertEquals("", said.toString());
        taken.countDown();
        Scene.await("what was said to be shown", () -> said.toString().contains("said 9"));
        screen.close();
    }

    private static Screen screen(Terminal terminal) {
        return TerminalScreen.on(terminal, new LineParser(List.of()));
    }

    private static String shown(ScreenTerminal.VirtualTerminal virtual) {
        return ScriptedTerminal.rows(virtual.screen()).stream()
                .map(String::stripTrailing)
                .filter(r -> !r.isEmpty())
                .reduce("", (a, b) -> a + b + "\n");
    }

    private static String last(ScreenTerminal.VirtualTerminal virtual) {
        return shown(virtual).lines().reduce("", (a, b) -> b);
    }
}
