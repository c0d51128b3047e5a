package rekey.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import rekey.cli.text.Texts;
import rekey.compare.ComparedShare;
import rekey.migration.Migration;
import rekey.model.Amounts;
import rekey.model.Trouble;
import rekey.preview.Preview;
import rekey.preview.VerifyPreview;
import rekey.run.CheaperWay;
import rekey.run.FrozenPlan;
import rekey.run.MergeHoldWarning;
import rekey.run.Orders;
import rekey.run.Plan;
import rekey.run.Prerequisites;
import rekey.run.Required;
import rekey.run.RunLock;
import rekey.run.Runner;
import rekey.run.Status;
import rekey.session.Entry;
import rekey.session.Session;
import rekey.step.Backfill;
import rekey.step.Position;
import rekey.step.Shards;
import rekey.step.Step;
import rekey.step.Steps;
import rekey.step.Verify;

/// How a migration is changed by a script or in the REPL: what is asked and refused before, and what is then carried
/// out.
public final class ConfirmedRun {
    private static final Duration UNTIL_STOPPED = Duration.ofMinutes(2);

    private final Session session;
    private final Migration migration;
    private final Operator operator;
    private boolean begun;

    /// @param session of this run alone: what it is told once, a stop say, it does not forget
    public ConfirmedRun(Session session, Migration migration, Operator operator) {
        this.session = session;
        this.migration = migration;
        this.operator = operator;
    }

    public Session session() {
        return session;
    }

    /// Whether it was consented to.
    boolean begun() {
        return begun;
    }

    public Migration migration() {
        return migration;
    }

    public Status status() {
        return Status.withLag(session, migration);
    }

    /// One operation; in a dry run its statements are printed instead.
    ///
    /// @return an exit code
    /// @throws Trouble.Refused when an operation that comes before it is not done
    public int one(Step step) {
        if (operator.dryRun()) return dry().one(step);
        return one(step, true);
    }

    /// The same, of what was consented to.
    int goOn(Step step) {
        return one(step, false);
    }

    private int one(Step step, boolean asks) {
        var now = session.glance(); // nothing changes until it is consented to
        if (alreadySo(now, step.name())) return 0;
        Prerequisites.of(now, migration, step);
        if (asks) consent(new Consent(now, migration), step);
        begun = true;
        return operator.carryOut(step.name(), this, runner -> {
            if (step.name().equals("create")) runner.run(planned(step), Optional.empty());
            else runner.run(step);
        });
    }

    /// The others leave the live table's rows and keys as they are.
    private void consent(Consent consent, Step step) {
        switch (step.name()) {
            case "backfill" -> operator.consent(consent::backfill, "Copy?");
            case "pause" -> operator.consent(consent::pause, "Pause ingestion?");
            case "swap" -> operator.consent(consent::swap, "Swap?");
            case "resume" -> consent.resume().ifPresent(lines -> operator.consent(() -> lines, "Open ingestion?"));
            default -> {}
        }
    }

    /// All operations that are not done.
    ///
    /// @param until the last one of these to be run, null for all
    public int all(String until) {
        // before anybody is asked, and before another's run is ended by --take-over
        Runner.parts(migration.steps(), Optional.ofNullable(until));
        if (operator.dryRun()) return dry().all(until);
        var now = session.glance();
        if (alreadySo(now, "migrate")) return 0;
        operator.consent(
                () -> new Consent(now, migration).migrate(until),
                "Migrate " + migration.name() + (until == null ? "" : " until " + until) + "?");
        return goOn(until);
    }

    /// The same, of what was consented to.
    int goOn(String until) {
        begun = true;
        return operator.carryOut(
                "run", this, runner -> runner.run(planned(migration.steps()), Optional.ofNullable(until)));
    }

    /// Takes one operation back.
    public int undo(Step step) {
        if (operator.dryRun()) return dry().undo(step);
        return operator.carryOut("undo " + step.name(), this, runner -> runner.undo(step));
    }

    /// What taking a step back would run.
    public Plan.Part undone(Step step) {
        var now = session.glance();
        return DryRun.undone(step, Preview.of(step).undoing(now, Position.of(now)));
    }

    private DryRun dry() {
        return new DryRun(session.glance(), migration, operator);
    }

    private int print(Object answer) {
        operator.print(answer);
        return 0;
    }

    /// The plan is frozen before the first change.
    private Migration planned(Step steps) {
        return new Migration(
                migration.rewrite(),
                migration.lowestVersion(),
                migration.after(),
                Steps.sequence(new FrozenPlan(migration, operator.plan()), steps));
    }

    /// A table that has the keys is no error: there is nothing to do. Nor is a migration that was finalized; but a
    /// finalize that was cut short behind its DROP is brought to its end, and merges that are left held are given
    /// back.
    private boolean alreadySo(Session now, String command) {
        // shards of which one was cut short have something left to do
        var position = Position.of(now);
        if (now.others().stream().anyMatch(s -> Position.of(s).getClass() != position.getClass())) return false;
        switch (position) {
            case Position.NotBegun n when !Required.of(now).required() -> print(Required.of(now));
            case Position.Finalized f
            when command.equals("finalize")
                    && now.shards().stream()
                            .anyMatch(
                                    s -> s.journal().last(Entry.Event.FINALIZED).isEmpty()) -> {
                return false;
            }
            case Position.Finalized f
            when command.equals("resume") && MergeHoldWarning.sentence(now).isPresent() -> {
                return false;
            }
            case Position.Finalized f -> print(status());
            default -> {
                return false;
            }
        }
        return true;
    }

    /// Compares by reading alone, whoever runs the migration meanwhile.
    ///
    /// @return 0
    /// @throws Trouble.Refused when something differs
    public int verify(ComparedShare sample, boolean afresh) {
        if (operator.dryRun())
            return print(new Plan.Part(
                    "verify",
                    "Compare what was carried with what is there, partition by partition; only reads.",
                    VerifyPreview.comparing(session, sample),
                    List.of()));
        return operator.lookOn(session.looking(), looking -> {
            // of every shard: it once said that all was well of the first alone
            var told = Shards.each(looking.shards(), shard -> Verify.look(shard, sample, afresh));
            told.forEach(shard -> print(shard));
            told.forEach(Verify::refuse);
        });
    }

    /// The way out of a difference: what was copied is dropped, and copied anew.
    public int again() {
        var backfill = new Backfill();
        if (operator.dryRun()) return dry().again();
        if (!(Position.of(session) instanceof Position.Created c))
            throw new Trouble.Refused("There is no table being filled that could be filled again: "
                    + session.rewrite().source() + " is "
                    + Plan.of(session, migration).state() + ".");
        operator.sure("Drop " + c.target() + " ("
                + Amounts.count(session.catalog().table(c.target()).rows(), "row") + ") and copy all of it again?");
        return operator.carryOut("backfill --again", this, runner -> {
            runner.undo(backfill);
            runner.run(backfill);
        });
    }

    /// Back to before the migration, whether it runs or not; a run is stopped first.
    public int rollBack() {
        if (operator.dryRun()) return dry().rollBack();
        Runner.mustHaveAWayBack(session, migration);
        awaitOtherRollback();
        operator.consent(new Consent(session.glance(), migration)::rollback, "Roll " + migration.name() + " back?");
        holder().filter(holder -> !holder.rollsBack()).ifPresent(holder -> {
            operator.sure("Migration " + migration.name() + " runs (" + holder + "). "
                    + (operator.takeOver() ? "End its hold" : "Stop it") + " and roll back?");
            if (!operator.takeOver()) stop(holder); // one that hangs hears no order
        });
        return operator.carryOut("rollback", this, this::rollBack);
    }

    /// Several may press the one button at once: of them one gets the lock, and the others wait for it.
    private void rollBack(Runner runner) {
        while (true)
            try {
                runner.rollback(migration);
                return;
            } catch (RunLock.Taken other) {
                if (!other.holder().rollsBack()) throw other;
                awaitOtherRollback();
            }
    }

    /// A way back that another has begun is not stopped to begin it again: it is waited for, and what it leaves, if
    /// anything, is this one's.
    private void awaitOtherRollback() {
        if (operator.takeOver()) return;
        boolean told = false;
        while (holder().filter(RunLock.Holder::rollsBack) instanceof Optional<RunLock.Holder> other
                && other.isPresent()) {
            if (!told) operator.say("It is rolled back already (" + other.get() + "): waiting for that.");
            told = true;
            session.control().sleep(200);
        }
    }

    private Optional<RunLock.Holder> holder() {
        return RunLock.holder(session);
    }

    /// Ends a run, of whoever it is, and waits until it has ended.
    public int stop() {
        if (operator.dryRun()) return dry().stop();
        var holder = holder();
        holder.ifPresentOrElse(
                this::stop,
                () -> operator.text("Nothing runs on " + session.rewrite().source() + "."));
        return 0;
    }

    private void stop(RunLock.Holder holder) {
        operator.say("Stopping " + holder + ".");
        Orders.stop(session, holder)
                .ifPresent(why -> operator.say("It stops after the statement that it has running: " + why));
        var until = Instant.now().plus(UNTIL_STOPPED);
        while (holder().filter(now -> now.who().equals(holder.who())).isPresent()) {
            if (Instant.now().isAfter(until))
                throw new Trouble.Failed(
                        "The runner (" + holder + ") has not stopped within " + UNTIL_STOPPED.toMinutes()
                                + " minutes: end its process, or go on from here with --take-over.");
            session.control().sleep(100);
        }
        operator.text("Stopped. Go on with migrate, or go back with rollback.");
    }

    /// Says what a step would do, and asks.
    public void sure(Step step, String question) {
        var ahead = ahead(step);
        if (!ahead.isEmpty()) sure(ahead, question);
    }

    private void sure(List<String> lines, String question) {
        for (var line : lines) operator.say("  - " + Texts.wrapped(line, 4, 80));
        operator.sure(question);
    }

    /// The same of the server's own ALTER.
    void sure(CheaperWay way) {
        sure(
                new Consent(session.glance(), migration).alter(way),
                "Alter " + session.rewrite().source() + "?");
    }

    /// What a step would do, in plain lines, before it is asked for; nothing where there is nothing to be asked.
    public List<String> ahead(Step step) {
        var now = session.glance();
        if (operator.dryRun() || Position.of(now) instanceof Position.Finalized) return List.of();
        Prerequisites.of(now, migration, step);
        return new Consent(now, migration).end();
    }
}
