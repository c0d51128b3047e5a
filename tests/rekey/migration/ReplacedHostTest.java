package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Still;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.copy.AsyncInsertQueue;
import rekey.model.Trouble;
import rekey.run.Runner;

/// A host of a shard was made anew, or was away, and has an older journal than the others.
@Tag("migration")
@Tag("slow")
@Tag("heavy")
class ReplacedHostTest {
    private static Still swapped(List<String> sent) {
        var name = ReplicatedLab.table();
        var definition = "(id UInt64, v UInt64) ENGINE ="
                + " ReplicatedMergeTree('/t/{shard}/{database}/{table}', '{replica}') ORDER BY id";
        try (var two = ReplicatedLab.connect(1)) {
            two.execute("CREATE TABLE " + name.sql() + " " + definition);
        }
        var still = Still.table(ReplicatedLab.connect(0), name, definition, "", "cityHash64(id), id", "");
        still.execute("INSERT INTO %s SELECT number, number FROM numbers(900)");
        migrate(still, 0, sent);
        return still;
    }

    private static void migrate(Still still, int copier, List<String> sent) {
        try (var session = ReplicatedLab.copying(still, copier, sent::add, line -> {})) {
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
        }
    }

    private static long lines(Still still, ClickHouse host) {
        return host.one("SELECT count() AS n FROM "
                        + still.migration.rewrite().journal().sql())
                .number("n");
    }

    /// What it calls its tables would have been followed: the swap was taken back on all others, without its rows.
    @Test
    void aCopierThatWasMadeAnewIsNotFollowed() {
        try (var still = swapped(new CopyOnWriteArrayList<>());
                var two = ReplicatedLab.connect(1)) {
            still.execute("DROP TABLE %s SYNC", still.migration.rewrite().journal());
            var before = new Catalog(two).table(still.name).keys();
            for (int copier = 0; copier < 2; copier++) {
                int by = copier;
                var refused =
                        assertThrows(Trouble.Refused.class, () -> migrate(still, by, new CopyOnWriteArrayList<>()));
                assertTrue(refused.getMessage().contains("its journal lacks"), refused::getMessage);
                assertTrue(refused.getMessage().contains("--host-is-gone h1"), refused::getMessage);
            }
            assertEquals(before, new Catalog(two).table(still.name).keys());
        }
    }

    /// Of a migration that was rolled back no table is left whose name could be wrong.
    @Test
    void aCopierThatWasMadeAnewBehindTheEndIsAnyHost() {
        try (var still = swapped(new CopyOnWriteArrayList<>());
                var two = ReplicatedLab.connect(1)) {
            try (var session = ReplicatedLab.copying(still, 0, sql -> {}, line -> {})) {
                new Runner(session, false, List.of()).rollback(still.migration);
            }
            still.execute("DROP TABLE %s SYNC", still.migration.rewrite().journal());
            migrate(still, 0, new CopyOnWriteArrayList<>());
            assertEquals(
                    "cityHash64(id), id",
                    new Catalog(two).table(still.name).keys().orderBy());
        }
    }

    /// Each run said that another one had the old name copy meanwhile, and none got on.
    @Test
    void allHostsHaveOtherNamesAndAnotherOneCopies() {
        try (var still = swapped(new CopyOnWriteArrayList<>());
                var two = ReplicatedLab.connect(1)) {
            two.execute("INSERT INTO " + still.name.sql() + " SELECT number + 900, number FROM numbers(100)");
            try (var session = ReplicatedLab.copying(still, 1, List.of("b", "a"), sql -> {}, line -> {})) {
                assertEquals("b", session.copying().before().orElseThrow(), "vacuous: the one that copied goes on");
                new Runner(session, false, List.of()).rollback(still.migration);
            }
            for (var host : List.of(still.server, two)) {
                host.execute("SYSTEM SYNC REPLICA " + still.name.sql());
                assertEquals("id", new Catalog(host).table(still.name).keys().orderBy());
                assertEquals(
                        "1000 1000",
                        host.one("SELECT concat(toString(count()), ' ', toString(uniqExact(id))) AS n FROM "
                                        + still.name.sql())
                                .string("n"));
            }
        }
    }

    /// It knew nothing of the swap; when the other host was lost then, what was carried was carried again.
    @Test
    void aHostThatWasAwayGetsTheLinesThatItLacks() {
        try (var still = swapped(new CopyOnWriteArrayList<>());
                var two = ReplicatedLab.connect(1)) {
            two.execute("TRUNCATE TABLE " + still.migration.rewrite().journal().sql());
            migrate(still, 0, new CopyOnWriteArrayList<>());
            assertEquals(lines(still, still.server), lines(still, two));
        }
    }

    /// Hosts exchange one behind the other: what the second one answered in between was refused when it was written.
    @Test
    void eachHostsQueueIsEmptiedRightBeforeItsExchange() {
        var sent = new CopyOnWriteArrayList<String>();
        try (var still = swapped(sent)) {
            var exchanges = java.util.stream.IntStream.range(0, sent.size())
                    .filter(n -> sent.get(n).startsWith("EXCHANGE TABLES " + still.name.sql()))
                    .toArray();
            assertEquals(2, exchanges.length, sent::toString);
            assertEquals(AsyncInsertQueue.flushing(still.name), sent.get(exchanges[1] - 1));
        }
    }
}
