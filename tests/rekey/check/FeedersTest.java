package rekey.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static rekey.check.Given.passes;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Still;
import rekey.check.Check.When;
import rekey.compare.ComparedShare;
import rekey.migration.Migration;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Status;
import rekey.step.Resume;
import rekey.step.Step;
import rekey.step.Verify;

/// What feeds a table is seen or refused, and what came in unseen is found, on the shared lab.
@Tag("check")
class FeedersTest {
    private static Still table() {
        return Still.table("(k UInt64, v String) ENGINE = MergeTree ORDER BY k", "", "v, k", "");
    }

    /// A Kafka table of a broker that nobody answers for: it is looked at, not read.
    private static TableName kafka(Still still) {
        var kafka = still.name.sibling("queue");
        still.execute(
                "CREATE TABLE %s (k UInt64, v String) ENGINE = Kafka('127.0.0.1:1', 'topic', 'group', 'JSONEachRow')",
                kafka);
        return kafka;
    }

    private static void view(Still still, String name, TableName from, TableName to) {
        still.execute(
                "CREATE MATERIALIZED VIEW %s TO " + to.sql() + " AS SELECT k, v FROM " + from.sql(),
                still.name.sibling(name));
    }

    private static List<TableName> seen(Still still) {
        return still.session().catalog().ingestion(still.name).kafkaTables().stream()
                .map(k -> k.name())
                .toList();
    }

    @Test
    void aWayOverTablesThatForwardIsFollowed() {
        for (var forwarding : List.of(
                "ENGINE = Alias('%1$s', '%2$s')",
                "ENGINE = Alias('%2$s')",
                "(k UInt64, v String) ENGINE = Buffer('%1$s', '%2$s', 1, 1, 2, 10, 100, 100, 1000)",
                "(k UInt64, v String) ENGINE = Remote('127.0.0.1', '%1$s', '%2$s')"))
            try (var still = table()) {
                var kafka = kafka(still);
                var between = still.name.sibling("between");
                var all = still.name.sibling("nothing");
                still.execute(
                        "CREATE TABLE %s ".concat(forwarding.formatted(still.name.database(), still.name.table())),
                        between);
                still.execute("CREATE TABLE %s (k UInt64, v String) ENGINE = Null", all);
                view(still, "first", kafka, all);
                view(still, "second", all, between);
                assertEquals(List.of(kafka), seen(still), forwarding);
                passes(new Feeders(When.BEFORE), still.session());
            }
    }

    @Test
    void rowsOfTheBackupThatNobodyCarriedAreFoundByAllWhoLook() {
        try (var still = table()) {
            still.execute("INSERT INTO %s SELECT number, 'a' FROM numbers(100)");
            still.migrate("resume");
            var backup = still.migration.rewrite().backup();
            assertEquals(Step.Phase.DONE, new Resume().state(still.session()).phase());
            still.execute("INSERT INTO %s SELECT number, 'stranded' FROM numbers(7)", backup);
            var told =
                    assertThrows(Trouble.Refused.class, () -> Verify.look(still.session(), ComparedShare.ALL, false));
            assertTrue(
                    told.getMessage().contains("7 rows of " + backup + " were carried by nobody"), told.getMessage());
            var status = Status.of(still.session(), Migration.of(still.migration.rewrite()), null);
            assertTrue(status.error().contains("7 rows of " + backup), status.error());
            assertTrue(status.allowed().contains("migrate"));
            still.migrate("resume");
            assertEquals(
                    7,
                    still.server
                            .one("SELECT count() AS n FROM " + still.name.sql() + " WHERE v = 'stranded'")
                            .number("n"));
            assertEquals(
                    "same",
                    Verify.look(still.session(), ComparedShare.ALL, false).verdict());
            assertEquals(null, Status.of(still.session(), still.migration, null).error());
        }
    }
}
