package rekey.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Still;
import rekey.clickhouse.Ddl;
import rekey.ingestion.Gate;
import rekey.migration.Migration;
import rekey.model.Ingestion;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Journal;
import rekey.session.MadeTables;
import rekey.session.Original;
import rekey.session.Session;

/// Which tables are a migration's own, and that no other is dropped, on the shared lab.
@Tag("step")
class OursTest {
    private static Still table() {
        var still = Still.table(
                "(at DateTime, k UInt64) ENGINE = MergeTree PARTITION BY toYYYYMM(at) ORDER BY k",
                "toYYYYMM(at)",
                "at, k",
                "");
        still.execute(
                "INSERT INTO %s SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + number, number FROM numbers(100)");
        return still;
    }

    private static TableName precious(Still still, String end) {
        var name = still.name.sibling(still.target().table() + end);
        still.execute("CREATE TABLE %s (n UInt64) ENGINE = MergeTree ORDER BY n", name);
        still.execute("INSERT INTO %s SELECT number FROM numbers(7)", name);
        return name;
    }

    private static void untouched(Still still, TableName name) {
        assertEquals(
                7, still.server.one("SELECT count() AS n FROM " + name.sql()).number("n"));
    }

    @Test
    void tablesWhoseNamesOnlyBeginAsRekeysAreLeftAlone() {
        try (var still = table()) {
            var staging = precious(still, "_staging_precious");
            var gate = precious(still, "_gate_notes");
            var swap = precious(still, "_swap_notes");
            still.migrate("swap");
            for (var t : new TableName[] {staging, gate, swap}) untouched(still, t);
            still.rollback();
            for (var t : new TableName[] {staging, gate, swap}) untouched(still, t);
            assertTrue(
                    new Gate(still.server, still.migration.rewrite()).standing().isEmpty());
        }
    }

    @Test
    void anotherMigrationsTargetIsNoStagingTable() {
        try (var still = table()) {
            var r = still.migration.rewrite();
            var other = Migration.of(new Rewrite(
                    r.migration() + "_staging_x", r.source(), r.partitionBy(), "", "k, at", r.sampleBy(), ""));
            var journal = new Journal(still.server, r.journal(), other.name(), "other", Optional.empty());
            var s = still.session();
            new Runner(
                            new Session(still.server, other.rewrite(), Map.of(), journal, s.control(), s.progress()),
                            false,
                            java.util.List.of())
                    .run(other, Optional.of("backfill"));
            still.run(new Create());
            assertEquals(
                    100,
                    still.server
                            .one("SELECT count() AS n FROM "
                                    + other.rewrite().target().sql())
                            .number("n"));
        }
    }

    @Test
    void whatADeadRunnerLeftIsDroppedByItsIdentity() {
        try (var still = table()) {
            still.migrate("create");
            var dead = still.session();
            dead.journal().append("", new Detail.Bare(Entry.Event.NOTE));
            var rewrite = still.migration.rewrite();
            var left = rewrite.staging(dead.journal().runner() + "_7");
            var copied = rewrite.staging(dead.journal().runner() + "_8");
            var uuid = MadeTables.uuid(dead.journal().runner(), left);
            still.execute("CREATE TABLE %s UUID '" + uuid + "' (n UInt64) ENGINE = MergeTree ORDER BY n", left);
            still.execute("CREATE TABLE %s (n UInt64) ENGINE = MergeTree ORDER BY n", copied);
            still.run(new Create());
            assertFalse(dead.catalog().exists(left));
            assertTrue(dead.catalog().exists(copied), "somebody's copy under a like name");
        }
    }

    @Test
    void whatAnOlderVersionLeftIsToldByItsNameAsItWasThen() {
        try (var still = table()) {
            still.migrate("create");
            var dead = still.session();
            dead.journal()
                    .append(
                            "",
                            new Detail.Locked(
                                    "run",
                                    Optional.empty(),
                                    false,
                                    Optional.empty(),
                                    Optional.empty(),
                                    Optional.empty(),
                                    Optional.empty()));
            var left = still.migration.rewrite().staging(dead.journal().runner() + "_7");
            var copied = still.migration.rewrite().staging(dead.journal().runner() + "_7_precious");
            for (var t : new TableName[] {left, copied})
                still.execute("CREATE TABLE %s (n UInt64) ENGINE = MergeTree ORDER BY n", t);
            still.run(new Create());
            assertFalse(dead.catalog().exists(left));
            assertTrue(dead.catalog().exists(copied));
        }
    }

    private static void begun(Session s) {
        s.journal().open();
        s.journal()
                .append(
                        "create",
                        Original.detail(
                                s.source(), s.catalog().dependants(s.source().name())));
    }

    @Test
    void aTargetIsKnownThoughNobodyNotedThatItWasMade() {
        try (var still = table()) {
            var s = still.session();
            s.journal().open();
            var uuid = MadeTables.target(s);
            begun(s);
            assertInstanceOf(Position.NotBegun.class, Position.of(s));
            for (var sql : Ddl.identified(
                    Ddl.target(s.source(), still.target(), s.keys(s.source()), ""), still.target(), uuid))
                still.server.execute(sql);
            assertInstanceOf(Position.Created.class, Position.of(s));
            still.rollback();
            assertFalse(s.catalog().exists(still.target()));
        }
    }

    @Test
    void aStrangerUnderTheTargetsNameIsNoTarget() {
        try (var still = table()) {
            var s = still.session();
            s.journal().open();
            MadeTables.target(s);
            begun(s);
            var stranger = precious(still, "");
            assertInstanceOf(Position.NotBegun.class, Position.of(s));
            var said = assertThrows(Trouble.Refused.class, () -> still.run(new Create()));
            assertTrue(said.getMessage().contains("has not made it"), said.getMessage());
            still.rollback();
            untouched(still, stranger);
        }
    }

    @Test
    void aMigrationOfAnOlderVersionIsFinishedOrRolledBack() {
        try (var still = table()) {
            var s = still.session();
            begun(s);
            for (var sql : Ddl.target(s.source(), still.target(), s.keys(s.source()), "")) still.server.execute(sql);
            assertInstanceOf(Position.Created.class, Position.of(s));
            s.journal()
                    .append(
                            "create",
                            new Detail.Created(s.catalog().uuid(still.target()).orElseThrow()));
            still.migrate("backfill");
            assertEquals(
                    100,
                    still.server
                            .one("SELECT count() AS n FROM " + still.target().sql())
                            .number("n"));
            still.rollback();
            assertFalse(s.catalog().exists(still.target()));
        }
    }

    @Test
    void aTableUnderTheGatesNameIsNotDroppedToCloseIt() {
        try (var still = table()) {
            var rewrite = still.migration.rewrite();
            var missing = rewrite.gateTarget(1);
            still.execute("CREATE TABLE %s (n UInt64) ENGINE = MergeTree ORDER BY n", missing);
            still.execute("INSERT INTO %s SELECT number FROM numbers(7)", missing);
            var gate = new Gate(still.server, rewrite);
            var kafka = new Ingestion.KafkaTable(still.name, "", java.util.List.of(), "", java.util.List.of());
            assertThrows(Trouble.Refused.class, () -> gate.close(new Ingestion(java.util.List.of(kafka))));
            gate.open();
            untouched(still, missing);
        }
    }
}
