package rekey;
//JAVA 25+
//DEPS com.clickhouse:clickhouse-jdbc:0.9.9:all@fatjar
//DEPS org.apache.kafka:kafka-clients:4.4.0
//DEPS tools.jackson.core:jackson-databind:3.2.4
//DEPS tools.jackson.dataformat:jackson-dataformat-yaml:3.2.4
//DEPS info.picocli:picocli:4.7.7
//DEPS org.jline:jline:4.5.0
//DEPS org.knowm.xchart:xchart:4.0.3
//DEPS org.slf4j:slf4j-nop:2.0.17
//RUNTIME_OPTIONS --enable-native-access=ALL-UNNAMED
//SOURCES rekey/model/Blocks.java
//SOURCES rekey/model/Column.java
//SOURCES rekey/model/Ingestion.java
//SOURCES rekey/model/Keys.java
//SOURCES rekey/model/Mutation.java
//SOURCES rekey/model/Part.java
//SOURCES rekey/model/Rewrite.java
//SOURCES rekey/model/Table.java
//SOURCES rekey/model/TableName.java
//SOURCES rekey/model/Trouble.java
//SOURCES rekey/clickhouse/Answer.java
//SOURCES rekey/clickhouse/Catalog.java
//SOURCES rekey/clickhouse/Clauses.java
//SOURCES rekey/clickhouse/ClickHouse.java
//SOURCES rekey/clickhouse/Ddl.java
//SOURCES rekey/clickhouse/Endpoint.java
//SOURCES rekey/clickhouse/KeyText.java
//SOURCES rekey/clickhouse/Misplaced.java
//SOURCES rekey/clickhouse/Row.java
//SOURCES rekey/clickhouse/Sentences.java
//SOURCES rekey/clickhouse/ServerError.java
//SOURCES rekey/clickhouse/ServerGone.java
//SOURCES rekey/clickhouse/Sql.java
//SOURCES rekey/clickhouse/Unstored.java
//SOURCES rekey/kafka/Headroom.java
//SOURCES rekey/kafka/HeadroomProbe.java
//SOURCES rekey/kafka/KafkaAdmin.java
//SOURCES rekey/kafka/KafkaDenied.java
//SOURCES rekey/kafka/KafkaFailed.java
//SOURCES rekey/kafka/LogDirs.java
//SOURCES rekey/kafka/Member.java
//SOURCES rekey/kafka/Offsets.java
//SOURCES rekey/kafka/Retention.java
//SOURCES rekey/session/Control.java
//SOURCES rekey/session/Definition.java
//SOURCES rekey/session/Entry.java
//SOURCES rekey/session/Journal.java
//SOURCES rekey/session/Limits.java
//SOURCES rekey/session/Original.java
//SOURCES rekey/session/Progress.java
//SOURCES rekey/session/Replayed.java
//SOURCES rekey/session/Session.java
//SOURCES rekey/ingestion/Consumers.java
//SOURCES rekey/ingestion/Continuity.java
//SOURCES rekey/ingestion/Gate.java
//SOURCES rekey/ingestion/Guard.java
//SOURCES rekey/ingestion/HeldTime.java
//SOURCES rekey/copy/Attachment.java
//SOURCES rekey/copy/BlockNumbers.java
//SOURCES rekey/copy/Checksum.java
//SOURCES rekey/copy/Chunk.java
//SOURCES rekey/copy/Copier.java
//SOURCES rekey/copy/Direction.java
//SOURCES rekey/copy/Expiry.java
//SOURCES rekey/copy/Foreign.java
//SOURCES rekey/copy/Gone.java
//SOURCES rekey/copy/Lost.java
//SOURCES rekey/copy/Marks.java
//SOURCES rekey/copy/MergeHold.java
//SOURCES rekey/copy/Outline.java
//SOURCES rekey/copy/Replay.java
//SOURCES rekey/copy/Rounds.java
//SOURCES rekey/copy/Trace.java
//SOURCES rekey/check/Amount.java
//SOURCES rekey/check/AtomicDatabase.java
//SOURCES rekey/check/Begun.java
//SOURCES rekey/check/Check.java
//SOURCES rekey/check/Checks.java
//SOURCES rekey/check/CleanupMerges.java
//SOURCES rekey/check/ColumnsUnchanged.java
//SOURCES rekey/check/ConsumerGroup.java
//SOURCES rekey/check/Deduplication.java
//SOURCES rekey/check/DeduplicationWindow.java
//SOURCES rekey/check/DefinitionUnchanged.java
//SOURCES rekey/check/Dependants.java
//SOURCES rekey/check/DetachedParts.java
//SOURCES rekey/check/DiskSpace.java
//SOURCES rekey/check/KafkaHeadroom.java
//SOURCES rekey/check/KafkaViews.java
//SOURCES rekey/check/KeyTree.java
//SOURCES rekey/check/Leftovers.java
//SOURCES rekey/check/LightweightUpdates.java
//SOURCES rekey/check/MisplacedRows.java
//SOURCES rekey/check/NewMutations.java
//SOURCES rekey/check/OtherMigrations.java
//SOURCES rekey/check/OtherWriters.java
//SOURCES rekey/check/PartsLimit.java
//SOURCES rekey/check/PriorMigrations.java
//SOURCES rekey/check/Privileges.java
//SOURCES rekey/check/ReplicationQueue.java
//SOURCES rekey/check/RowPolicies.java
//SOURCES rekey/check/ServerAbilities.java
//SOURCES rekey/check/ServerMemory.java
//SOURCES rekey/check/ServerVersion.java
//SOURCES rekey/check/SessionSettings.java
//SOURCES rekey/check/Setting.java
//SOURCES rekey/check/TableEngine.java
//SOURCES rekey/check/TableTtl.java
//SOURCES rekey/check/UnfinishedMutations.java
//SOURCES rekey/check/UnstoredColumns.java
//SOURCES rekey/compare/Compared.java
//SOURCES rekey/compare/Comparison.java
//SOURCES rekey/compare/DifferingKeys.java
//SOURCES rekey/compare/Key.java
//SOURCES rekey/compare/RowHashes.java
//SOURCES rekey/compare/Sample.java
//SOURCES rekey/compare/Side.java
//SOURCES rekey/compare/Snapshot.java
//SOURCES rekey/compare/Standing.java
//SOURCES rekey/compare/Verification.java
//SOURCES rekey/compare/Verified.java
//SOURCES rekey/step/Back.java
//SOURCES rekey/step/Backfill.java
//SOURCES rekey/step/Create.java
//SOURCES rekey/step/Detached.java
//SOURCES rekey/step/Equal.java
//SOURCES rekey/step/Finalize.java
//SOURCES rekey/step/Held.java
//SOURCES rekey/step/Hold.java
//SOURCES rekey/step/Optimize.java
//SOURCES rekey/step/Pause.java
//SOURCES rekey/step/Position.java
//SOURCES rekey/step/ReadOn.java
//SOURCES rekey/step/Remaining.java
//SOURCES rekey/step/Resume.java
//SOURCES rekey/step/Staging.java
//SOURCES rekey/step/Step.java
//SOURCES rekey/step/Steps.java
//SOURCES rekey/step/Swap.java
//SOURCES rekey/step/Trailing.java
//SOURCES rekey/step/Verify.java
//SOURCES rekey/migration/Events0002.java
//SOURCES rekey/migration/Migration.java
//SOURCES rekey/migration/Migrations.java
//SOURCES rekey/run/Amounts.java
//SOURCES rekey/run/Checking.java
//SOURCES rekey/run/CopySample.java
//SOURCES rekey/run/DiskShare.java
//SOURCES rekey/run/Estimate.java
//SOURCES rekey/run/Healthcheck.java
//SOURCES rekey/run/Lag.java
//SOURCES rekey/run/LeftHeld.java
//SOURCES rekey/run/Orders.java
//SOURCES rekey/run/Patience.java
//SOURCES rekey/run/Plan.java
//SOURCES rekey/run/Planned.java
//SOURCES rekey/run/ProgressWatch.java
//SOURCES rekey/run/Required.java
//SOURCES rekey/run/RunLock.java
//SOURCES rekey/run/Runner.java
//SOURCES rekey/run/Samples.java
//SOURCES rekey/run/Status.java
//SOURCES rekey/run/Watching.java
//SOURCES rekey/sheet/Facts.java
//SOURCES rekey/sheet/Grid.java
//SOURCES rekey/sheet/GridText.java
//SOURCES rekey/sheet/Secrets.java
//SOURCES rekey/sheet/Sheet.java
//SOURCES rekey/sheet/Visible.java
//SOURCES rekey/sheet/Words.java
//SOURCES rekey/look/Activity.java
//SOURCES rekey/look/Description.java
//SOURCES rekey/look/Diff.java
//SOURCES rekey/look/Disks.java
//SOURCES rekey/look/Errors.java
//SOURCES rekey/look/Inflow.java
//SOURCES rekey/look/Known.java
//SOURCES rekey/look/Lines.java
//SOURCES rekey/look/Overview.java
//SOURCES rekey/look/Parts.java
//SOURCES rekey/look/Streams.java
//SOURCES rekey/look/Tables.java
//SOURCES rekey/report/Costs.java
//SOURCES rekey/report/Facts.java
//SOURCES rekey/report/Hold.java
//SOURCES rekey/report/Html.java
//SOURCES rekey/report/Markdown.java
//SOURCES rekey/report/Page.java
//SOURCES rekey/report/Report.java
//SOURCES rekey/report/Runbook.java
//SOURCES rekey/report/RunbookAdvice.java
//SOURCES rekey/report/RunbookBack.java
//SOURCES rekey/report/RunbookBlock.java
//SOURCES rekey/report/RunbookByHand.java
//SOURCES rekey/report/RunbookCarry.java
//SOURCES rekey/report/RunbookComparison.java
//SOURCES rekey/report/RunbookScripts.java
//SOURCES rekey/report/RunbookTables.java
//SOURCES rekey/report/Saved.java
//SOURCES rekey/report/Statements.java
//SOURCES rekey/report/Story.java
//SOURCES rekey/report/Timeline.java
//SOURCES rekey/report/plot/Bars.java
//SOURCES rekey/report/plot/Curves.java
//SOURCES rekey/report/plot/Drawing.java
//SOURCES rekey/report/plot/RunPlot.java
//SOURCES rekey/cli/Asking.java
//SOURCES rekey/cli/Cli.java
//SOURCES rekey/cli/ClientConfig.java
//SOURCES rekey/cli/Connection.java
//SOURCES rekey/cli/DryRun.java
//SOURCES rekey/cli/Interrupt.java
//SOURCES rekey/cli/Job.java
//SOURCES rekey/cli/OnEvent.java
//SOURCES rekey/cli/Operator.java
//SOURCES rekey/cli/Options.java
//SOURCES rekey/cli/Output.java
//SOURCES rekey/cli/PlanOptions.java
//SOURCES rekey/cli/Prerequisites.java
//SOURCES rekey/cli/Rewriting.java
//SOURCES rekey/cli/Run.java
//SOURCES rekey/cli/RunOptions.java
//SOURCES rekey/cli/text/EventLine.java
//SOURCES rekey/cli/text/Metrics.java
//SOURCES rekey/cli/text/PlanText.java
//SOURCES rekey/cli/text/Texts.java
//SOURCES rekey/cli/text/VerifiedText.java
//SOURCES rekey/repl/Commands.java
//SOURCES rekey/repl/Inquiry.java
//SOURCES rekey/repl/JShell.java
//SOURCES rekey/repl/Prompt.java
//SOURCES rekey/repl/Recording.java
//SOURCES rekey/repl/Repl.java
//SOURCES rekey/repl/ReplOptions.java
//SOURCES rekey/repl/Shell.java
//SOURCES rekey/repl/ShellCommand.java
//SOURCES rekey/repl/SqlConsole.java
//SOURCES rekey/repl/Telling.java
//SOURCES rekey/repl/Typist.java
//SOURCES rekey/repl/line/Assistance.java
//SOURCES rekey/repl/line/Line.java
//SOURCES rekey/repl/line/Lines.java
//SOURCES rekey/repl/line/Whole.java
//SOURCES rekey/repl/run/AtTheTerminal.java
//SOURCES rekey/repl/run/Follow.java
//SOURCES rekey/repl/run/StatusBar.java
//SOURCES rekey/repl/run/Underway.java
//SOURCES rekey/repl/screen/CtrlC.java
//SOURCES rekey/repl/screen/Drawn.java
//SOURCES rekey/repl/screen/Ending.java
//SOURCES rekey/repl/screen/Pager.java
//SOURCES rekey/repl/screen/Pen.java
//SOURCES rekey/repl/screen/PlainScreen.java
//SOURCES rekey/repl/screen/Redirect.java
//SOURCES rekey/repl/screen/Remembered.java
//SOURCES rekey/repl/screen/SayingWriter.java
//SOURCES rekey/repl/screen/Screen.java
//SOURCES rekey/repl/screen/TerminalScreen.java
//SOURCES rekey/repl/sql/Colours.java
//SOURCES rekey/repl/sql/Complaint.java
//SOURCES rekey/repl/sql/Completion.java
//SOURCES rekey/repl/sql/Console.java
//SOURCES rekey/repl/sql/Guarded.java
//SOURCES rekey/repl/sql/Names.java
//SOURCES rekey/repl/sql/Outfile.java
//SOURCES rekey/repl/sql/Place.java
//SOURCES rekey/repl/sql/Rows.java
//SOURCES rekey/repl/sql/Sitting.java
//SOURCES rekey/repl/sql/Statement.java
//SOURCES rekey/repl/sql/Token.java
//SOURCES rekey/repl/sql/Typed.java
//SOURCES rekey/repl/sql/Vocabulary.java
//SOURCES rekey/repl/sql/Watch.java
//SOURCES rekey/repl/command/StepCommand.java
//SOURCES rekey/repl/command/control/Attach.java
//SOURCES rekey/repl/command/control/Chunk.java
//SOURCES rekey/repl/command/control/Control.java
//SOURCES rekey/repl/command/control/Detach.java
//SOURCES rekey/repl/command/control/LimitCommand.java
//SOURCES rekey/repl/command/control/MaxHeld.java
//SOURCES rekey/repl/command/control/NoThrottle.java
//SOURCES rekey/repl/command/control/OrderCommand.java
//SOURCES rekey/repl/command/control/Panic.java
//SOURCES rekey/repl/command/control/Postpone.java
//SOURCES rekey/repl/command/control/Stop.java
//SOURCES rekey/repl/command/control/Threads.java
//SOURCES rekey/repl/command/control/Throttle.java
//SOURCES rekey/repl/command/control/Unpostpone.java
//SOURCES rekey/repl/command/control/Wait.java
//SOURCES rekey/repl/command/inspect/Databases.java
//SOURCES rekey/repl/command/inspect/Describe.java
//SOURCES rekey/repl/command/inspect/Diff.java
//SOURCES rekey/repl/command/inspect/Inspect.java
//SOURCES rekey/repl/command/inspect/Journal.java
//SOURCES rekey/repl/command/inspect/Looking.java
//SOURCES rekey/repl/command/inspect/Partitions.java
//SOURCES rekey/repl/command/inspect/Parts.java
//SOURCES rekey/repl/command/inspect/Tables.java
//SOURCES rekey/repl/command/inspect/kafka/Consumers.java
//SOURCES rekey/repl/command/inspect/kafka/Inflow.java
//SOURCES rekey/repl/command/inspect/kafka/Lag.java
//SOURCES rekey/repl/command/inspect/server/Disks.java
//SOURCES rekey/repl/command/inspect/server/Errors.java
//SOURCES rekey/repl/command/inspect/server/Kill.java
//SOURCES rekey/repl/command/inspect/server/Merges.java
//SOURCES rekey/repl/command/inspect/server/Mutations.java
//SOURCES rekey/repl/command/inspect/server/Now.java
//SOURCES rekey/repl/command/inspect/server/Queries.java
//SOURCES rekey/repl/command/inspect/server/Slow.java
//SOURCES rekey/repl/command/operation/Backfill.java
//SOURCES rekey/repl/command/operation/Create.java
//SOURCES rekey/repl/command/operation/OperationCommand.java
//SOURCES rekey/repl/command/operation/Operations.java
//SOURCES rekey/repl/command/operation/Optimize.java
//SOURCES rekey/repl/command/operation/Pause.java
//SOURCES rekey/repl/command/operation/Remaining.java
//SOURCES rekey/repl/command/operation/Resume.java
//SOURCES rekey/repl/command/operation/Swap.java
//SOURCES rekey/repl/command/operation/Verify.java
//SOURCES rekey/repl/command/shell/Choose.java
//SOURCES rekey/repl/command/shell/Connect.java
//SOURCES rekey/repl/command/shell/Exit.java
//SOURCES rekey/repl/command/shell/Help.java
//SOURCES rekey/repl/command/shell/History.java
//SOURCES rekey/repl/command/shell/Session.java
//SOURCES rekey/repl/command/shell/Watch.java
//SOURCES rekey/repl/command/step/Ahead.java
//SOURCES rekey/repl/command/step/Check.java
//SOURCES rekey/repl/command/step/Explain.java
//SOURCES rekey/repl/command/step/Finalize.java
//SOURCES rekey/repl/command/step/Next.java
//SOURCES rekey/repl/command/step/Plan.java
//SOURCES rekey/repl/command/step/Rollback.java
//SOURCES rekey/repl/command/step/Run.java
//SOURCES rekey/repl/command/step/Runbook.java
//SOURCES rekey/repl/command/step/Status.java
//SOURCES rekey/repl/command/step/Steps.java
//SOURCES rekey/repl/command/step/Undo.java

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.imageio.ImageIO;
import rekey.cli.Cli;
import rekey.cli.Job;
import rekey.cli.Options;
import rekey.cli.text.Metrics;
import rekey.cli.text.Texts;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.look.Activity;
import rekey.look.Description;
import rekey.look.Diff;
import rekey.look.Disks;
import rekey.look.Errors;
import rekey.look.Inflow;
import rekey.look.Lines;
import rekey.look.Overview;
import rekey.look.Parts;
import rekey.look.Streams;
import rekey.look.Tables;
import rekey.migration.Events0002;
import rekey.migration.Migration;
import rekey.migration.Migrations;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.repl.JShell;
import rekey.repl.Repl;
import rekey.repl.ReplOptions;
import rekey.report.Facts;
import rekey.report.Page;
import rekey.report.Report;
import rekey.report.Runbook;
import rekey.report.RunbookScripts;
import rekey.report.Saved;
import rekey.run.Checking;
import rekey.run.Lag;
import rekey.run.Orders;
import rekey.run.Plan;
import rekey.run.Required;
import rekey.run.Runner;
import rekey.run.Status;
import rekey.session.Control;
import rekey.session.Journal;
import rekey.session.Limits;
import rekey.session.Progress;
import rekey.session.Session;
import rekey.sheet.Sheet;
import rekey.step.Backfill;
import rekey.step.Create;
import rekey.step.Finalize;
import rekey.step.Optimize;
import rekey.step.Pause;
import rekey.step.Remaining;
import rekey.step.Resume;
import rekey.step.Step;
import rekey.step.Steps;
import rekey.step.Swap;
import rekey.step.Verify;

/// The vocabulary of rekey, for `import static rekey.Rekey.*` in scripts, JShell and notebooks, and the one list of the
/// library's sources and dependencies.
///
///     var server = connect("http://localhost:8123");
///     var migration = events0002("posthog.events");
///     var session = session(server, migration);
///     plan(session, migration);
///     create().run(session);
public final class Rekey {
    private Rekey() { }

    // --- where and what ---

    /// A server, as its `default` user without a password; for others see [Endpoint].
    public static ClickHouse connect(String url) {
        return ClickHouse.connect(Endpoint.of(url));
    }

    /// A migration by its name: shipped, or frozen in the journal of the connection's database.
    public static Migration migration(ClickHouse server, String name) {
        return Migrations.named(server, name);
    }

    /// The guide's migration of an events table.
    public static Migration events0002(String table) {
        return Events0002.of(TableName.parse(table, "default"));
    }

    /// A migration of any table to new keys, in the guide's order.
    public static Migration migration(Rewrite rewrite) {
        return Migration.of(rewrite);
    }

    /// What steps and plans work on. Nothing is written until a step is run.
    public static Session session(ClickHouse server, Migration migration) {
        var runner = "r" + UUID.randomUUID().toString().substring(0, 8);
        return new Session(server, migration.rewrite(), Map.of(), new Journal(server, migration.rewrite().journal(), migration.name(), runner, Optional.empty()),
                new Control(Limits.DEFAULT), new Progress());
    }

    // --- the operations, and how they are put together ---

    /// Operation 1: the new table and its staging.
    public static Step create() { return new Create(); }

    /// Operation 2: copy, while ingestion goes on.
    public static Step backfill() { return new Backfill(); }

    /// The whole comparison, made online.
    public static Verify verify() { return new Verify(); }

    /// Operation 3: Kafka's views stop.
    public static Step pause() { return new Pause(); }

    /// Operation 4: what came since the last round.
    public static Step remaining() { return new Remaining(); }

    /// Operation 5: the tables are exchanged, the old one kept as a backup.
    public static Step swap() { return new Swap(); }

    /// Operation 6: Kafka's views go on.
    public static Step resume() { return new Resume(); }

    /// Operation 7: merge, partition by partition.
    public static Step optimize() { return new Optimize(); }

    /// Drops the backup: from then on there is no way back.
    public static Step dropBackup() { return new Finalize(); }

    /// One after the other.
    public static Step sequence(Step... steps) { return Steps.sequence(steps); }

    /// Pause, these, resume; however they end, ingestion is not left stopped unless the outcome is unknown.
    public static Step whilePaused(Step... body) { return Steps.whilePaused(body); }

    // --- look ---

    /// Whether the table still has its old keys, and which differ.
    public static Required required(Session session) { return Required.of(session); }

    /// What would be done; only reads.
    public static Plan plan(Session session, Migration migration) { return Plan.of(session, migration); }

    /// What one step would run now, and what would undo it.
    public static Plan.Part plan(Session session, Step step) { return Plan.part(session, step); }

    /// What a migration needs before its first change.
    public static Checking precheck(Session session, Migration migration) { return Checking.before(session, migration); }

    /// What may go wrong while it runs.
    public static Checking healthcheck(Session session) { return Checking.during(session); }

    /// Where it stands.
    public static Status status(Session session, Migration migration) { return Status.of(session, migration, Lag.of(session)); }

    /// What was done, with plots, as far as it has come; queries of one's own have `{table}` where its name belongs.
    public static Page report(Session session, Migration migration, String... queries) {
        return Report.of(Facts.of(session, migration, List.of(queries)));
    }

    /// The same as files in a folder: Markdown with its pictures, and one file of HTML.
    public static Saved saved(Path folder, Session session, Migration migration, List<String> queries) {
        return Saved.to(folder, Facts.of(session, migration, Saved.queries(queries)));
    }

    /// What would be done, as Markdown to be followed by a person: with rekey, and as plain SQL by hand. Only reads.
    ///
    /// @param options by which a command finds this migration, as a person types them
    public static String runbook(Session session, Migration migration, String options) { return Runbook.of(session, migration, options); }

    /// The scripts, each made to work alone, away from the repository.
    ///
    /// @param base the address or folder of the rekey that they are to name; null: this one
    public static RunbookScripts scripts(String base) { return RunbookScripts.of(base); }

    /// What tables a database has, and what each is there for.
    public static Sheet tables(ClickHouse server, String database) { return new Tables(server).sheet(database); }

    /// One table: keys, size, columns, who feeds it and who reads from it.
    public static Sheet describe(ClickHouse server, String table) { return new Description(server).sheet(TableName.parse(table, server.endpoint().database())); }

    /// A table's partitions.
    public static Sheet partitions(ClickHouse server, String table) { return new Parts(server).partitions(TableName.parse(table, server.endpoint().database())); }

    /// What waits in Kafka for the source, per partition, and how long it is kept.
    public static Sheet lag(Session session) {
        var streams = new Streams(session.server(), session.kafkaConfig());
        return streams.lag(streams.feeding(session.rewrite().source()));
    }

    /// Who reads the source's topics.
    public static Sheet consumers(Session session) {
        var streams = new Streams(session.server(), session.kafkaConfig());
        return streams.consumers(streams.feeding(session.rewrite().source()));
    }

    /// Whether rows come into the source, minute by minute.
    public static Sheet inflow(Session session) { return new Inflow(session.server()).sheet(session.rewrite().source(), 15); }

    /// Merges that run, and tables of a database whose merges are held.
    public static Sheet merges(ClickHouse server, String database) { return new Activity(server).merges(database); }

    /// Queries that run.
    public static Sheet queries(ClickHouse server) { return new Activity(server).queries(); }

    /// How full the disks are.
    public static Sheet disks(ClickHouse server) { return new Disks(server).sheet(); }

    /// What was intended and done, the last lines.
    public static Sheet journal(Session session) { return new Lines(session.journal()).sheet(50, false); }

    /// The old definition and the new one, line by line.
    public static Diff diff(Session session) { return Diff.of(session); }

    /// The server's own errors of some hours, memory kills and restarts told apart.
    public static Sheet errors(ClickHouse server, int hours) { return new Errors(server).sheet(hours); }

    /// The first look: what is out of the ordinary.
    public static Sheet now(Session session) { return new Overview(session.server(), session.kafkaConfig()).sheet(session.rewrite().source().database()); }

    /// A picture of a report: `rows`, `held`, `parts` or `queries`.
    ///
    /// @throws IllegalArgumentException when the report has no such picture
    public static BufferedImage picture(Page report, String name) {
        var found = report.blocks().stream().filter(b -> b instanceof Page.Picture p && p.name().equals(name)).map(Page.Picture.class::cast).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("This report has no picture '" + name + "'."));
        try {
            return ImageIO.read(new ByteArrayInputStream(found.png()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Prints an answer as the commands do.
    public static void show(Object answer) { IO.println(Texts.of(answer)); }

    // --- run ---

    /// One runner at a time, with the operator's orders heard.
    public static Runner runner(Session session) { return new Runner(session, false, List.of(new Orders())); }

    // --- for scripts ---

    /// Runs a script's command; the answer is its exit code.
    public static int command(Object script, String... args) { return Cli.run(script, args); }

    /// Connects, finds the migration that the options name, and says first when ingestion stands still.
    public static Job open(Options options) { return Job.open(options); }

    /// The same for a script that is about one migration.
    public static Job open(Options options, String migration) { return Job.open(options, migration); }

    /// Where the migration stands that the options name; where they name none, all that the database's journal knows.
    public static List<Status> statuses(Options options) { return Job.statuses(options); }

    /// The interactive shell, until it is left; the answer is an exit code.
    public static int repl(ReplOptions options) { return Repl.run(options); }

    /// The JDK's JShell on this library and a connection; the answer is an exit code.
    ///
    /// @param startup what is run before the first prompt
    public static int jshell(Options options, String startup) { return JShell.run(options, startup); }

    /// In Prometheus' text format.
    public static String metrics(List<Status> statuses) { return Metrics.of(statuses); }
}
