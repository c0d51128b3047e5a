package rekey.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Labs;
import rekey.Still;
import rekey.Wire;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.compare.ComparisonVerdict;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Entry.Event;
import rekey.step.Backfill;
import rekey.step.Position;

/// A chunk whose copy is not what the source holds is not attached.
@Tag("copy")
class CopierTest {
    private static final Pattern COPY = Pattern.compile("INSERT INTO (\\S+_staging_\\S+) ");

    /// As a fault of the disk or of the engine would leave it: changed behind the INSERT that filled it, before it
    /// is looked at. `%s` is the staging table.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "TRUNCATE TABLE %s",
                "INSERT INTO %s SELECT * FROM %s WHERE id = 77",
                "ALTER TABLE %s DELETE WHERE id = 77 SETTINGS mutations_sync = 2",
                "ALTER TABLE %s UPDATE v = v + 1 WHERE id = 77 SETTINGS mutations_sync = 2",
                "ALTER TABLE %s UPDATE v = if(v = 77, 79, 77) WHERE id IN (77, 79) SETTINGS mutations_sync = 2",
            })
    void aCopyThatDiffersIsNotAttached(String change) throws IOException {
        isRefused("MergeTree", change);
    }

    /// Compared are all its rows, also those that a merge would drop.
    @Test
    void aCopyOfAReplacingTableThatDiffersIsNotAttached() throws IOException {
        isRefused("ReplacingMergeTree(v)", "INSERT INTO %s SELECT * FROM %s WHERE id = 77");
    }

    /// What is little is summed where it comes from while it is copied.
    @Test
    void norIsOneOfFewRows() throws IOException {
        var copies = new AtomicInteger();
        try (var other = Labs.connect();
                var wire = new Wire(Labs.shared().url(), sql -> {
                    var copy = COPY.matcher(sql);
                    if (!copy.lookingAt()) return false;
                    if (copies.incrementAndGet() == 1)
                        other.execute("INSERT INTO "
                                + copy.group(1).replaceFirst("_rekey_m1_staging_[^`]*", "")
                                + " SELECT number, 1 FROM numbers(100, 20)");
                    else if (copies.get() == 2)
                        other.execute(
                                "INSERT INTO " + copy.group(1) + " SELECT * FROM " + copy.group(1) + " WHERE id = 107");
                    return false;
                });
                var still = Still.table(
                        ClickHouse.connect(Endpoint.of(wire.url())),
                        new TableName(Labs.database(), "t"),
                        "(id UInt64, v UInt32) ENGINE = MergeTree ORDER BY id",
                        "",
                        "v, id",
                        "")) {
            still.execute("INSERT INTO %s SELECT number, 1 FROM numbers(100)");
            var refused = assertThrows(Trouble.Refused.class, () -> still.migrate("resume"));
            assertTrue(refused.getMessage().contains("differs from"), refused::getMessage);
            assertEquals(2, copies.get());
            assertEquals(
                    1,
                    still.session()
                            .journal()
                            .entries(e -> e.is("attach", Event.INTENT))
                            .size());
        }
    }

    private static void isRefused(String engine, String change) throws IOException {
        var changed = new AtomicBoolean();
        try (var other = Labs.connect();
                var wire = new Wire(Labs.shared().url(), sql -> {
                    var copy = COPY.matcher(sql);
                    if (copy.lookingAt() && changed.compareAndSet(false, true))
                        other.execute(change.replace("%s", copy.group(1)));
                    return false;
                });
                var still = Still.table(
                        ClickHouse.connect(Endpoint.of(wire.url())),
                        new TableName(Labs.database(), "t"),
                        "(id UInt64, day Date, v UInt32) ENGINE = " + engine + " ORDER BY id",
                        "toYYYYMM(day)",
                        "day, id",
                        "")) {
            still.execute("INSERT INTO %s SELECT number, toDate('2026-01-01') + number % 90, number FROM numbers(900)");
            var before = still.content(still.name);
            var refused = assertThrows(Trouble.Refused.class, () -> still.migrate("resume"));
            assertTrue(changed.get(), "vacuous: no copy was changed");
            assertTrue(
                    refused.getMessage().contains("differs from")
                            && refused.getMessage().contains("Nothing was swapped"),
                    refused::getMessage);
            assertTrue(ComparisonVerdict.poison(still.session()).isPresent());
            assertEquals(
                    0,
                    other.one("SELECT count() AS n FROM " + still.target().sql())
                            .number("n"));
            assertEquals(List.of(), still.session().journal().entries(e -> e.is("attach", Event.INTENT)));

            var again = assertThrows(Trouble.Refused.class, () -> still.migrate("resume"));
            assertTrue(again.getMessage().contains("Running again does not pass it"), again::getMessage);
            assertEquals(3, again.exitCode());
            assertInstanceOf(Position.Created.class, Position.of(still.session()));

            still.undo(new Backfill());
            still.migrate("resume");
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
            assertEquals(before, still.content(still.name));
        }
    }
}
