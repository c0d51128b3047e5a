package rekey.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import rekey.cli.text.EventLine;
import rekey.cli.text.Texts;
import rekey.clickhouse.Sql;
import rekey.ingestion.HeldTime;
import rekey.migration.Migration;
import rekey.model.Trouble;
import rekey.run.Amounts;
import rekey.run.Healthcheck;
import rekey.run.Orders;
import rekey.run.Plan;
import rekey.run.Planned;
import rekey.run.ProgressWatch;
import rekey.run.Required;
import rekey.run.RunLock;
import rekey.run.Runner;
import rekey.run.Status;
import rekey.session.Session;
import rekey.step.Position;
import rekey.step.Step;
import rekey.step.Steps;

/// How a script changes something: watched, with the operator's orders heard and Ctrl-C turned into a stop.
final class Run {
    private static final Duration UNTIL_STOPPED = Duration.ofMinutes(2);

    private final Job job;
    private final Options options;
    private final Session session;
    private final Migration migration;

    Run(Job job, Options options) {
        this.job = job;
        this.options = options;
        this.session = job.session();
        this.migration = job.migration();
    }

    int one(Step step) {
        if (options.dryRun()) return job.print(Plan.part(session, step));
        if (alreadySo()) return 0;
        Prerequisites.of(session, migration, step);
        watched(runner -> {
            if (step.name().equals("create")) runner.run(planned(step), Optional.empty());
            else runner.run(step);
        });
        return job.print(job.status());
    }

    int all(String until) {
        if (options.dryRun()) return left();
        if (alreadySo()) return 0;
        watched(runner -> runner.run(planned(migration.steps()), Optional.ofNullable(until)));
        return job.print(job.status());
    }

    /// The plan is frozen before the first change.
    private Migration planned(Step steps) {
        return new Migration(migration.rewrite(), migration.lowestVersion(), migration.after(), Steps.sequence(new Planned(migration, options.plan()), steps));
    }

    private int left() {
        var left = Plan.left(session, migration);
        if (left.isEmpty() || !Required.of(session).required() && Position.of(session) instanceof Position.NotBegun) options.output.text("Nothing is left to do.");
        else left.forEach(step -> job.print(Plan.part(session, step)));
        return 0;
    }

    /// A table that has the keys is no error: there is nothing to do. Nor is a migration that was finalized.
    private boolean alreadySo() {
        switch (Position.of(session)) {
            case Position.NotBegun n when !Required.of(session).required() -> job.print(Required.of(session));
            case Position.Finalized f -> job.print(job.status());
            default -> { return false; }
        }
        return true;
    }

    int back() {
        if (options.dryRun()) return undo();
        RunLock.holder(session.server(), session.rewrite().source()).ifPresent(holder -> {
            options.asking().sure("Migration " + migration.name() + " runs (" + holder + "). Stop it and roll back?");
            stop();
        });
        watched(runner -> runner.rollback(migration));
        return job.print(job.status());
    }

    /// Of what has been done, the latest first. After the swap ingestion is paused once more for the way back.
    private int undo() {
        boolean swapped = Position.of(session) instanceof Position.Swapped;
        for (var step : Steps.flat(migration.steps()).reversed()) {
            boolean done = step.state(session).phase() != Step.Phase.TO_DO || swapped && step.name().equals("pause");
            var undo = step.describe(session).undo();
            if (done && !undo.isEmpty()) job.print(new Plan.Part("undo " + step.name(), "Takes " + step.name() + " back.", undo, List.of()));
        }
        return 0;
    }

    int stop() {
        if (options.dryRun()) return job.print(new Plan.Part("stop", "Tells the runner to stop, and ends its running query.",
                List.of("KILL QUERY WHERE startsWith(query_id, " + Sql.text(session.queryPrefix()) + ") SYNC"), List.of()));
        var table = session.rewrite().source();
        var holder = RunLock.holder(session.server(), table);
        if (holder.isEmpty()) {
            options.output.text("Nothing runs on " + table + ".");
            return 0;
        }
        options.output.say("Stopping " + holder.get() + ".");
        Orders.stop(session);
        var until = Instant.now().plus(UNTIL_STOPPED);
        while (RunLock.holder(session.server(), table).isPresent()) {
            if (Instant.now().isAfter(until)) throw new Trouble.Failed("The runner (" + holder.get() + ") has not stopped within "
                    + UNTIL_STOPPED.toMinutes() + " minutes: end its process, or go on from here with --take-over.");
            session.control().sleep(100);
        }
        options.output.text("Stopped. Go on with migrate, or go back with rollback.");
        return 0;
    }

    void sure(Step step, String question) {
        if (options.dryRun() || Position.of(session) instanceof Position.Finalized) return;
        Prerequisites.of(session, migration, step);
        if (Position.of(session) instanceof Position.Swapped b) {
            var backup = session.catalog().table(b.backup());
            options.output.say(b.backup() + " has " + Amounts.count(backup.rows(), "row") + ", " + Amounts.bytes(backup.bytes()) + ".");
        }
        options.output.say(Texts.of(Plan.part(session, step)));
        options.asking().sure(question);
    }

    private void watched(Consumer<Runner> work) {
        try (var hook = new OnEvent(options.onEvent(), migration.rewrite(), options.output::say); var progress = new ProgressWatch(options.output.err(), Asking.terminal()); var _ = new Interrupt(session)) {
            session.journal().listen(e -> {
                if (options.output.json()) options.output.json(EventLine.json(e));
                var line = EventLine.text(e);
                if (!line.isEmpty()) progress.say(line);
            });
            session.journal().listen(hook::hear);
            try {
                work.accept(new Runner(session, options.takeOver(), List.of(new Orders(), new Healthcheck(), progress)));
            } catch (RuntimeException e) {
                hook.ended(e);
                throw e;
            }
            if (options.onEvent() != null && Status.of(session, migration, null).state().equals("swapped")) hook.waitingForFinalize(serverTime());
        }
    }

    private Instant serverTime() {
        long us = HeldTime.now(session.server());
        return Instant.ofEpochSecond(us / 1_000_000, us % 1_000_000 * 1000);
    }
}
