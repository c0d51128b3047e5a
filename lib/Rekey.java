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
//COMPILE_OPTIONS -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC
//RUNTIME_OPTIONS --enable-native-access=ALL-UNNAMED
//FILES rekey-words/rekey/Rekey.java=Rekey.java
//SOURCES ScriptWords.java
//SOURCES rekey/check/package-info.java
//SOURCES rekey/cli/package-info.java
//SOURCES rekey/clickhouse/package-info.java
//SOURCES rekey/compare/package-info.java
//SOURCES rekey/copy/package-info.java
//SOURCES rekey/ingestion/package-info.java
//SOURCES rekey/kafka/package-info.java
//SOURCES rekey/look/package-info.java
//SOURCES rekey/migration/package-info.java
//SOURCES rekey/model/package-info.java
//SOURCES rekey/page/package-info.java
//SOURCES rekey/preview/package-info.java
//SOURCES rekey/repl/package-info.java
//SOURCES rekey/report/package-info.java
//SOURCES rekey/run/package-info.java
//SOURCES rekey/session/package-info.java
//SOURCES rekey/sheet/package-info.java
//SOURCES rekey/step/package-info.java

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
import rekey.cli.text.Texts;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.look.Activity;
import rekey.look.Description;
import rekey.look.Diff;
import rekey.look.Disks;
import rekey.look.Errors;
import rekey.look.Inflow;
import rekey.look.JournalLines;
import rekey.look.Overview;
import rekey.look.Parts;
import rekey.look.Streams;
import rekey.look.Tables;
import rekey.migration.Events0002;
import rekey.migration.Migration;
import rekey.migration.Migrations;
import rekey.migration.NewKeys;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.repl.LibraryHelp;
import rekey.report.Document;
import rekey.report.MigrationFacts;
import rekey.report.Report;
import rekey.report.ReportFiles;
import rekey.report.Runbook;
import rekey.report.RunbookScripts;
import rekey.run.CheckResults;
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

/// The vocabulary of rekey, for `import static rekey.Rekey.*` in scripts, JShell and notebooks, and the one list of
/// the library's sources and dependencies.
///
///     var server = connect("http://localhost:8123");
///     var migration = events0002("posthog.events");
///     var session = session(server, migration);
///     plan(session, migration);
///     create().run(session);
///
/// What scripts alone need stands in [ScriptWords].
public final class Rekey extends ScriptWords {
    private Rekey() {}

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

    /// New keys for a table, each by its name, as in
    /// `rewrite("shop.hits").orderBy("site, toDate(at)").on(server)`. What is left out stays as it is.
    public static NewKeys rewrite(String table) {
        return NewKeys.of(table);
    }

    /// A migration of a rewrite that says all there is, in the guide's order.
    public static Migration migration(Rewrite rewrite) {
        return Migration.of(rewrite);
    }

    /// What steps and plans work on. Nothing is written until a step is run.
    public static Session session(ClickHouse server, Migration migration) {
        var runner = "r" + UUID.randomUUID().toString().substring(0, 8);
        return new Session(
                server,
                migration.rewrite(),
                Map.of(),
                new Journal(
                        server,
                        migration.rewrite().journal(),
                        Journal.key(
                                server,
                                migration.rewrite().journal(),
                                migration.name(),
                                migration.rewrite().source()),
                        runner,
                        Optional.empty()),
                new Control(Limits.DEFAULT),
                new Progress());
    }

    /// The same of new keys for a table.
    public static Session session(ClickHouse server, NewKeys keys) {
        return session(server, keys.on(server));
    }

    // --- the operations, and how they are put together ---

    /// Operation 1: the new table and its staging.
    public static Step create() {
        return new Create();
    }

    /// Operation 2: copy, while ingestion goes on.
    public static Step backfill() {
        return new Backfill();
    }

    /// The whole comparison, made online.
    public static Verify verify() {
        return new Verify();
    }

    /// Operation 3: Kafka's views stop.
    public static Step pause() {
        return new Pause();
    }

    /// Operation 4: what came since the last round.
    public static Step remaining() {
        return new Remaining();
    }

    /// Operation 5: the tables are exchanged, the old one kept as a backup.
    public static Step swap() {
        return new Swap();
    }

    /// Operation 6: Kafka's views go on.
    public static Step resume() {
        return new Resume();
    }

    /// Operation 7: merge, partition by partition.
    public static Step optimize() {
        return new Optimize();
    }

    /// Drops the backup: from then on there is no way back.
    public static Step dropBackup() {
        return new Finalize();
    }

    /// One after the other.
    public static Step sequence(Step... steps) {
        return Steps.sequence(steps);
    }

    /// Pause, these, resume; however they end, ingestion is not left stopped unless the outcome is unknown.
    public static Step whilePaused(Step... body) {
        return Steps.whilePaused(body);
    }

    // --- look ---

    /// Whether the table still has its old keys, and which differ.
    public static Required required(Session session) {
        return Required.of(session);
    }

    /// What would be done; only reads.
    public static Plan plan(Session session, Migration migration) {
        return Plan.of(session, migration);
    }

    /// The same in the guide's order.
    public static Plan plan(Session session) {
        return plan(session, migration(session.rewrite()));
    }

    /// What one step would run now, and what would undo it.
    public static Plan.Part plan(Session session, Step step) {
        return Plan.part(session, step);
    }

    /// What a migration needs before its first change.
    public static CheckResults precheck(Session session, Migration migration) {
        return CheckResults.before(session, migration);
    }

    /// What may go wrong while it runs.
    public static CheckResults healthcheck(Session session) {
        return CheckResults.during(session);
    }

    /// Where it stands.
    public static Status status(Session session, Migration migration) {
        return Status.withLag(session, migration);
    }

    /// The same in the guide's order.
    public static Status status(Session session) {
        return status(session, migration(session.rewrite()));
    }

    /// What was done, with plots, as far as it has come; queries of one's own have `{table}` where its name belongs.
    public static Document report(Session session, Migration migration, String... queries) {
        return Report.of(MigrationFacts.of(session, migration, List.of(queries)));
    }

    /// The same as files in a folder: Markdown with its pictures, and one file of HTML.
    public static ReportFiles saved(Path folder, Session session, Migration migration, List<String> queries) {
        return ReportFiles.to(folder, MigrationFacts.of(session, migration, ReportFiles.queries(queries)));
    }

    /// What would be done, as Markdown to be followed by a person: with rekey, and as plain SQL by hand. Only reads.
    ///
    /// @param options by which a command finds this migration, as a person types them
    public static String runbook(Session session, Migration migration, String options) {
        return Runbook.of(session, migration, options);
    }

    /// The scripts, each made to work alone, away from the repository.
    ///
    /// @param base the address or folder of the rekey that they are to name; null: this one
    public static RunbookScripts scripts(String base) {
        return RunbookScripts.of(base);
    }

    /// What tables a database has, and what each is there for.
    public static Sheet tables(ClickHouse server, String database) {
        return new Tables(server).sheet(database);
    }

    /// One table: keys, size, columns, who feeds it and who reads from it.
    public static Sheet describe(ClickHouse server, String table) {
        return new Description(server)
                .sheet(TableName.parse(table, server.endpoint().database()));
    }

    /// A table's partitions.
    public static Sheet partitions(ClickHouse server, String table) {
        return new Parts(server)
                .partitions(TableName.parse(table, server.endpoint().database()));
    }

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
    public static Sheet inflow(Session session) {
        return new Inflow(session.server()).sheet(session.rewrite().source(), 15);
    }

    /// Merges that run, and tables of a database whose merges are held.
    public static Sheet merges(ClickHouse server, String database) {
        return new Activity(server).merges(database);
    }

    /// Queries that run.
    public static Sheet queries(ClickHouse server) {
        return new Activity(server).queries();
    }

    /// How full the disks are.
    public static Sheet disks(ClickHouse server) {
        return new Disks(server).sheet();
    }

    /// What was intended and done, the last lines.
    public static Sheet journal(Session session) {
        return new JournalLines(session.journal()).sheet(50, false);
    }

    /// The old definition and the new one, line by line.
    public static Diff diff(Session session) {
        return Diff.of(session);
    }

    /// The server's own errors of some hours, memory kills and restarts told apart.
    public static Sheet errors(ClickHouse server, int hours) {
        return new Errors(server).sheet(hours);
    }

    /// The first look: what is out of the ordinary.
    public static Sheet now(Session session) {
        return new Overview(session.server(), session.kafkaConfig())
                .sheet(session.rewrite().source().database());
    }

    /// A picture of a report: `rows`, `held`, `parts` or `queries`.
    ///
    /// @throws IllegalArgumentException when the report has no such picture
    public static BufferedImage picture(Document report, String name) {
        var found = report.blocks().stream()
                .filter(b -> b instanceof Document.Picture p && p.name().equals(name))
                .map(Document.Picture.class::cast)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("This report has no picture '" + name + "'."));
        try {
            return ImageIO.read(new ByteArrayInputStream(found.png()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Prints an answer as the commands do.
    public static void show(Object answer) {
        IO.println(Texts.of(answer));
    }

    /// Prints the words there are.
    public static void help() {
        IO.println(LibraryHelp.read().all());
    }

    /// Prints what one word is, such as `plan`.
    public static void help(String word) {
        IO.println(LibraryHelp.read().one(word));
    }

    // --- run ---

    /// One runner at a time, with the operator's orders heard.
    public static Runner runner(Session session) {
        return new Runner(session, false, List.of(new Orders())).checked();
    }
}
