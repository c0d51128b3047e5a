package rekey.cli;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.cli.text.EventLine;
import rekey.ingestion.HeldTime;
import rekey.migration.Migrations;
import rekey.run.Healthcheck;
import rekey.run.Orders;
import rekey.run.ProgressWatch;
import rekey.run.Runner;
import rekey.run.Watching;
import rekey.run.Status;
import rekey.session.Limits;
import rekey.session.Session;

/// The options of every command: where, what, and how to answer.
public class Options implements Operator {
    @Mixin Rewriting rewriting;
    @Mixin Connection connection;
    @Mixin Output output;

    // --- where and what ---

    /// @throws rekey.model.Trouble when nobody answers there, or the options make no sense
    public ClickHouse connect() {
        limits();                                     // those that make no sense are complained of before anything else
        return ClickHouse.connect(endpoint(), sql -> { if (output.verbose) output.say("-- " + sql); });
    }

    /// The server that is meant.
    public Endpoint endpoint() {
        return connection.endpoint(asking(), preferred(), otherwise());
    }

    /// `url`, `user`, `password`, `database` that outrank the environment.
    protected Map<String, String> preferred() {
        return Map.of();
    }

    /// The same where neither options nor environment say anything.
    protected Map<String, String> otherwise() {
        return Map.of();
    }

    /// What was asked for of a migration.
    public Migrations.Wanted wanted() {
        return rewriting.wanted();
    }

    /// Whether any migration is named.
    public boolean named() {
        return rewriting.named();
    }

    /// For Kafka's clients.
    public Map<String, String> kafka() {
        return connection.kafka();
    }

    /// By which any command finds the same migration, as a person types them; the server and the user come from the environment.
    ///
    /// @param database that of bare table names
    public String arguments(String database) {
        return Rewriting.arguments(database, wanted());
    }

    public Limits limits() {
        return Limits.DEFAULT;
    }

    // --- how ---

    /// Whether stack traces are wanted.
    public boolean verbose() {
        return output.verbose;
    }

    @Override public void print(Object answer) {
        output.print(answer);
    }

    @Override public void text(String text) {
        output.text(text);
    }

    @Override public void say(String text) {
        output.say(text);
    }

    @Override public void sure(String question) {
        asking().sure(question);
    }

    String onEvent() {
        return null;
    }

    @Override public String plan() {
        return null;
    }

    @Override public boolean dryRun() {
        return false;
    }

    @Override public boolean takeOver() {
        return false;
    }

    Asking asking() {
        return new Asking(false);
    }

    /// Here and now, with the operator's orders heard and Ctrl-C turned into a stop.
    @Override public int carryOut(String what, Run run, Consumer<Runner> work) {
        var session = run.session();
        try (var hook = new OnEvent(onEvent(), session.rewrite(), output::say); var progress = new ProgressWatch(output.err(), Asking.terminal()); var _ = new Interrupt(session)) {
            session.journal().listen(e -> {
                if (output.json()) output.json(EventLine.json(e));
                var line = EventLine.text(e);
                if (!line.isEmpty()) progress.say(line);
            });
            session.journal().listen(hook::hear);
            try {
                work.accept(new Runner(session, takeOver(), List.of(new Orders(), new Healthcheck(), progress)));
            } catch (RuntimeException e) {
                hook.ended(e);
                throw e;
            }
            if (onEvent() != null && Status.of(session, run.migration(), null).state().equals("swapped")) hook.waitingForFinalize(serverTime(session));
        }
        print(run.status());
        return 0;
    }

    @Override public int lookOn(Session looking, Consumer<Session> work) {
        try (var progress = new ProgressWatch(output.err(), Asking.terminal()); var _ = new Interrupt(looking); var _ = new Watching(looking, List.of(progress))) {
            work.accept(looking);
        }
        return 0;
    }

    private static Instant serverTime(Session session) {
        long us = HeldTime.now(session.server());
        return Instant.ofEpochSecond(us / 1_000_000, us % 1_000_000 * 1000);
    }
}
