package rekey;

import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.ServerError;

/// INSERTs of a writer who sends one again that was refused in the moment of an exchange: one that had looked its
/// table up by name, and then finds it by its UUID under another, is refused before it has written anything.
public final class Inserts {
    private static final int TABLE_UUID_MISMATCH = 741;

    private Inserts() {}

    public static void send(ClickHouse by, String sql) {
        while (true) {
            try {
                by.execute(sql);
                return;
            } catch (ServerError e) {
                if (e.code() != TABLE_UUID_MISMATCH) throw e;
            }
        }
    }
}
