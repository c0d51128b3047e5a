package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Still;
import rekey.check.Check;
import rekey.check.OtherWriters;
import rekey.check.TakenNames;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Session;
import rekey.step.Finalize;
import rekey.step.Position;

/// What the other host of a shard has for itself: tables of somebody else, Buffer tables, rows that are not fetched.
@Tag("migration")
@Tag("slow")
@Tag("heavy")
class OtherHostsTablesTest {
    private static final String DEFINITION = "(id UInt64, v UInt64) ENGINE ="
            + " ReplicatedMergeTree('/t/{shard}/{database}/{table}', '{replica}') ORDER BY id";

    private final ClickHouse two = ReplicatedLab.connect(1);
    private final TableName name = ReplicatedLab.table();
    private final Still still;

    OtherHostsTablesTest() {
        two.execute("CREATE TABLE " + name.sql() + " " + DEFINITION);
        still = Still.table(ReplicatedLab.connect(0), name, DEFINITION, "", "cityHash64(id), id", "");
        still.execute("INSERT INTO %s SELECT number, number FROM numbers(500)");
        two.execute("SYSTEM SYNC REPLICA " + name.sql());
    }

    private void close() {
        still.close();
        two.close();
    }

    private Session session() {
        return still.session().with(List.of(ReplicatedLab.peer(1)));
    }

    private Runner runner() {
        return new Runner(session(), false, List.of());
    }

    private void stranger(TableName as) {
        two.execute("CREATE TABLE " + as.sql() + " (precious String) ENGINE = MergeTree ORDER BY precious");
        two.execute("INSERT INTO " + as.sql() + " VALUES ('row')");
    }

    private long rows(ClickHouse host, TableName table) {
        return host.one("SELECT count() AS n FROM " + table.sql()).number("n");
    }

    /// The copier has no such table, and a rollback dropped it there by its name.
    @Test
    void aStrangersTableIsNotDropped() {
        stranger(still.target());
        var dying = still.listening(sql -> {
                    if (sql.startsWith("CREATE TABLE " + still.target().sql())) throw new Trouble.Stopped("killed");
                })
                .with(List.of(ReplicatedLab.peer(1)));
        assertThrows(
                Trouble.Stopped.class,
                () -> new Runner(dying, false, List.of()).run(still.migration, Optional.of("create")));
        runner().rollback(still.migration);
        assertEquals(1, rows(two, still.target()));
        close();
    }

    @Test
    void aNameThatIsTakenThereIsSeenBefore() {
        assertEquals(Check.Level.OK, new TakenNames().look(session()).verdict());
        stranger(still.migration.rewrite().backup());
        var verdict = new TakenNames().look(session());
        assertEquals(Check.Level.REFUSAL, verdict.verdict());
        assertTrue(
                verdict.saw()
                        .contains(still.migration.rewrite().backup() + " on host "
                                + two.endpoint().host()),
                verdict::toString);
        close();
    }

    /// Made anew there it fetched all of it from the one that was to be dropped.
    @Test
    void finalizeThatDiedBetweenTwoHostsGoesOn() {
        runner().run(still.migration, Optional.of("resume"));
        var backup = still.migration.rewrite().backup();
        var dying = still.listening(sql -> {
                    if (sql.startsWith("DROP TABLE") && sql.contains(backup.sql())) throw new Trouble.Stopped("killed");
                })
                .with(List.of(ReplicatedLab.peer(1)));
        assertThrows(Trouble.Stopped.class, () -> new Runner(dying, false, List.of()).run(new Finalize()));
        assertFalse(new Catalog(two).exists(backup), "vacuous: it was not dropped there");
        assertTrue(new Catalog(still.server).exists(backup));
        var made = new AtomicBoolean();
        var watched = still.session()
                .with(List.of(ReplicatedLab.peer(
                        1, sql -> made.compareAndSet(false, sql.startsWith("CREATE TABLE " + backup.sql())))));
        new Runner(watched, false, List.of()).run(new Finalize());
        assertFalse(made.get(), "made anew");
        assertInstanceOf(Position.Finalized.class, Position.of(session()));
        assertEquals(500, rows(two, name));
        close();
    }

    /// As long as one host has it there is a way back.
    @Test
    void aRollbackBehindAFinalizeThatDiedGoesBack() {
        runner().run(still.migration, Optional.of("resume"));
        var backup = still.migration.rewrite().backup();
        two.execute("DROP TABLE " + backup.sql() + " SYNC");
        still.execute("INSERT INTO %s VALUES (1000, 1)");
        runner().rollback(still.migration);
        for (var host : List.of(still.server, two)) {
            host.execute("SYSTEM SYNC REPLICA " + name.sql());
            assertEquals(501, rows(host, name));
        }
        close();
    }

    /// A row that the other host has acknowledged.
    @Test
    void finalizeWaitsForWhatIsNotFetched() {
        runner().run(still.migration, Optional.of("resume"));
        var backup = still.migration.rewrite().backup();
        still.execute("SYSTEM STOP FETCHES %s", backup);
        two.execute("INSERT INTO " + backup.sql() + " VALUES (1000, 1)");
        Thread.ofVirtual().start(() -> {
            LockSupport.parkNanos(2_000_000_000L);
            still.execute("SYSTEM START FETCHES %s", backup);
        });
        var refused = assertThrows(Trouble.Refused.class, () -> runner().run(new Finalize()));
        assertTrue(refused.getMessage().contains("got 1 row since the swap"), refused::getMessage);
        runner().run(still.migration, Optional.of("resume"));
        runner().run(new Finalize());
        assertEquals(501, rows(still.server, name));
        close();
    }

    /// Whatever it flushes through.
    @Test
    void aBufferOfTheOtherHostIsKnown() {
        var alias = name.sibling("other_name");
        var buffer = name.sibling("buffer");
        two.execute("CREATE TABLE " + alias.sql() + " ENGINE = Alias('" + name.database() + "', 't')");
        two.execute("CREATE TABLE " + buffer.sql() + " (id UInt64, v UInt64) ENGINE = Buffer('" + name.database()
                + "', 'other_name', 1, 1000, 1000, 100000, 100000, 100000000, 100000000)");
        assertEquals(List.of(buffer), OtherWriters.buffers(session(), two));
        assertEquals(List.of(), OtherWriters.buffers(session()));
        two.execute("INSERT INTO " + buffer.sql() + " VALUES (7000, 1)");
        var swapped = still.listening(sql -> {}).with(List.of(ReplicatedLab.peer(1)));
        new Runner(swapped, false, List.of()).run(still.migration, Optional.of("resume"));
        assertEquals(
                1,
                two.one("SELECT count() AS n FROM " + name.sql() + " WHERE id = 7000")
                        .number("n"),
                "it was not flushed");
        close();
    }
}
