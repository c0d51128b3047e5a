package rekey.maintainer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import rekey.model.Trouble;

/// A session of the REPL as text: what was typed, and what stood on the screen then.
///
/// @param options as those of `./jbang rekey`: a server with the guide's table, which is fed all the while
/// @param hang    stops that server's process where it stands, or lets it go on: connections stay, and nothing comes
/// @param page    what the live page shows at its top, once it says that the server gives no answer
/// @param say     is told each line that is typed
public record RecordedSession(
        List<String> options, Consumer<Boolean> hang, Supplier<String> page, Consumer<String> say) {
    private static final String HANGS = "the server hangs";
    private static final int COLUMNS = 100, ROWS = 120;
    private static final String ENDED = "run has ended well";
    private static final Pattern PROMPT = Pattern.compile("^\\S+ \\S+> *$");
    private static final Pattern READY = Pattern.compile("ready (\\d+) ms");

    /// What is typed, and what is awaited then; nothing: the next prompt.
    private record Typed(String line, String awaited) {}

    private static final List<Typed> SESSION = List.of(
            new Typed("describe events", "fed by"),
            new Typed("lag", "kept for"),
            new Typed("check", "none refused"),
            new Typed("explain", "finalize   to do"),
            new Typed("next", "Run create? [y/N]"),
            new Typed("y", ENDED),
            new Typed("next", "Run backfill? [y/N]"),
            new Typed("y", " left"),
            new Typed("throttle", "throttled by the operator"),
            new Typed("status", "running"),
            new Typed("threads 3", "for the run that goes on too"),
            new Typed(HANGS, ""),
            new Typed("no-throttle", "The copy goes on."),
            new Typed("wait", ENDED),
            new Typed("diff", "lines differ"),
            new Typed("next --yes", ENDED),
            new Typed("next", "resume? [y/N]"),
            new Typed("y", ENDED),
            new Typed(
                    "SELECT event, count() AS n FROM posthog.events GROUP BY event ORDER BY n DESC LIMIT 3;",
                    "rows in set"),
            new Typed("undo", "Undo swap? [y/N]"),
            new Typed("y", "undo swap has ended well"),
            new Typed("status", "now "),
            new Typed("run --until resume", "resume? [y/N]"),
            new Typed("y", ENDED),
            new Typed("run --yes", ENDED),
            new Typed("verify", "verify has ended well"),
            new Typed("status", "swapped"),
            new Typed("finalize", "There is no way back then. [y/N]"),
            new Typed("y", "finalize has ended well"),
            new Typed("status", "finalized"));

    /// The guide's migration step by step, inspected, its swap undone, run again and finalized.
    public String session() {
        var out = new StringBuilder();
        try (var at = open(COLUMNS, ROWS)) {
            for (var typed : SESSION) {
                if (typed.line.equals(HANGS)) {
                    out.append(shown(at)).append(hanging(at));
                    continue;
                }
                boolean answer = typed.line.equals("y");
                if (!answer) {
                    out.append(shown(at));
                    at.clear()
                            .enter("")
                            .awaitPrompt()
                            .enter("")
                            .awaitPrompt(); // a bottom line that comes scrolls the first rows away
                    awaitStep(at);
                }
                say.accept(typed.line);
                at.enter(typed.line).await((answer ? "[y/N] " : "> ") + typed.line);
                if (!typed.awaited.isEmpty()) at.await(typed.awaited);
                // the bottom line has it until the run is looked at again
                if (typed.line.equals("no-throttle")) at.awaitGone("throttled by the operator");
                if (!typed.awaited.endsWith("[y/N]")) at.awaitPrompt();
            }
            return out.append(shown(at)).toString().strip();
        }
    }

    /// A prompt that is just there has no step yet, and gets it by itself.
    private static void awaitStep(ScriptedTerminal at) {
        for (var until = Instant.now().plusSeconds(10); Instant.now().isBefore(until); ) {
            var last = at.screen().lines().filter(PROMPT.asPredicate()).reduce((a, b) -> b);
            if (last.isEmpty() || !last.get().contains(" ...>")) return;
            LockSupport.parkNanos(50_000_000);
        }
    }

    /// The server is stopped, a statement waits for it and is left, the server goes on.
    private String hanging(ScriptedTerminal at) {
        hang.accept(true);
        try {
            at.clear().enter("SELECT count() FROM posthog.events;").await("no answer for ");
            var shows = page.get();
            var waiting = tidied(at.screen());
            at.type("\003").await("Left, for the server does not answer").awaitPrompt();
            return "# the server's process is stopped (SIGSTOP)\n\n" + waiting + "\n\n# the live page, open meanwhile: "
                    + shows + "\n# Ctrl-C\n\n" + shown(at) + "# the server's process goes on (SIGCONT)\n\n";
        } finally {
            hang.accept(false);
            at.clear();
        }
    }

    /// One screen of 80 by 24 in the middle of a copy, and the way back from there.
    ///
    /// @param look is done while the copy goes on
    public String picture(Runnable look) {
        try (var at = open(80, 24)) {
            at.enter("run --until backfill --yes").await(" left");
            look.run();
            at.enter("throttle").await("throttled by the operator").awaitPrompt();
            at.clear().enter("status").await("now ").awaitPrompt();
            var picture = tidied(at.screen());
            at.clear().enter("rollback --yes").await("rollback has ended well");
            return picture;
        }
    }

    private ScriptedTerminal open(int columns, int rows) {
        return ScriptedTerminal.open(columns, rows, options.toArray(String[]::new))
                .await("> ");
    }

    /// Without prompts at which nothing was typed and what was echoed before its prompt came, and with one empty
    /// line where there are more.
    private static String shown(ScriptedTerminal at) {
        var rows = at.screen()
                .lines()
                .filter(row -> !row.matches("\\S+ \\S+> *|\\S+@\\S+:\\d+  .*")
                        && SESSION.stream().noneMatch(t -> t.line.equals(row)))
                .collect(java.util.stream.Collectors.joining("\n"));
        return tidied(rows) + "\n\n";
    }

    /// With one empty line where there are more, and without those that this screen, unlike a terminal, puts behind
    /// a line that was typed and between the lines of a run.
    private static String tidied(String rows) {
        return rows.strip()
                .replaceAll("\n{3,}", "\n\n")
                .replaceAll("(?m)^(\\S+ \\S+> .+)\n\n", "$1\n")
                .replaceAll("(?m)^(  .*)\n\n(?=  )", "$1\n");
    }

    /// Makes the session and the README's picture of a checkout anew.
    ///
    /// @param look see [#picture(Runnable)]
    public void write(Path checkout, Runnable look) {
        for (var name : List.of("screen", "demo")) place(checkout, name, null);
        place(checkout, "screen", picture(look));
        try {
            Files.writeString(checkout.resolve("notebooks/repl-session.md"), """
                # A session of the REPL

                The guide's migration on the lab, taken step by step while events keep coming: inspected, its swap
                undone, run again, finalized. Each block is what stood on the screen. Made by `./jbang screens`.

                ```
                %s
                ```
                """.formatted(session()));
        } catch (IOException e) {
            throw new Trouble.Failed("The recording can't be written: " + e.getMessage() + ".", e);
        }
    }

    /// Puts a text into its place in a checkout's README.md, or only looks that there is one.
    ///
    /// @param name between `<!-- NAME -->` and `<!-- end of NAME -->`
    /// @param text null to look only
    public static void place(Path checkout, String name, String text) {
        var readme = checkout.resolve("README.md");
        try {
            var found = Pattern.compile("(?s)(<!-- " + name + " -->\n).*?(\n<!-- end of " + name + " -->)")
                    .matcher(Files.exists(readme) ? Files.readString(readme) : "");
            if (!found.find())
                throw new Trouble.Usage("There is no README.md with a place for the " + name + " in "
                        + checkout.toAbsolutePath() + ": name the checkout with --folder.");
            if (text != null)
                Files.writeString(
                        readme,
                        found.replaceFirst(
                                m -> Matcher.quoteReplacement(m.group(1) + "```\n" + text + "\n```" + m.group(2))));
        } catch (IOException e) {
            throw new Trouble.Failed(readme + " can't be written: " + e.getMessage() + ".", e);
        }
    }

    /// When the prompt is there.
    ///
    /// @param typed after its command was typed
    /// @param jvm   after its JVM's start
    private record Ready(long typed, long jvm) {}

    /// How soon the prompt is there, on a pseudo-terminal that `script` of util-linux makes.
    ///
    /// @return a line for a person
    public String ready(Path checkout, int times) {
        once(checkout); // builds, where nothing is built yet
        var all = new ArrayList<Ready>();
        for (int i = 0; i < times; i++) all.add(once(checkout));
        return "The prompt was there " + range(all, Ready::typed) + " after ./jbang rekey was typed, "
                + range(all, Ready::jvm) + " after its JVM's start (the median of " + times + ").";
    }

    private static String range(List<Ready> all, ToLongFunction<Ready> ms) {
        var sorted = all.stream().mapToLong(ms).sorted().toArray();
        return "%,d ms (%,d to %,d)".formatted(sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1]);
    }

    private Ready once(Path checkout) {
        try {
            var command = checkout.resolve("jbang").toAbsolutePath() + " rekey --verbose " + String.join(" ", options);
            long begun = System.nanoTime(), there = begun;
            var process = new ProcessBuilder("script", "-qec", command, "/dev/null")
                    .redirectErrorStream(true)
                    .start();
            var said = new StringBuilder();
            try (var keys = process.outputWriter();
                    var screen = process.inputReader()) {
                for (var line = screen.readLine(); line != null; line = screen.readLine()) {
                    said.append(line).append('\n');
                    if (READY.matcher(line).find()) {
                        there = System.nanoTime();
                        keys.write("exit\r");
                        keys.flush();
                    }
                }
            }
            process.waitFor();
            long typed = TimeUnit.NANOSECONDS.toMillis(there - begun);
            return Optional.of(READY.matcher(said))
                    .filter(Matcher::find)
                    .map(m -> new Ready(typed, Long.parseLong(m.group(1))))
                    .orElseThrow(() -> new Trouble.Failed("The prompt did not come: " + said));
        } catch (IOException e) {
            throw new Trouble.Failed("No pseudo-terminal can be made (" + e.getMessage() + "): install util-linux.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("Interrupted.");
        }
    }
}
