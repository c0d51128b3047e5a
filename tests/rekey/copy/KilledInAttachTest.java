package rekey.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.Still;
import rekey.lab.EmbeddedLab;
import rekey.lab.LabOptions;
import rekey.model.TableName;
import rekey.run.Runner;
import rekey.session.Entry.Event;
import rekey.step.Position;

/// The server killed within one ATTACH of very many parts, which is not atomic: when it is back, some of them are
/// there.
@Tag("restart")
@Order(5)
class KilledInAttachTest {
    private static final int PARTS = 500, ROWS = 2000, TRIES = 8;

    @Test
    void whatIsThereInPartIsTakenBackAndAttachedOnce() {
        try (var lab = EmbeddedLab.start(LabOptions.temporary().withoutKafka())) {
            var found = new ArrayList<Long>();
            for (int n = 1; n <= TRIES; n++) if (attempt(lab, "killed_" + n, found)) return;
            throw new AssertionError("vacuous: of " + PARTS + " parts each time all or none were there: " + found);
        }
    }

    /// One migration, its server killed in the attach of its only chunk.
    ///
    /// @return whether some of its parts were there, and others not
    private static boolean attempt(EmbeddedLab lab, String database, List<Long> found) {
        try (var server = lab.clickhouse().connect()) {
            server.execute("CREATE DATABASE " + database);
        }
        // of a source in one partition one chunk is made, and of that one staging table with a part for each
        // partition of the target
        try (var still = Still.table(
                lab.clickhouse().connect(),
                new TableName(database, "t"),
                "(id UInt64, v String) ENGINE = MergeTree ORDER BY id",
                "id % " + PARTS,
                "v, id",
                "")) {
            still.execute("INSERT INTO %s SELECT number, toString(cityHash64(number)) FROM numbers(" + ROWS + ")");
            still.migrate("create");
            var before = rows(still, still.name);
            var killed = new AtomicBoolean();
            var killer = CompletableFuture.runAsync(
                    () -> {
                        try (var looking = lab.clickhouse().connect()) {
                            Scene.await(
                                    "parts to be attached",
                                    () -> looking.one("SELECT count() AS n FROM system.parts WHERE active AND"
                                                            + " database = '"
                                                            + database + "' AND table = '"
                                                            + still.target().table() + "'")
                                                    .number("n")
                                            > 0);
                        }
                        killed.set(true);
                        lab.clickhouse().kill();
                        lab.clickhouse().start();
                    },
                    Thread::startVirtualThread);
            var there = new ArrayList<Long>();
            // the first statement to a server that is back comes before anything is decided
            var session = still.listening(sql -> {
                if (killed.get() && there.isEmpty() && sql.startsWith("KILL QUERY"))
                    there.add((long)
                            still.session().catalog().parts(still.target()).size());
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("backfill"));
            killer.join();
            found.addAll(there);
            if (there.isEmpty()) return false; // all was done before the kill
            assertEquals(before, rows(still, still.target()));
            boolean some = there.getFirst() > 0 && there.getFirst() < PARTS;
            if (!some) return false;
            assertEquals(
                    1,
                    still.session()
                            .journal()
                            .entries(e -> e.event() == Event.ABANDONED)
                            .size());
            still.migrate("resume");
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
            assertEquals(before, rows(still, still.name));
            still.rollback();
            assertInstanceOf(Position.NotBegun.class, Position.of(still.session()));
            assertEquals(before, rows(still, still.name));
            assertTrue(before.startsWith(ROWS + " rows, " + ROWS + " ids"), before);
            return true;
        }
    }

    private static String rows(Still still, TableName table) {
        var r = still.server.one(
                "SELECT count() AS n, uniqExact(id) AS ids, sum(cityHash64(id, v)) AS hash FROM " + table.sql());
        return r.string("n") + " rows, " + r.string("ids") + " ids, " + r.string("hash");
    }
}
