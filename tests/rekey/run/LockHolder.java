package rekey.run;

import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.model.TableName;
import rekey.session.Control;
import rekey.session.Limits;

/// A process that takes a table's lock and keeps it until it is killed.
final class LockHolder {
    private LockHolder() {}

    static void main(String... urlDatabaseTable) throws InterruptedException {
        var server = ClickHouse.connect(Endpoint.of(urlDatabaseTable[0]));
        RunLock.acquire(
                server,
                new TableName(urlDatabaseTable[1], urlDatabaseTable[2]),
                "the child",
                false,
                new Control(Limits.DEFAULT));
        IO.println("locked");
        Thread.sleep(Long.MAX_VALUE);
    }
}
