package rekey.maintainer.fault;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.clickhouse.ServerError;
import rekey.maintainer.fault.Moment.Phase;
import rekey.maintainer.fault.Moment.When;
import rekey.model.TableName;

/// What was set but met nobody has not struck.
@Tag("faults")
class FaultInjectorTest {
    @Test
    void aBoundThatNoStatementMetDidNotStrike() throws Exception {
        try (var wire = wire();
                var server = ClickHouse.connect(Endpoint.of(wire.url()))) {
            var striker = struck(Fault.MEMORY_LIMIT, wire);
            assertFalse(striker.struck(), "no statement has been sent yet");
            assertThrows(ServerError.class, () -> server.query("SELECT groupArray(number) FROM numbers(1000000)"));
            assertTrue(striker.struck());
        }
    }

    /// Nor does an error of another kind count for it.
    @Test
    void anotherErrorIsNotThatOfTheBound() throws Exception {
        try (var wire = wire();
                var server = ClickHouse.connect(Endpoint.of(wire.url()))) {
            wire.awaitRefusal(ServerError.MEMORY_LIMIT);
            assertThrows(ServerError.class, () -> server.query("SELECT throwIf(1)"));
            assertFalse(wire.refused());
            wire.awaitRefusal(ServerError.THROWN);
            assertThrows(ServerError.class, () -> server.query("SELECT throwIf(1)"));
            assertTrue(wire.refused());
        }
    }

    @Test
    void anAnswerThatWasLostStruckAtOnce() throws Exception {
        try (var wire = wire()) {
            assertTrue(struck(Fault.ANSWER_LOST, wire).struck());
        }
    }

    private static HttpProxy wire() throws IOException {
        return new HttpProxy(Labs.shared().clickhouse().httpPort(), line -> {});
    }

    private static FaultInjector struck(Fault fault, HttpProxy wire) {
        var what = Case.at(fault, Phase.FINALIZE, "finalize", "DROP backup", When.BEFORE, "finalize");
        var striker = new FaultInjector(Labs.shared(), what, wire, new TableName("none", "events"), line -> {});
        for (var sql : List.of("SELECT 'the tool begins: migrate'", "SELECT 'the tool begins: finalize'"))
            assertTrue(striker.at(sql) == null);
        striker.at("DROP TABLE `none`.`events_backup_0002` SYNC").act().getAsBoolean();
        return striker;
    }
}
