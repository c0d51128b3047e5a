package rekey.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Still;
import rekey.clickhouse.Ddl;
import rekey.model.Blocks;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.MadeTables;
import rekey.session.Session;
import rekey.session.SomeLines;
import rekey.step.Backfill;
import rekey.step.Create;

/// An attach that was cut short: the server was killed in it, or its answer was lost. What is there is told from the
/// parts.
@Tag("copy")
class AttachmentTest {
    private static final String ALL =
            "ATTACH PARTITION ID '202601' FROM STAGING, ATTACH PARTITION ID '202602' FROM STAGING, ATTACH PARTITION ID"
                    + " '202603' FROM STAGING";

    /// A target, and a staging table with a chunk of three partitions whose attach was intended and not noted.
    private record Cut(Still still, Session session, Direction direction, TableName staging, Entry intent)
            implements AutoCloseable {
        static Cut made() {
            var still = Still.table(
                    "(id UInt64, day Date) ENGINE = MergeTree PARTITION BY toYYYYMM(day) ORDER BY id",
                    "toYYYYMM(day)",
                    "day, id",
                    "");
            still.execute("INSERT INTO %s SELECT number, toDate('2026-01-01') + number % 90 FROM numbers(900)");
            still.run(new Create());
            var session = still.session();
            new BlockNumbers(session).enable();
            var direction = Direction.of(session, Way.FORWARD, still.target());
            var staging = still.migration.rewrite().staging("dead_1");
            var uuid = MadeTables.uuid(session.journal().runner(), staging);
            for (var sql : Ddl.identified(
                    Ddl.staging(direction.to(), staging, direction.to().keys()), staging, uuid))
                still.server.execute(sql);
            still.execute("INSERT INTO %s SELECT * FROM " + still.name.sql(), staging);
            new MergeHold(session).hold(still.target());
            var parts = session.catalog().parts(staging);
            var fingerprints = parts.stream()
                    .map(p -> p.partition() + "/" + p.rows() + "/" + p.hash())
                    .toList();
            var intent = session.journal()
                    .append(
                            "attach",
                            SomeLines.attaching(
                                    SomeLines.staged(
                                            direction.from().uuid(),
                                            direction.to().uuid(),
                                            staging.table(),
                                            Blocks.text(session.catalog().blocks(still.name)),
                                            900),
                                    fingerprints));
            return new Cut(still, session, direction, staging, intent);
        }

        /// The intent with the checksum of what was copied.
        Cut summed() {
            var sum = Checksum.of(
                    still.server.one("SELECT " + Checksum.columns(direction.to()) + " FROM " + staging.sql()));
            var was = (Detail.Attaching) intent.detail();
            var detail = new Detail.Attaching(
                    SomeLines.summed(was.chunk(), sum.sum(), sum.xor()),
                    was.parts(),
                    was.read(),
                    was.columns(),
                    was.sums());
            return new Cut(still, session, direction, staging, session.journal().append("attach", detail));
        }

        void attach(String commands) {
            still.execute("ALTER TABLE %s " + commands.replace("STAGING", staging.sql()), still.target());
        }

        boolean settle() {
            return new Attachment(session, direction).settle((Detail.Attaching) intent.detail());
        }

        long rows() {
            return still.server
                    .one("SELECT count() AS n FROM " + still.target().sql())
                    .number("n");
        }

        /// The next runner carries each row once, whatever there was.
        void goesOn() {
            still.run(new Backfill());
            assertEquals(still.content(still.name), still.content(still.target()));
            assertTrue(session.catalog()
                    .tablesLike(still.name.database(), still.migration.rewrite().stagingPrefix())
                    .isEmpty());
        }

        @Override
        public void close() {
            still.close();
        }
    }

    @Test
    void allIsThere() {
        try (var cut = Cut.made()) {
            cut.attach(ALL);
            assertTrue(cut.settle());
            assertEquals(900, cut.rows());
            cut.goesOn();
        }
    }

    @Test
    void nothingIsThere() {
        try (var cut = Cut.made()) {
            assertFalse(cut.settle());
            cut.goesOn();
        }
    }

    @Test
    void someIsThere() {
        try (var cut = Cut.made()) {
            cut.attach("ATTACH PARTITION ID '202602' FROM STAGING");
            assertTrue(cut.rows() > 0);
            assertFalse(cut.settle());
            assertEquals(0, cut.rows());
            cut.goesOn();
        }
    }

    /// Without a settle of one's own: a runner that takes over settles what is open.
    @Test
    void theNextRunnerSettlesIt() {
        for (var commands : List.of(ALL, "ATTACH PARTITION ID '202603' FROM STAGING")) {
            try (var cut = Cut.made()) {
                cut.attach(commands);
                cut.goesOn();
            }
        }
    }

    @Test
    void whatWasMergedSinceCantBeTold() {
        try (var cut = Cut.made()) {
            cut.attach(ALL);
            cut.attach("ATTACH PARTITION ID '202601' FROM STAGING");
            cut.still.execute("OPTIMIZE TABLE %s PARTITION ID '202601' FINAL", cut.still.target());
            var unknown = assertThrows(Trouble.OutcomeUnknown.class, cut::settle);
            assertEquals(5, unknown.exitCode());
            assertTrue(unknown.getMessage().contains("system.part_log"), unknown::getMessage);
        }
    }

    /// Its rows tell where parts don't. A row that came by another way is none of them.
    @Test
    void whatWasMergedSinceIsToldByItsRows() {
        for (boolean attached : List.of(true, false)) {
            try (var cut = Cut.made().summed()) {
                if (attached) cut.attach(ALL);
                cut.still.execute("INSERT INTO %s VALUES (5000, '2026-01-07')", cut.still.target());
                cut.still.execute("INSERT INTO %s VALUES (5001, '2026-01-07')", cut.still.target());
                cut.still.execute("OPTIMIZE TABLE %s FINAL", cut.still.target());
                assertEquals(attached, cut.settle());
                assertEquals(attached ? 902 : 2, cut.rows());
                // on the way back they count as carried, and the two others do not
                var back = Marks.read(
                                cut.session.journal().entries(),
                                cut.direction.to().uuid(),
                                cut.direction.from().uuid())
                        .pending(cut.session.catalog().parts(cut.still.target()), 10_000);
                assertEquals(
                        2,
                        cut.still
                                .server
                                .one("SELECT count() AS n FROM "
                                        + cut.still.target().sql() + " WHERE "
                                        + Chunk.join(back).condition())
                                .number("n"));
            }
        }
    }

    /// What is there once more, or was deleted in part, is not what was copied.
    @Test
    void rowsThatTellNothingTellNothing() {
        for (var change : List.of(
                "ATTACH PARTITION ID '202601' FROM STAGING",
                "DELETE WHERE id = 1 SETTINGS mutations_sync = 2",
                "DELETE WHERE 1 SETTINGS mutations_sync = 2")) {
            try (var cut = Cut.made().summed()) {
                cut.attach(ALL);
                cut.attach(change);
                cut.still.execute("INSERT INTO %s VALUES (5000, '2026-01-07')", cut.still.target());
                cut.still.execute("OPTIMIZE TABLE %s FINAL", cut.still.target());
                long rows = cut.rows();
                assertThrows(Trouble.OutcomeUnknown.class, cut::settle, change);
                assertEquals(rows, cut.rows());
            }
        }
    }

    /// By another runner that has taken over. Else nothing would be awaited, and so be found, and the chunk count as
    /// carried.
    @Test
    void aStagingTableThatIsGoneIsNotTakenForAnEmptyOne() {
        try (var cut = Cut.made()) {
            cut.session
                    .journal()
                    .append("attach", SomeLines.abandoned(((Detail.Attaching) cut.intent.detail()).chunk()));
            cut.still.execute("DROP TABLE %s SYNC", cut.staging);
            assertThrows(
                    Trouble.Stopped.class,
                    () -> new Attachment(cut.session, cut.direction)
                            .attach(
                                    new NewerRows.Sifted(
                                            cut.staging,
                                            new Checksum(900, "0", "0"),
                                            new Checksum(900, "0", "0"),
                                            java.util.Map.of(),
                                            0),
                                    ((Detail.Attaching) cut.intent.detail())
                                            .chunk()
                                            .slices(),
                                    1,
                                    List.of(),
                                    java.util.Map.of()));
            assertEquals(
                    java.util.Map.of(),
                    Marks.read(
                                    cut.session.journal().entries(),
                                    cut.direction.from().uuid(),
                                    cut.direction.to().uuid())
                            .carried());
            cut.goesOn();
        }
    }

    /// After the swap the live table is filled, by the trailing round: its owners may change it before the next
    /// runner looks.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE %s DELETE WHERE id % 9 = 1 SETTINGS mutations_sync = 2",
                "DELETE FROM %s WHERE id % 9 = 1",
                "OPTIMIZE TABLE %s FINAL"
            })
    void whatWasChangedSinceCantBeTold(String change) {
        try (var cut = Cut.made()) {
            cut.attach(ALL);
            cut.still.execute(
                    change.replace("% 9", "%% 9").formatted(cut.still.target().sql()));
            long rows = cut.rows();
            assertThrows(Trouble.OutcomeUnknown.class, cut::settle);
            assertThrows(Trouble.OutcomeUnknown.class, () -> cut.still.run(new Backfill()));
            assertEquals(rows, cut.rows());
        }
    }

    /// As long as it is not known what became of one attach, another thread attaches nothing: it would give merges
    /// back, and they take away the parts by which that is told.
    @Test
    void anotherThreadAttachesNothingMeanwhile() {
        try (var still = Still.table(
                "(id UInt64, day Date) ENGINE = MergeTree PARTITION BY toYYYYMM(day) ORDER BY id",
                "toYYYYMM(day)",
                "day, id",
                "")) {
            still.execute("INSERT INTO %s SELECT number, toDate('2026-01-01') + number % 300 FROM numbers(900)");
            var attached = new java.util.concurrent.atomic.AtomicInteger();
            var session = still.listening(sql -> {
                if (sql.contains("ATTACH PARTITION") && attached.incrementAndGet() == 1)
                    throw new IllegalStateException("nobody knows");
            });
            session.control().limits(session.limits().withThreads(4));
            assertThrows(
                    IllegalStateException.class,
                    () -> new rekey.run.Runner(session, false, List.of())
                            .run(still.migration, java.util.Optional.of("backfill")));
            assertEquals(1, attached.get());
            assertTrue(MergeHold.held(still.session().catalog().table(still.target())));
            still.migrate("resume");
            assertEquals(
                    900,
                    still.server
                            .one("SELECT count() AS n FROM " + still.name.sql())
                            .number("n"));
        }
    }

    /// The target is nobody's yet, so one need not know.
    @Test
    void whatCantBeToldAnyMoreKeepsNobodyFromGoingBack() {
        try (var cut = Cut.made()) {
            cut.attach(ALL);
            cut.still.execute("OPTIMIZE TABLE %s FINAL", cut.still.target());
            assertThrows(Trouble.OutcomeUnknown.class, () -> cut.still.run(new Backfill()));
            cut.still.rollback();
            assertTrue(cut.session.catalog().find(cut.still.target()).isEmpty());
            assertEquals(
                    900,
                    cut.still
                            .server
                            .one("SELECT count() AS n FROM " + cut.still.name.sql())
                            .number("n"));
        }
    }
}
