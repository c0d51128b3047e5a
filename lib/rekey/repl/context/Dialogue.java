package rekey.repl.context;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import rekey.cli.text.Texts;
import rekey.clickhouse.ServerGone;
import rekey.model.Amounts;
import rekey.model.Trouble;
import rekey.repl.screen.Screen;
import rekey.sheet.TextWidth;

/// What is said and asked between a session and the person before it: answers on the screen or in the file after
/// `>`, questions, errors, what Ctrl-C does, and the lines at the bottom.
public final class Dialogue {
    /// After so long the bottom line says that an answer is awaited; and how often it is drawn then.
    private static final long FIRST = 700, EVERY = 400;

    private final Screen screen;
    private final boolean yes, verbose;
    private PrintWriter file;
    private boolean watched;
    private volatile Runnable interrupt = () -> {};
    private List<String> run = List.of(), query = List.of(), idle = List.of();

    /// Takes back what was begun.
    public interface Ending extends AutoCloseable {
        @Override
        void close();
    }

    /// @param yes     whether writes are not asked for
    /// @param verbose whether more is told than an operator needs
    public Dialogue(Screen screen, boolean yes, boolean verbose) {
        this.screen = screen;
        this.yes = yes;
        this.verbose = verbose;
    }

    public Screen screen() {
        return screen;
    }

    /// Whether a person is there who can be asked.
    public boolean interactive() {
        return screen.interactive();
    }

    public boolean verbose() {
        return verbose;
    }

    // --- answers ---

    /// For answers: the screen, or the file after `>`.
    public PrintWriter out() {
        return file == null ? screen.out() : file;
    }

    /// Whether answers stand on the screen.
    public boolean onScreen() {
        return file == null;
    }

    /// A line of an answer.
    public int line(Object text) {
        out().println(text);
        out().flush();
        return 0;
    }

    /// An answer of the library, as the scripts show it.
    ///
    /// @return 0
    public int print(Object answer) {
        return line(Texts.of(answer));
    }

    /// An answer of many lines; while a line is watched no more of it than fits, for nobody is to leave a pager each
    /// time.
    public void page(String text) {
        if (file != null) file.println(text);
        else if (watched) screen.out().println(TextWidth.head(text, screen.height() - 4));
        else screen.page(text);
        out().flush();
    }

    /// An answer that is still coming, a page at a time.
    public void page(InputStream text) {
        screen.page(text);
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

    /// Has a command done whose answers go into a file.
    ///
    /// @param name empty for the screen
    public int to(String name, boolean append, IntSupplier command) {
        if (name.isEmpty()) return command.getAsInt();
        var path = Path.of(name.replaceFirst("^~(?=/)", System.getProperty("user.home")));
        try (var writer = new PrintWriter(
                append
                        ? Files.newBufferedWriter(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                        : Files.newBufferedWriter(path))) {
            file = writer;
            return command.getAsInt();
        } catch (IOException | UncheckedIOException e) {
            throw new Trouble.Failed(
                    "The file " + path + " can't be written (" + e.getMessage() + "): name another after >.", e);
        } finally {
            file = null;
        }
    }

    // --- what is said and asked besides ---

    /// For the person, whatever happens to the answers.
    public void say(String text) {
        screen.say(text);
    }

    /// An error as the sentence that a person reads.
    ///
    /// @return the exit code of its kind
    public int failed(Throwable e) {
        if (verbose) e.printStackTrace(screen.out());
        say(
                switch (e) {
                    case ServerGone gone ->
                        gone.getMessage()
                                + (interactive()
                                        ? " This session stays, and connects anew with the next command."
                                        : "");
                    case Trouble t -> t.getMessage();
                    default ->
                        "rekey itself failed (" + e.getClass().getSimpleName() + ": " + e.getMessage()
                                + "): open it with --verbose and report what it says.";
                });
        return e instanceof Trouble t ? t.exitCode() : 1;
    }

    /// Whether a change is asked about, unless its command says `--yes`.
    public boolean asks() {
        return !yes;
    }

    /// @throws Trouble.Stopped when the answer is no
    /// @throws Trouble.Usage   when nobody can be asked
    public void sure(String question) {
        if (yes) return;
        if (!interactive()) throw new Trouble.Usage(question + " There is no terminal to ask on: give --yes.");
        if (!screen.ask(question)) throw new Trouble.Stopped("Nothing was done.");
    }

    // --- Ctrl-C ---

    /// What Ctrl-C does while a command runs: what the innermost of those says that are under way, then those around
    /// it; nothing where none has said anything.
    public Ending onInterrupt(Runnable handler) {
        var before = interrupt;
        interrupts(() -> {
            handler.run();
            before.run();
        });
        return () -> interrupts(before);
    }

    private void interrupts(Runnable handler) {
        interrupt = handler;
        screen.onInterrupt(handler);
    }

    /// A question that only looks, and that a slow server or a Kafka that is away may answer late: the line at the
    /// bottom says so, and Ctrl-C leaves it. In a pipe nobody can leave.
    public <T> T asked(Supplier<T> question) {
        return asked(question, "nothing was changed");
    }

    /// The same of what tells a run something.
    public <T> T ordered(Supplier<T> order) {
        return asked(order, "the run may still hear of it");
    }

    private <T> T asked(Supplier<T> question, String whereLeft) {
        if (!interactive()) return question.get();
        var begun = Instant.now();
        var answer = new FutureTask<T>(question::get);
        // a virtual thread, for its reading from a socket ends when it is interrupted
        var thread = Thread.ofVirtual().name("rekey-inquiry").unstarted(answer);
        try (var _ = onInterrupt(() -> answer.cancel(true))) {
            thread.start();
            return awaited(answer, begun);
        } catch (CancellationException e) {
            throw new Trouble.Stopped("Left after " + Amounts.time(Duration.between(begun, Instant.now()))
                    + ", without an answer; " + whereLeft + ".");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) throw error;
            throw e.getCause() instanceof RuntimeException told ? told : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("Interrupted while an answer was awaited.");
        }
    }

    private <T> T awaited(FutureTask<T> answer, Instant begun) throws InterruptedException, ExecutionException {
        try {
            for (long patience = FIRST; ; patience = EVERY)
                try {
                    return answer.get(patience, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    query(List.of("asked " + Amounts.time(Duration.between(begun, Instant.now()))
                            + " ago  Ctrl-C leaves it"));
                }
        } finally {
            query(List.of());
        }
    }

    // --- the lines at the bottom ---

    /// Those of a run; none takes them away.
    public synchronized void run(List<String> lines) {
        run = lines;
        draw();
    }

    /// That of a question whose answer is awaited, before what a run has to say: of a server that hangs a run knows
    /// nothing new.
    public synchronized void query(List<String> lines) {
        if (query.isEmpty() && lines.isEmpty()) return;
        query = lines;
        draw();
    }

    /// That of a session that waits for a line.
    public synchronized void idle(List<String> lines) {
        if (idle.equals(lines)) return;
        idle = lines;
        if (run.isEmpty() && query.isEmpty()) draw();
    }

    private void draw() {
        if (query.isEmpty()) screen.status(run.isEmpty() ? idle : run);
        else screen.status(run.isEmpty() ? query : List.of(query.getFirst() + "  " + run.getFirst()));
    }
}
