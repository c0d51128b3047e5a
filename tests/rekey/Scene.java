package rekey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import rekey.clickhouse.Sql;
import rekey.ingestion.Gate;
import rekey.lab.EmbeddedLab;
import rekey.lab.EventProducer;
import rekey.lab.GuideTable;
import rekey.lab.Judge;
import rekey.lab.Ledger;
import rekey.migration.Events0002;
import rekey.model.TableName;
import rekey.session.Limits;

/// The guide's table on a lab, filled and fed from Kafka all the while, and the guide's migration of it.
///
/// Time is never what a test is about, and machines are slow: the limits are wide, and what is waited for is waited
/// for long.
public final class Scene extends Migrating {
    public static final Duration PATIENCE = Duration.ofSeconds(150);
    public static final Limits LIMITS = Limits.DEFAULT
            .withMaxHeld(Duration.ofSeconds(20))
            .withDeadline(Duration.ofSeconds(50))
            .withChunkRows(400_000);
    /// Each is a partition: fewer chunks and parts are made of them than of the lab's own 6, and a run of all tests
    /// is shorter.
    static final int MONTHS = 3;
    public static final String REPLACING = "ReplacingMergeTree(_timestamp)", PLAIN = "MergeTree";

    public final EmbeddedLab lab;
    public final GuideTable table;
    public final EventProducer producer;
    private final Map<String, String> before;

    private Scene(
            EmbeddedLab lab, TableName name, GuideTable.Options options, long rows, EventProducer.Options produced) {
        super(lab.clickhouse().connect(), Events0002.of(name), LIMITS);
        this.lab = lab;
        table = new GuideTable(
                        server, lab.kafka(), name, options.withInsertedAt().withMonths(MONTHS))
                .create()
                .fill(rows, 7);
        producer = new EventProducer(lab.bootstrap(), table.topic(), produced, new Ledger());
        before = tables();
    }

    /// On the shared lab, in a database of its own, with messages coming in.
    public static Scene live(String engine) {
        return live(new TableName(Labs.database(), "events"), GuideTable.Options.GUIDE.withEngine(engine));
    }

    /// The same under any name and with other options.
    public static Scene live(TableName name, GuideTable.Options options) {
        return live(Labs.shared(), name, options);
    }

    /// The same on a lab of one's own.
    public static Scene live(EmbeddedLab lab, TableName name, GuideTable.Options options) {
        var scene = new Scene(
                lab, name, options, 30_000, EventProducer.Options.of(150, 11).withMonths(MONTHS));
        scene.producer.start();
        await("the first messages to come in", () -> scene.count(name, "_partition != " + GuideTable.FILLED) > 0);
        return scene;
    }

    public TableName events() {
        return table.events();
    }

    public Scene withLimits(Limits other) {
        limit(other);
        return this;
    }

    public long count(TableName t, String where) {
        return server.one("SELECT count() AS n FROM " + t.sql() + " WHERE " + where)
                .number("n");
    }

    /// Every row of a table in two words, whatever its order, its parts, and the merges of a collapsing one.
    public String content(TableName t) {
        var last = session().catalog().table(t).collapses() ? " FINAL" : "";
        var r = server.one(
                "SELECT count() AS n, sum(cityHash64(tuple(*, properties_browser))) AS h FROM " + t.sql() + last);
        return r.string("n") + " rows, " + r.string("h");
    }

    /// What is in the database: each table's name and definition, but for the journal.
    public Map<String, String> tables() {
        return server
                .query("SELECT name, create_table_query AS q FROM system.tables WHERE database = "
                        + Sql.text(events().database()) + " AND name NOT IN ('rekey_journal')")
                .stream()
                .collect(Collectors.toMap(r -> r.string("name"), r -> r.string("q"), (a, b) -> a, TreeMap::new));
    }

    public boolean ingestionOpen() {
        var gate = new Gate(server, migration.rewrite());
        return gate.standing().isEmpty() && gate.leftTargets().isEmpty();
    }

    /// Ends producing for a time, and waits until all of it is in the table.
    public void quiet() {
        producer.pause();
        table.awaitConsumed(producer.ledger(), PATIENCE);
    }

    /// Ends producing and fails unless each message and each row filled before is in the live table, once.
    public Judge.Verdict assertNothingLostOrDoubled() {
        quiet();
        var verdict = judge();
        if (!verdict.ok())
            fail(verdict.missing() + " missing, " + verdict.duplicated() + " doubled (by FINAL "
                    + verdict.missingFinal() + ", " + verdict.doubledFinal() + "): "
                    + String.join("; ", verdict.examples()));
        return verdict;
    }

    /// What the ledger says of the live table as it is.
    public Judge.Verdict judge() {
        return Judge.of(server, producer.ledger()).withFilled(table.filled()).judge(events());
    }

    /// Fails unless everything but the rows is as it was before the migration.
    public void assertAsBefore() {
        assertEquals(before, tables());
        if (!ingestionOpen()) fail("ingestion is not open");
    }

    /// What the migration so far can have shown.
    public Shown shown() {
        return Shown.by(journal(), producer.ledger());
    }

    /// Waits for what the server, Kafka or another process does in its own time.
    public static void await(String what, BooleanSupplier done) {
        await(what, PATIENCE, done);
    }

    public static void await(String what, Duration patience, BooleanSupplier done) {
        for (var end = Instant.now().plus(patience); !done.getAsBoolean(); ) {
            if (Instant.now().isAfter(end)) fail("waited " + patience.toSeconds() + " s for " + what);
            java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
        }
    }

    @Override
    public void close() {
        try {
            producer.close();
            new Gate(server, migration.rewrite()).open();
            server.execute("DROP DATABASE " + TableName.quote(events().database()) + " SYNC");
        } finally {
            super.close();
        }
    }
}
