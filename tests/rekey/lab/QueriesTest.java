package rekey.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.migration.Events0002;
import rekey.model.TableName;

/// What the demo says of the keys: the same rows under both, read by the same questions.
@Tag("lab")
class QueriesTest {
    /// A fill that spread a team's day over a tenth of a granule once showed the new keys worse at all that was
    /// asked.
    @Test
    void whereADayIsDenseTheNewKeysGainAndTheirPriceIsShown() {
        try (var server = Labs.connect()) {
            var events = new TableName(Labs.database(), "events");
            new GuideTable(
                            server,
                            null,
                            events,
                            GuideTable.Options.GUIDE
                                    .withEngine("MergeTree")
                                    .withGranule(512)
                                    .withDenseDays(Queries.DAYS))
                    .create()
                    .fill(100_000, 1);
            var rewrite = Events0002.of(events).rewrite();
            var target = events.sibling("events_new");
            server.execute("CREATE TABLE " + target.sql() + " AS " + events.sql() + " ENGINE = MergeTree"
                    + " PARTITION BY toYYYYMM(timestamp) ORDER BY (" + rewrite.orderBy() + ") SAMPLE BY "
                    + rewrite.sampleBy() + " SETTINGS index_granularity = 512");
            server.execute("INSERT INTO " + target.sql() + " SELECT * FROM " + events.sql());
            for (var t : List.of(events, target)) server.execute("OPTIMIZE TABLE " + t.sql() + " FINAL");

            var compared = Queries.on(server, events).against(Queries.on(server, target));
            var by = compared.stream().collect(Collectors.toMap(Queries.Comparison::question, Function.identity()));
            assertEquals(4, by.size(), compared::toString);
            var rare = by.get("a rare event by day");
            assertTrue(rare.readRowsAfter() * 2 < rare.readRowsBefore(), rare::toString);
            var tenth = by.get("a tenth of its people (SAMPLE 0.1)");
            assertTrue(tenth.readRowsAfter() * 2 < tenth.readRowsBefore(), tenth::toString);
            var common = by.get("a common event by day");
            assertTrue(tenth.readRowsAfter() < common.readRowsAfter(), common::toString);
            var person = by.get("what one person did");
            assertTrue(person.isWorse(), person::toString);
        }
    }
}
