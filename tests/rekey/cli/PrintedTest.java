package rekey.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.Still;
import rekey.ingestion.Gate;
import rekey.migration.Migration;
import rekey.model.TableName;
import rekey.preview.RoundsPreview;
import rekey.run.Plan;
import rekey.session.Session;
import rekey.step.Backfill;
import rekey.step.Create;
import rekey.step.Finalize;
import rekey.step.Optimize;
import rekey.step.Pause;
import rekey.step.Remaining;
import rekey.step.Resume;
import rekey.step.Step;
import rekey.step.Swap;
import rekey.step.Verify;

/// Each command is run right after its dry run, and what was sent is held against what was printed: nothing is sent
/// that was not printed, and all that was printed without "only where" is sent, in its order.
@Tag("cli")
@Tag("slow")
@Order(10)
class PrintedTest {
    /// What changes something. `KILL QUERY` is none of it: it finds nothing where no runner has died.
    private static final Pattern CHANGING =
            Pattern.compile("(?s)(CREATE|ALTER|DROP|RENAME|EXCHANGE|INSERT|OPTIMIZE|SYSTEM) .*");
    /// No part is merged by itself, so that what is found by its parts stays what was printed.
    private static final String DEFINITION = """
        (id UInt64, at DateTime, name String, upper String MATERIALIZED upper(name), note String TTL at + INTERVAL \
        50 YEAR) ENGINE = %s
        PARTITION BY toYYYYMM(at) ORDER BY (id, at) TTL at + INTERVAL 40 YEAR SETTINGS finished_mutations_to_keep = \
        50, min_age_to_force_merge_seconds = 100000, merge_selector_base = 1000\
        """;

    /// The operator of a dry run, or of the run.
    private static Operator operator(boolean dryRun, List<Plan.Part> printed) {
        return new UnattendedOperator(dryRun, List.of(), answer -> {
            if (answer instanceof Plan.Part part) printed.add(part);
        });
    }

    /// What is commanded, on which table.
    ///
    /// @param fed whether rows come between the dry run and the run: then a chunk is another one
    private record Bed(Migration migration, Function<Consumer<String>, Session> listening, boolean fed) {
        private List<String> same(String where, ToIntFunction<ConfirmedRun> command) {
            var printed = new ArrayList<Plan.Part>();
            var dry = operator(true, printed);
            command.applyAsInt(
                    new ConfirmedRun(listening.apply(sql -> fail("a dry run sends " + sql)), migration, dry));
            var sent = Collections.synchronizedList(new ArrayList<String>());
            command.applyAsInt(
                    new ConfirmedRun(listening.apply(sent::add), migration, operator(false, new ArrayList<>())));
            var changing =
                    sent.stream().filter(sql -> CHANGING.matcher(sql).matches()).toList();
            compare(where, printed, changing);
            return changing;
        }

        private void same(Step step) {
            same(step.name(), run -> run.one(step));
        }

        /// The same, and one of the statements has these words: that case has come.
        private void sends(String words, String where, ToIntFunction<ConfirmedRun> command) {
            var sent = same(where, command);
            assertTrue(sent.stream().anyMatch(sql -> sql.contains(words)), () -> where + ": " + sent);
        }

        private void sends(String words, Step step) {
            sends(words, step.name(), run -> run.one(step));
        }

        /// A run that dies at a statement: nothing of it is sent from there on.
        private void dyingAt(String beginning, ToIntFunction<ConfirmedRun> command) {
            dyingAt(beginning, sql -> {}, command);
        }

        /// @param last is given the statement, and may send what of it was done
        private void dyingAt(String beginning, Consumer<String> last, ToIntFunction<ConfirmedRun> command) {
            var dead = new boolean[1];
            assertThrows(
                    IllegalStateException.class,
                    () -> command.applyAsInt(new ConfirmedRun(
                            listening.apply(sql -> {
                                if (!dead[0] && sql.startsWith(beginning)) last.accept(sql);
                                dead[0] |= sql.startsWith(beginning);
                                // its lock ends with it
                                if (dead[0] && CHANGING.matcher(sql).matches()) throw new IllegalStateException("dead");
                            }),
                            migration,
                            operator(false, new ArrayList<>()))));
        }

        private void compare(String where, List<Plan.Part> printed, List<String> sent) {
            var always = new ArrayList<String>();
            var perhaps = new ArrayList<String>();
            for (var part : printed) {
                var paragraph = always;
                for (var sql : part.sql()) {
                    // of a fed table the parts are others by the time of the run, and so are how many chunks they
                    // make
                    if (sql.startsWith("--"))
                        paragraph = sql.startsWith(RoundsPreview.ONLY_WHERE)
                                        || sql.startsWith("-- for each ")
                                        || fed && sql.startsWith("-- round ")
                                ? perhaps
                                : always;
                    // the journal has a connection of its own here, whose statements are not listened to
                    else if (CHANGING.matcher(sql).matches()
                            && !sql.contains(migration.rewrite().journal().sql())) paragraph.add(sql);
                }
            }
            var rest = new ArrayList<>(sent);
            int from = 0;
            for (var sql : always) {
                int found = from;
                while (found < rest.size()
                        && !pattern(sql).matcher(rest.get(found)).matches()) found++;
                if (found == rest.size())
                    fail(where + ": printed, and not sent in this order:\n  " + sql + told(always, perhaps, sent));
                rest.remove(found);
                from = found;
            }
            var more = rest.stream()
                    .filter(sql -> perhaps.stream()
                            .noneMatch(p -> pattern(p).matcher(sql).matches()))
                    .toList();
            if (!more.isEmpty())
                fail(where + ": sent, and not printed:\n  " + String.join("\n  ", more) + told(always, perhaps, sent));
        }

        private static String told(List<String> always, List<String> perhaps, List<String> sent) {
            return "\nprinted:\n  " + String.join("\n  ", always) + "\nprinted, only where:\n  "
                    + String.join("\n  ", perhaps) + "\nsent:\n  " + String.join("\n  ", sent);
        }

        /// The settings of an INSERT are printed as a clause and sent beside the statement.
        private Pattern pattern(String sql) {
            var text = sql.startsWith("INSERT") ? sql.substring(0, sql.lastIndexOf(" SETTINGS async_insert")) : sql;
            if (fed)
                text = text.replaceFirst("(?s) WHERE _part IN .*", " WHERE <rows>")
                        .replaceFirst(" ATTACH PARTITION ID .*", " ATTACH PARTITION ID <parts>");
            var out = new StringBuilder();
            int at = 0;
            for (var m = Pattern.compile("<[^<>=]+>").matcher(text); m.find(); at = m.end())
                out.append(Pattern.quote(text.substring(at, m.start())))
                        .append(
                                m.group().equals("<runner>")
                                        ? "[0-9a-f]{8}"
                                        : m.group().equals("<n>") ? "\\d+" : ".+");
            return Pattern.compile(out + Pattern.quote(text.substring(at)), Pattern.DOTALL);
        }
    }

    private static Still still(String engine) {
        var still = Still.table(
                DEFINITION.formatted(engine), "toYYYYMM(at)", "name, cityHash64(id), id, at", "cityHash64(id)");
        insert(still, 3000);
        return still.withLimits(Scene.LIMITS.withChunkRows(700).withThreads(1));
    }

    private static void insert(Still still, long rows) {
        insert(still, still.name, rows);
    }

    private static void insert(Still still, TableName into, long rows) {
        still.execute(
                "INSERT INTO %s (id, at, name, note) SELECT number, toDateTime('2026-01-01 00:00:00') + number % 90 *"
                        + " 86400, concat('n', toString(number % 10)), 'x' FROM numbers("
                        + rows + ")",
                into);
    }

    @Test
    void eachOperationByItselfThenBackAndToTheEnd() {
        try (var still = still("MergeTree")) {
            var bed = new Bed(still.migration, still::listening, false);
            bed.same(new Create());
            bed.same(new Create());
            bed.same("rollback of an empty target", ConfirmedRun::rollBack);
            bed.same(new Create());
            bed.same(new Backfill());
            insert(still, 10);
            still.execute("ALTER TABLE %s DELETE WHERE id = 2999 SETTINGS mutations_sync = 1");
            bed.same(new Backfill());
            bed.same("backfill --again", ConfirmedRun::again);
            insert(still, 10);
            bed.same(new Verify());
            insert(still, 10);
            bed.same(new Pause());
            bed.same(new Pause());
            bed.same("undo pause", run -> run.undo(new Pause()));
            bed.same(new Pause());
            bed.same(new Remaining());
            // a runner died behind the first statement of its swap
            still.server.execute("RENAME TABLE " + still.target().sql() + " TO "
                    + still.name
                            .sibling(still.target().table() + "_swap_00000000_1")
                            .sql());
            bed.same(new Swap());
            bed.same(new Swap());
            bed.same(new Resume());
            bed.same(new Resume());
            insert(still, 10);
            bed.same(new Optimize());
            still.execute("ALTER TABLE %s DELETE WHERE id = 2998 SETTINGS mutations_sync = 1");
            bed.same("rollback", ConfirmedRun::rollBack);
            bed.same("migrate", run -> run.all(null));
            bed.same(new Finalize());
            bed.same("rollback of nothing", run -> run.undo(new Swap()));
        }
    }

    @Test
    void whereverItWasLeftHalfDone() {
        try (var still = still("ReplacingMergeTree")) {
            var bed = new Bed(still.migration, still::listening, false);
            bed.same(new Create());
            bed.same("migrate after create", run -> run.all("backfill"));
            insert(still, 10);
            bed.same("rollback before the swap", ConfirmedRun::rollBack);
            // in the copy of the second chunk, then in an attach that nobody noted
            bed.dyingAt("ALTER TABLE " + still.target().sql() + " ATTACH", run -> run.all(null));
            bed.same("migrate with an open attach", run -> run.all("verify"));
            bed.dyingAt("EXCHANGE", run -> run.all(null));
            bed.same("migrate from a target under its swap's name", run -> run.all("swap"));
            bed.same("migrate after the swap", run -> run.all(null));
            insert(still, 10);
            bed.dyingAt("EXCHANGE", ConfirmedRun::rollBack);
            insert(still, 10);
            bed.same("rollback with the backup under its swap's name", ConfirmedRun::rollBack);
            still.migrate("swap");
            bed.same("rollback of a swap without its resume", ConfirmedRun::rollBack);
            still.migrate("resume");
            var once = still.name.sibling(still.target().table() + "_swap_");
            bed.dyingAt("RENAME TABLE " + once.sql().replaceFirst("`$", ""), ConfirmedRun::rollBack);
            bed.same("rollback behind the exchange", ConfirmedRun::rollBack);
            assertEquals(
                    List.of("rekey_journal", "t"),
                    still
                            .server
                            .query("SELECT name FROM system.tables WHERE database = '" + still.name.database()
                                    + "' ORDER BY name")
                            .stream()
                            .map(r -> r.string("name"))
                            .toList());
        }
    }

    /// What stands under "only where" is sent in these cases, each made here.
    @Test
    void inTheCasesThatAreSeldom() {
        try (var still = still("ReplacingMergeTree")) {
            var bed = new Bed(still.migration, still::listening, false);
            still.migrate("backfill");
            insert(still, 62); // few enough to be carried together, of three partitions
            // of the partitions of a chunk one was attached, and the server died
            bed.dyingAt(
                    "ALTER TABLE " + still.target().sql() + " ATTACH",
                    sql -> still.server.execute(sql.substring(0, sql.indexOf(", ATTACH"))),
                    run -> run.one(new Backfill()));
            bed.sends("DROP PART", new Backfill());
            still.execute("ALTER TABLE %s DROP PARTITION ID '202602'");
            bed.sends("DROP PARTITION", new Backfill());
            bed.same(new Verify());
            bed.same(new Pause());
            bed.same(new Remaining());
            insert(still, 10); // by others than Kafka, in the moment of the exchange
            bed.sends("ATTACH PARTITION", new Swap());
            bed.same(new Resume());
            still.rollback();
            // the runner died behind the exchange, and what ran through it lies behind newer rows of its keys
            var once = still.target().table() + "_swap_";
            bed.dyingAt(
                    "RENAME TABLE " + still.name.sibling(once).sql().replaceFirst("`$", ""), run -> run.all("swap"));
            var displaced = still.session()
                    .catalog()
                    .tablesLike(still.name.database(), once)
                    .getFirst();
            insert(still, displaced, 10);
            insert(still, 5);
            bed.sends("WHERE NOT tuple(", "migrate behind the exchange", run -> run.all(null));
        }
    }

    @Test
    void whileMessagesComeIn() {
        try (var scene = Scene.live(Scene.REPLACING)) {
            var bed = new Bed(scene.migration, scene::listening, true);
            scene.migrate("backfill");
            // the gate is made and not closed
            var closing = new Gate(scene.server, scene.migration.rewrite())
                    .closing(scene.session().catalog().ingestion(scene.events()));
            closing.subList(0, closing.size() * 2 / 3).forEach(scene.server::execute);
            bed.same("migrate with a gate half made", run -> run.all("pause"));
            bed.same(new Pause()); // it stands
            new Gate(scene.server, scene.migration.rewrite())
                    .closing(scene.session().catalog().ingestion(scene.events())).stream()
                            .limit(1)
                            .forEach(scene.server::execute);
            bed.same(new Pause()); // by half
            bed.same(new Remaining());
            bed.same(new Swap());
            bed.same(new Resume());
            bed.same("rollback", ConfirmedRun::rollBack);
            scene.assertAsBefore();
            scene.assertNothingLostOrDoubled();
            assertTrue(scene.ingestionOpen());
        }
    }
}
