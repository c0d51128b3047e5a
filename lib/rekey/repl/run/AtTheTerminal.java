package rekey.repl.run;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import rekey.cli.Interrupt;
import rekey.cli.Operator;
import rekey.cli.Run;
import rekey.cli.text.EventLine;
import rekey.model.Trouble;
import rekey.repl.Shell;
import rekey.run.Healthcheck;
import rekey.run.Orders;
import rekey.run.Runner;

/// The one at the prompt as the operator of a run: before a terminal it is carried out in a thread of its own, in a pipe
/// here and now.
///
/// @param yes      don't ask
/// @param dryRun   show the statements only
/// @param plan     the hash of the plan that was seen, or null
/// @param takeOver end another runner's hold first
public record AtTheTerminal(Shell shell, boolean yes, boolean dryRun, String plan, boolean takeOver) implements Operator {
    @Override public void print(Object answer) {
        shell.print(answer);
    }

    @Override public void text(String text) {
        shell.out().println(text);
        shell.out().flush();
    }

    @Override public void say(String text) {
        shell.say(text);
    }

    @Override public void sure(String question) {
        if (yes || shell.yes()) return;
        if (!shell.screen().interactive()) throw new Trouble.Usage(question + " There is no terminal to ask on: give --yes.");
        if (!shell.screen().ask(question)) throw new Trouble.Stopped("Nothing was done.");
    }

    @Override public int carryOut(String what, Run run, Consumer<Runner> work) {
        var session = run.session();
        session.journal().listen(e -> {
            var line = EventLine.text(e);
            if (!line.isEmpty()) shell.say("  " + line);
        });
        var bar = new StatusBar(shell.screen());
        var over = new CountDownLatch(1);
        var orders = new Orders(this::panic);
        var underway = new Underway(what, session, () -> {
            try (bar; var _ = new Interrupt(session, over)) {
                work.accept(new Runner(session, takeOver, List.of(orders, new Healthcheck(), bar)));
                bar.close();
                shell.say(what + " has ended well.");
                return 0;
            } catch (RuntimeException | Error e) {
                bar.close();
                return shell.told(e);
            } finally {
                over.countDown();
            }
        }, shell.prompt()::refresh);
        shell.underway(underway);
        underway.start();
        return shell.screen().interactive() ? 0 : underway.await();
    }

    /// The terminal gets its ways back, if it takes them soon.
    private void panic() {
        try {
            Thread.ofPlatform().daemon().start(shell.screen()::close).join(Duration.ofSeconds(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Runtime.getRuntime().halt(5);
        }
    }
}
