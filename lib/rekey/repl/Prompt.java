package rekey.repl;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import rekey.clickhouse.ServerGone;
import rekey.run.Plan;
import rekey.step.Position;

/// `host/database migration step>`. Where the step stands is asked of the server, which may be slow or away: the prompt
/// does not wait long for it, and is drawn again when the answer comes.
final class Prompt {
    private static final Duration PATIENCE = Duration.ofMillis(300);

    private Prompt() { }

    static String of(Shell shell) {
        var asked = CompletableFuture.supplyAsync(() -> text(shell), Thread::startVirtualThread);
        try {
            return asked.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            asked.thenAccept(shell.screen()::prompt);
            return text(shell, "...");
        } catch (ExecutionException e) {
            return text(shell, "?");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return text(shell, "?");
        }
    }

    /// Draws it anew where it stands.
    static void refresh(Shell shell) {
        Thread.startVirtualThread(() -> shell.screen().prompt(text(shell)));
    }

    private static String text(Shell shell) {
        if (shell.migration().isEmpty()) return text(shell, "");
        try {
            return text(shell, step(shell));
        } catch (ServerGone e) {
            return text(shell, "(server away)");
        } catch (RuntimeException e) {
            return text(shell, "?");
        }
    }

    /// The one that runs, else the next.
    private static String step(Shell shell) {
        var running = shell.underway().map(u -> u.session().progress().snapshot().step()).filter(s -> !s.isEmpty());
        if (running.isPresent()) return running.get() + "*";
        var session = shell.session();
        return Plan.left(session, shell.chosen()).stream().map(rekey.step.Step::name).findFirst()
                .orElseGet(() -> Position.of(session) instanceof Position.Swapped ? "finalize" : "done");
    }

    private static String text(Shell shell, String step) {
        var endpoint = shell.endpoint();
        var where = endpoint.host() + "/" + endpoint.database();
        var migration = shell.migration().map(m -> " " + m.name()).orElse("");
        int room = shell.screen().width() / 2 + 8 - where.length() - step.length();
        if (migration.length() > room) migration = migration.substring(0, Math.max(4, room - 2)) + "..";
        return where + migration + (step.isEmpty() ? "" : " " + step) + "> ";
    }
}
