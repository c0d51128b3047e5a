package rekey.repl.context;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import rekey.cli.ConfirmedRun;
import rekey.cli.Interrupt;
import rekey.cli.Operator;
import rekey.cli.text.EventLine;
import rekey.model.Amounts;
import rekey.run.Healthcheck;
import rekey.run.Orders;
import rekey.run.ProgressLine;
import rekey.run.Runner;
import rekey.session.Session;

/// The one at the prompt as the operator of a run: before a terminal it is carried out in a thread of its own, in a
/// pipe here and now.
///
/// @param yes      don't ask
/// @param dryRun   show the statements only
/// @param takeOver end another runner's hold first
public record PromptOperator(Dialogue dialogue, SessionRuns runs, boolean yes, boolean dryRun, boolean takeOver)
        implements Operator {
    @Override
    public void print(Object answer) {
        dialogue.print(answer);
    }

    @Override
    public void text(String text) {
        dialogue.line(text);
    }

    @Override
    public void say(String text) {
        dialogue.say(text);
    }

    @Override
    public void sure(String question) {
        if (!yes) dialogue.sure(question);
    }

    @Override
    public int carryOut(String what, ConfirmedRun run, Consumer<Runner> work) {
        var session = run.session();
        session.journal().listen(e -> {
            var line = EventLine.text(e);
            if (!line.isEmpty()) dialogue.say("  " + line);
        });
        var bar = new Bar(dialogue);
        var over = new CountDownLatch(1);
        var orders = new Orders(this::panic);
        var begun = runs.begin(what, session, () -> {
            try (bar;
                    var _ = new Interrupt(session, over)) {
                work.accept(new Runner(session, takeOver, List.of(orders, new Healthcheck(), bar)));
                bar.close();
                dialogue.say(what + " has ended well.");
                return 0;
            } catch (RuntimeException | Error e) {
                bar.close();
                return dialogue.failed(e);
            } finally {
                over.countDown();
            }
        });
        return dialogue.interactive() ? 0 : begun.await();
    }

    /// The terminal gets its ways back, if it takes them soon.
    private void panic() {
        try {
            Thread.ofPlatform().daemon().start(dialogue.screen()::close).join(Duration.ofSeconds(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Runtime.getRuntime().halt(5);
        }
    }

    /// The bottom lines while a run goes: step, percent, rows and rows a second, time left, lag, held, parts. A
    /// server that hangs gives nothing new to draw: then it says for how long, and what stood there last.
    private static final class Bar implements Runner.Observer, AutoCloseable {
        private static final Duration PATIENCE = Duration.ofSeconds(4), EVERY = Duration.ofSeconds(1);

        private final Dialogue dialogue;
        private final ProgressLine progress;
        private final CountDownLatch over = new CountDownLatch(1);
        private Instant drawn = Instant.now();
        private String last = "";

        Bar(Dialogue dialogue) {
            this.dialogue = dialogue;
            this.progress = new ProgressLine(this::draw);
            Thread.ofPlatform().daemon().name("rekey-silence").start(this::watch);
        }

        @Override
        public void look(Session session) {
            progress.look(session);
        }

        private synchronized void draw(String line) {
            drawn = Instant.now();
            last = line;
            if (over.getCount() > 0) dialogue.run(List.of(line));
        }

        private void watch() {
            try {
                while (!over.await(EVERY.toMillis(), TimeUnit.MILLISECONDS)) silent();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private synchronized void silent() {
            var since = Duration.between(drawn, Instant.now());
            if (over.getCount() > 0 && !last.isEmpty() && since.compareTo(PATIENCE) > 0)
                dialogue.run(List.of("no answer for " + Amounts.time(since) + "  " + last));
        }

        @Override
        public synchronized void close() {
            over.countDown();
            progress.close();
            dialogue.run(List.of());
        }
    }
}
