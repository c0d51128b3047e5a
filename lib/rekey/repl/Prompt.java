package rekey.repl;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import rekey.clickhouse.ServerGone;
import rekey.repl.context.Dialogue;
import rekey.repl.context.SessionRuns;
import rekey.repl.context.Target;
import rekey.run.Plan;
import rekey.step.Position;

/// `database step>`, with a `*` while a run goes on; server, user and migration stand at the bottom. Where the step
/// stands is asked of the server, which may be slow or away: the prompt does not wait long for it.
///
/// A prompt that stands is looked after: `pause*>` once stood there after the run had ended, `(server away)` after
/// the server was back, and the step that a colleague had done.
final class Prompt implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMillis(300);
    private static final long EVERY_MILLIS = 500, AGAIN_MILLIS = 2000, STANDS_MILLIS = 5000;
    private static final int LONGEST = 30;

    private final Target target;
    private final SessionRuns runs;
    private final Dialogue dialogue;
    private final AtomicLong asked = new AtomicLong();
    private final Thread keeper =
            Thread.ofPlatform().daemon().name("rekey-prompt").unstarted(this::keep);
    private volatile Known known = new Known("", Kind.UNKNOWN);
    private volatile CompletableFuture<Known> last = CompletableFuture.completedFuture(known);
    private volatile Instant lastAsked = Instant.EPOCH;

    enum Kind {
        /// A step that is to be done next.
        NEXT,
        /// A step that a run of this session does.
        RUNS,
        /// Nobody knows at present.
        UNKNOWN
    }

    record Known(String step, Kind kind) {
        /// Of a run whose first step has not begun yet, it is the one that was to be done next: `verify>` stood
        /// there for twenty seconds while a run was going.
        Known running(String begun) {
            return new Known(begun.isEmpty() ? step : begun, Kind.RUNS);
        }
    }

    Prompt(Target target, SessionRuns runs, Dialogue dialogue) {
        this.target = target;
        this.runs = runs;
        this.dialogue = dialogue;
    }

    /// The line at the bottom comes before anything is said: one that comes later moves what stands above it.
    Prompt opened() {
        dialogue.idle(bar());
        keeper.start();
        return this;
    }

    /// For the next line.
    String next() {
        dialogue.idle(bar());
        var answer = ask();
        try {
            return text(answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            known = new Known("...", Kind.UNKNOWN);
        } catch (ExecutionException e) {
            known = new Known("?", Kind.UNKNOWN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return text(known);
    }

    /// Draws it anew where it stands.
    void refresh() {
        ask();
    }

    /// An answer that comes after a later question was asked is of the past, and is not shown.
    private CompletableFuture<Known> ask() {
        long turn = asked.incrementAndGet();
        lastAsked = Instant.now();
        var answer = CompletableFuture.supplyAsync(this::standing, Thread::startVirtualThread);
        last = answer;
        answer.thenAccept(now -> {
            if (asked.get() != turn) return;
            known = now;
            dialogue.screen().prompt(text(now));
        });
        return answer;
    }

    /// Draws what is known again and again, so that it stands there half a second after anything else
    /// was drawn.
    private void keep() {
        try {
            while (true) {
                Thread.sleep(EVERY_MILLIS);
                var step = running();
                if (step.isPresent()) known = known.running(step.get());
                // a question that is under way is waited for: where answers took longer than this pause, each was
                // overtaken by the next question, and the prompt of a run that had ended stood for good
                else if (last.isDone()
                        && (known.kind == Kind.RUNS
                                || Duration.between(lastAsked, Instant.now()).toMillis()
                                        > (known.kind == Kind.UNKNOWN ? AGAIN_MILLIS : STANDS_MILLIS))) ask();
                dialogue.screen().prompt(text(known));
            }
        } catch (InterruptedException e) {
            return; // the session has ended
        }
    }

    /// The step of this session's run, empty before its first; nothing where there is no run.
    private Optional<String> running() {
        return runs.own().map(u -> u.session().progress().snapshot().step());
    }

    private Known standing() {
        if (target.migration().isEmpty()) return new Known("", Kind.NEXT);
        try {
            var running = running();
            if (running.isPresent() && !running.get().isEmpty()) return new Known(running.get(), Kind.RUNS);
            var session = target.session().glance();
            var next = new Known(
                    Plan.left(session, target.chosen()).stream()
                            .map(rekey.step.Step::name)
                            .findFirst()
                            .orElseGet(() -> Position.of(session) instanceof Position.Swapped ? "finalize" : "done"),
                    Kind.NEXT);
            return running.map(next::running).orElse(next);
        } catch (ServerGone e) {
            return new Known("(server away)", Kind.UNKNOWN);
        } catch (RuntimeException e) {
            return new Known("?", Kind.UNKNOWN);
        }
    }

    private String text(Known now) {
        var database = target.endpoint().database();
        if (database.length() > LONGEST) database = database.substring(0, LONGEST - 2) + "..";
        return database + (now.step.isEmpty() ? "" : " " + now.step) + (now.kind == Kind.RUNS ? "*" : "") + "> ";
    }

    /// What does not change from line to line.
    private List<String> bar() {
        var endpoint = target.endpoint();
        return List.of(endpoint.user() + "@" + endpoint.host()
                + target.migration()
                        .map(m -> "  " + m.name() + "  " + m.rewrite().source())
                        .orElse(""));
    }

    @Override
    public void close() {
        keeper.interrupt();
    }
}
