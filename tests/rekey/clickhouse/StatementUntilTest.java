package rekey.clickhouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;

@Tag("clickhouse")
class StatementUntilTest {
    private static boolean ended(ClickHouse server, String sql, int seconds) {
        return StatementUntil.ended(
                server, sql, UUID.randomUUID().toString(), Instant.now().plusSeconds(seconds));
    }

    @Test
    void itIsWaitedForUntilAMoment() {
        try (var server = Labs.connect()) {
            assertTrue(ended(server, "SELECT 1", 60));
            assertFalse(ended(server, "SELECT sleepEachRow(3) FROM numbers(3) SETTINGS max_block_size = 1", 1));
            var said = assertThrows(ServerError.class, () -> ended(server, "SELECT 1 FROM nowhere", 60));
            assertEquals(ServerError.UNKNOWN_TABLE, said.code());
        }
    }
}
