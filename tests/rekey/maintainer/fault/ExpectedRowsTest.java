package rekey.maintainer.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.Scene;
import rekey.lab.EventProducer;
import rekey.lab.GuideTable;
import rekey.lab.Ledger;
import rekey.model.TableName;

/// Whoever compares rows by what they hold finds one that holds something else, and one that nobody brought.
@Tag("faults")
class ExpectedRowsTest {
    @Test
    void aRowThatHoldsSomethingElseIsFound() {
        var lab = Labs.shared();
        var events = new TableName(Labs.database(), "events");
        try (var server = Labs.connect()) {
            var table = new GuideTable(
                            server,
                            lab.kafka(),
                            events,
                            GuideTable.Options.GUIDE.withEngine(Scene.PLAIN).withInsertedAt())
                    .create()
                    .fill(1_000, 7);
            var witness = new ExpectedRows(server, events);
            witness.begin();
            try (var producer = new EventProducer(
                            lab.bootstrap(),
                            table.topic(),
                            new EventProducer.Options(300, 5, 6, 0.03, 0.01, 0.02),
                            new Ledger())
                    .start()) {
                Scene.await("some messages", () -> producer.ledger().count() > 200);
                producer.pause();
                table.awaitConsumed(producer.ledger(), Duration.ofSeconds(120));
            }
            var backup = events.sibling("backup");
            server.execute("CREATE TABLE %1$s AS %2$s".formatted(backup.sql(), events.sql()));
            server.execute("INSERT INTO %1$s SELECT * FROM %2$s".formatted(backup.sql(), events.sql()));
            assertEquals(
                    new ExpectedRows.Testimony(0, 0, List.of()), witness.compare(lab.bootstrap(), table.topic(), null));
            assertEquals(
                    new ExpectedRows.Testimony(0, 0, List.of()),
                    witness.compare(lab.bootstrap(), table.topic(), backup));

            var brought = server.one("SELECT _partition AS p, _offset AS o FROM " + events.sql()
                    + " WHERE _partition < 4 ORDER BY _partition, _offset LIMIT 1");
            update(server, events, "event = 'another'", GuideTable.FILLED, 7);
            assertEquals(
                    new ExpectedRows.Testimony(1, 0, List.of("altered: row 1000000:7")),
                    witness.compare(lab.bootstrap(), table.topic(), backup));
            update(server, events, "properties = concat(properties, ' ')", brought.number("p"), brought.number("o"));
            update(server, events, "inserted_at = inserted_at + 1", GuideTable.FILLED, 8);
            assertEquals(
                    3, witness.compare(lab.bootstrap(), table.topic(), null).altered());
            // that a row was inserted earlier than it was is known by the other table alone
            update(server, events, "inserted_at = inserted_at - 1", brought.number("p"), brought.number("o") + 1);
            assertEquals(
                    3, witness.compare(lab.bootstrap(), table.topic(), null).altered());
            assertEquals(
                    4, witness.compare(lab.bootstrap(), table.topic(), backup).altered());

            server.execute(("INSERT INTO %1$s (* EXCEPT(properties_browser, _offset), _offset) SELECT * "
                            + "EXCEPT(_offset), 999999 FROM %1$s WHERE _partition = 1000000 AND _offset = 9")
                    .formatted(events.sql()));
            assertEquals(
                    1, witness.compare(lab.bootstrap(), table.topic(), backup).invented());
            table.drop();
        }
    }

    private static void update(
            rekey.clickhouse.ClickHouse server, TableName table, String set, long partition, long offset) {
        server.execute("ALTER TABLE %s UPDATE %s WHERE _partition = %d AND _offset = %d SETTINGS mutations_sync = 2"
                .formatted(table.sql(), set, partition, offset));
    }
}
