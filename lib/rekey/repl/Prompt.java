package rekey.repl;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import rekey.clickhouse.ServerGone;
import rekey.run.Plan;
import rekey.step.Position;

/// `host/database migration step>`. Where the step stands is asked of the server, which may be slow or away: the prompt
/// does not wait long for it, and is drawn again when the answer comes.
public final class Prompt {
    private static final Duration PATIENCE = Duration.ofMillis(300);

    private final Shell shell;
    private final AtomicLong asked = new AtomicLong();

    Prompt(Shell shell) {
        this.shell = shell;
    }

    /// For the next line.
    String text() {
        var answer = ask();
        try {
            return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return text(shell, "...");
        } catch (ExecutionException e) {
            return text(shell, "?");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return text(shell, "?");
        }
    }

    /// Draws it anew where it stands.
    public void refresh() {
        ask();
    }

    /// An answer that comes after a later question was asked is of the past, and is not shown.
    private CompletableFuture<String> ask() {
        long turn = asked.incrementAndGet();
        var answer = CompletableFuture.supplyAsync(() -> text(shell), Thread::startVirtualThread);
        answer.thenAccept(text -> { if (asked.get() == turn) shell.screen().prompt(text); });
        return answer;
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
