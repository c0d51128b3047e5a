package rekey.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import rekey.model.Rewrite;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Entry.Event;
import tools.jackson.databind.json.JsonMapper;

/// Runs an operator's command for each event of a run, with one JSON object on its standard input: `event` (begun,
/// done, failed, stopped, held, resumed, swapped, rolled back, finalized, waiting for finalize), `migration`,
/// `table`, `step`, `time` (the server's clock), `heldMs`, `error`; what does not apply is null. Swapped is the
/// swap's end, told when no INSERT older than the exchange runs any more; ingestion goes on before that.
///
/// It can't hurt the run: commands run beside it, one after the other in the events' order, each for 10 s at most;
/// one that fails is complained of once. At the end of a run those left are waited for as long, together.
final class EventHook implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /// More than a run has events; should a slow command leave so many waiting, the newer ones are dropped.
    private static final int WAITING = 200;

    /// Pause to resume are one bracket. It writes no line as each of its steps begins, for that would be held time:
    /// one begins as the one before it ends.
    private static final String BRACKET = "while paused";
    private static final Map<String, String> NEXT = Map.of("pause", "remaining", "remaining", "swap", "swap", "resume");

    private final String command;
    private final Rewrite rewrite;
    private final Consumer<String> complain;
    private final AtomicBoolean complained = new AtomicBoolean();
    private final AtomicInteger waiting = new AtomicInteger();
    private final ExecutorService beside = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("rekey-on-event").factory());
    private final Duration patience;
    private volatile Instant last = Instant.MAX;
    private volatile boolean ended;
    private boolean bracket;
    private String begun = "";

    /// @param command  as the shell reads it; null for none
    /// @param complain is told once, in a sentence
    EventHook(String command, Rewrite rewrite, Consumer<String> complain) {
        this(command, rewrite, complain, PATIENCE);
    }

    EventHook(String command, Rewrite rewrite, Consumer<String> complain, Duration patience) {
        this.patience = patience;
        this.command = command;
        this.rewrite = rewrite;
        this.complain = complain;
    }

    synchronized void hear(Entry e) {
        var event = event(e);
        ended |= e.event() == Event.FAILED;
        bracket = e.is(BRACKET, Event.BEGUN) || bracket && e.event() != Event.FAILED;
        if (!event.isEmpty()) tell(event, step(e), e.at(), held(e.detail()), error(e.detail()));
        if (bracket && e.event() == Event.DONE && NEXT.containsKey(e.step()))
            tell("begun", begun = NEXT.get(e.step()), e.at(), null, null);
    }

    /// The operation, as in the guide's list; of the bracket the one that is at work in it.
    private String step(Entry e) {
        var step = e.detail() instanceof Detail.Failed f && e.step().isEmpty() ? f.step() : e.step();
        if (e.is(BRACKET, Event.BEGUN)) begun = "pause";
        return step.equals(BRACKET) ? begun : step;
    }

    /// The migration stands there with its backup, and nothing is left but to let it go.
    void waitingForFinalize(Instant at) {
        tell("waiting for finalize", "finalize", at, null, null);
    }

    /// The run has failed. Where the server is away its journal could not say so, and the time is this machine's.
    void ended(RuntimeException why) {
        if (!ended)
            tell(
                    why instanceof Trouble.Stopped ? "stopped" : "failed",
                    "",
                    Instant.now(),
                    null,
                    String.valueOf(why.getMessage()));
    }

    private static Long held(Detail detail) {
        return detail instanceof Detail.Resumed r
                ? r.held().map(Duration::toMillis).orElse(null)
                : null;
    }

    private static String error(Detail detail) {
        return detail instanceof Detail.Failed f ? f.error() : null;
    }

    private static String event(Entry e) {
        return switch (e.event()) {
            case BEGUN -> "begun";
            case DONE -> e.step().equals("swap") ? "swapped" : "done";
            case PLANNED, VERIFIED -> "done";
            case FAILED -> e.detail() instanceof Detail.Failed f && f.stopped() ? "stopped" : "failed";
            case HELD -> "held";
            case RESUMED -> "resumed";
            case ROLLED_BACK -> "rolled back";
            case FINALIZED -> "finalized";
            default -> "";
        };
    }

    private void tell(String event, String step, Instant at, Long heldMs, String error) {
        if (command == null || waiting.get() >= WAITING) return;
        var json = new LinkedHashMap<String, Object>();
        json.put("event", event);
        json.put("migration", rewrite.migration());
        json.put("table", rewrite.source().toString());
        json.put("step", step.isEmpty() ? null : step);
        json.put("time", at.toString());
        json.put("heldMs", heldMs);
        json.put("error", error);
        var line = JsonMapper.shared().writeValueAsString(json);
        waiting.incrementAndGet();
        beside.submit(() -> {
            if (Instant.now().isBefore(last)) run(line);
            waiting.decrementAndGet();
        });
    }

    /// Its standard output goes nowhere, for ours may be read by a program.
    private void run(String json) {
        try {
            var process = new ProcessBuilder(shell())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            var said = new StringBuilder();
            Thread.ofVirtual().start(() -> feed(process, json));
            var listening = Thread.ofVirtual().start(() -> listen(process, said));
            if (!process.waitFor(left().toMillis(), TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                complain("did not end within " + patience.toSeconds() + " s and was ended");
            } else if (process.exitValue() != 0) {
                listening.join(Duration.ofSeconds(
                        1)); // what it said may still be in the pipe; a child of it may hold that open
                complain("ended with exit code " + process.exitValue() + (said.isEmpty() ? "" : " (" + said + ")"));
            }
        } catch (IOException e) {
            complain("can't be started (" + e.getMessage() + ")");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration left() {
        var end = Duration.between(
                Instant.now(), last == Instant.MAX ? Instant.now().plus(patience) : last);
        return end.compareTo(patience) < 0 ? end : patience;
    }

    private List<String> shell() {
        return System.getProperty("os.name").startsWith("Windows")
                ? List.of("cmd", "/c", command)
                : List.of("sh", "-c", command);
    }

    /// A command that does not read has closed the pipe: that is its right.
    private static void feed(Process process, String json) {
        try (var in = process.outputWriter(StandardCharsets.UTF_8)) {
            in.write(json + "\n");
        } catch (IOException e) {
            return;
        }
    }

    /// The first line of what it complains of; the rest is read so that it does not wait for us.
    private static void listen(Process process, StringBuilder said) {
        try (var err = new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
            var first = err.readLine();
            if (first != null) said.append(first.strip());
            err.transferTo(Writer.nullWriter());
        } catch (IOException | UncheckedIOException e) {
            said.append(e.getMessage());
        }
    }

    private void complain(String what) {
        if (complained.compareAndSet(false, true))
            complain.accept("The command of --on-event " + what + "; the run goes on, and this is said once.");
    }

    @Override
    public void close() {
        last = Instant.now().plus(patience);
        beside.shutdown();
        try {
            beside.awaitTermination(patience.toMillis() + 1000, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
