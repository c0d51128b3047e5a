package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Still;
import rekey.Wire;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.clickhouse.Peer;
import rekey.clickhouse.ServerGone;
import rekey.copy.MergeHold;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.HostStatus;
import rekey.run.MigrationState;
import rekey.run.Orders;
import rekey.run.Runner;
import rekey.run.Standstill;
import rekey.run.Status;
import rekey.session.Control;
import rekey.session.Detail;
import rekey.session.Journal;
import rekey.session.Progress;
import rekey.session.Session;
import rekey.step.MergeHoldRelease;
import rekey.step.Pause;
import rekey.step.Position;

/// A host of the shard is away, or its answer is lost.
@Tag("migration")
@Tag("slow")
@Tag("heavy")
class AwayHostTest {
    private static Still table() {
        var name = ReplicatedLab.table();
        var definition = "(id UInt64, at DateTime('UTC'), v UInt64) ENGINE ="
                + " ReplicatedMergeTree('/t/{shard}/{database}/{table}', '{replica}') PARTITION BY toYYYYMM(at)"
                + " ORDER BY (at, id)";
        try (var two = ReplicatedLab.connect(1)) {
            two.execute("CREATE TABLE " + name.sql() + " " + definition);
        }
        var still = Still.table(ReplicatedLab.connect(0), name, definition, "toYYYYMM(at)", "id, at", "");
        insert(still, 0, 900);
        return still;
    }

    private static void insert(Still still, long first, int rows) {
        still.execute("INSERT INTO %s SELECT number + " + first
                + ", toDateTime('2026-01-01 00:00:00', 'UTC') + (number % 90) * 86400, number FROM numbers(" + rows
                + ")");
    }

    private static Session session(Still still) {
        return still.session().with(List.of(ReplicatedLab.peer(1)));
    }

    /// Nobody answers for the other host.
    private static Session away(Still still) {
        return still.session().with(List.of(new Peer("h2", Endpoint.of("http://127.0.0.1:9"), sql -> {})));
    }

    private static boolean held(ClickHouse host, TableName table) {
        return MergeHold.held(new Catalog(host).table(table));
    }

    /// The others' merges are given back without it, of every table, and its own when it is back.
    @Test
    void mergesAreGivenBackOnTheOthers() {
        try (var still = table();
                var two = ReplicatedLab.connect(1)) {
            new Runner(session(still), false, List.of()).run(still.migration, Optional.of("backfill"));
            var tables = List.of(still.name, still.target());
            for (var t : tables) new MergeHold(session(still)).hold(t);
            for (var t : tables) assertTrue(held(still.server, t) && held(two, t), t::toString);
            var e = assertThrows(ServerGone.class, () -> new Pause().undo(away(still)));
            assertTrue(e.getMessage().contains("Host h2"), e::getMessage);
            for (var t : tables) {
                assertFalse(held(still.server, t), t::toString);
                assertTrue(held(two, t), t::toString);
                assertTrue(MergeHold.anywhere(
                        session(still), session(still).catalog().table(t)));
                assertFalse(
                        MergeHold.anywhere(away(still), session(still).catalog().table(t)));
            }
            assertEquals(tables, MergeHoldRelease.tables(session(still)));
            new Runner(session(still), false, List.of()).run(still.migration, Optional.of("resume"));
            for (var host : List.of(still.server, two)) {
                assertFalse(held(host, still.name));
                assertFalse(held(host, still.migration.rewrite().backup()));
            }
        }
    }

    /// Where a migration stands is told by those that answer, and an order reaches the one that copies.
    @Test
    void statusAndOrdersWaitForNobody() {
        try (var still = table()) {
            new Runner(session(still), false, List.of()).run(still.migration, Optional.of("backfill"));
            var status = Status.of(away(still), still.migration, null);
            assertEquals(MigrationState.BEGUN, status.state());
            assertEquals(
                    List.of(true, false),
                    status.hosts().stream().map(HostStatus::answers).toList());
            assertTrue(Standstill.of(away(still)).isEmpty());
            Orders.send(away(still), "throttle", "");
            assertFalse(still.journal().stream()
                    .filter(e -> e.detail() instanceof Detail.Order)
                    .toList()
                    .isEmpty());
        }
    }

    private static Session through(Wire wire, Still still) {
        var server = ClickHouse.connect(Endpoint.of(wire.url()));
        var journal = new Journal(
                server,
                still.migration.rewrite().journal(),
                still.migration.name(),
                UUID.randomUUID().toString().substring(0, 8),
                Optional.empty());
        return new Session(
                        server,
                        still.migration.rewrite(),
                        Map.of(),
                        journal,
                        new Control(still.session().limits().withChunkRows(100_000)),
                        new Progress())
                .with(List.of(ReplicatedLab.peer(1)));
    }

    private static void insist(Still still, Session first) {
        try {
            new Runner(first, false, List.of()).run(still.migration, Optional.of("resume"));
        } catch (Trouble e) {
            new Runner(session(still), false, List.of()).run(still.migration, Optional.of("resume"));
        }
        assertInstanceOf(Position.Swapped.class, Position.of(session(still)));
        try (var two = ReplicatedLab.connect(1)) {
            for (var host : List.of(still.server, two)) {
                host.execute("SYSTEM SYNC REPLICA " + still.name.sql());
                var r = host.one("SELECT count() AS n, uniqExact(id) AS ids FROM " + still.name.sql());
                assertEquals(900, r.number("n"));
                assertEquals(900, r.number("ids"));
            }
        }
    }

    /// All partitions of the chunk are there, once.
    @Test
    void theAnswerToAnAttachIsLost() throws IOException {
        try (var still = table()) {
            var lost = new AtomicBoolean();
            try (var wire = new Wire(
                    ReplicatedLab.url(0), sql -> sql.contains(", ATTACH PARTITION") && !lost.getAndSet(true))) {
                insist(still, through(wire, still));
                assertTrue(lost.get(), "vacuous: no answer was lost");
            }
        }
    }

    /// The statement ended between two partitions, and with it the tool: the one that came is taken out, and all of
    /// them come anew.
    @Test
    void anAttachThatEndedBetweenTwoPartitions() {
        try (var still = table()) {
            var died = new AtomicBoolean();
            var dying = still.listening(sql -> {
                if (!sql.contains(", ATTACH PARTITION") || died.getAndSet(true)) return;
                still.server.execute(sql.substring(0, sql.indexOf(", ATTACH PARTITION")));
                throw new Error("the tool dies here");
            });
            dying.control().limits(dying.limits().withChunkRows(100_000));
            assertThrows(
                    Error.class,
                    () -> new Runner(dying.with(List.of(ReplicatedLab.peer(1))), false, List.of())
                            .run(still.migration, Optional.of("resume")));
            assertTrue(died.get(), "vacuous: no chunk had two partitions");
            insist(still, session(still));
        }
    }

    @Test
    void theAnswerToTheOtherHostsExchangeIsLost() throws IOException {
        try (var still = table()) {
            var lost = new AtomicBoolean();
            try (var wire =
                    new Wire(ReplicatedLab.url(1), sql -> sql.contains("EXCHANGE TABLES") && !lost.getAndSet(true))) {
                insist(still, still.session().with(List.of(new Peer("h2", Endpoint.of(wire.url()), sql -> {}))));
                assertTrue(lost.get(), "vacuous: no answer was lost");
            }
        }
    }
}
