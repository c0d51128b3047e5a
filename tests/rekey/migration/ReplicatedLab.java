package rekey.migration;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.clickhouse.Peer;
import rekey.lab.ClusterShape;
import rekey.lab.EmbeddedLab;
import rekey.lab.LabOptions;
import rekey.model.TableName;

/// The lab's replicas for the tests of this folder.
final class ReplicatedLab {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private static EmbeddedLab lab;

    /// Started once for all tests, and stopped with their process.
    private static synchronized EmbeddedLab lab() {
        if (lab == null)
            lab = EmbeddedLab.start(LabOptions.temporary().withoutKafka().withShape(new ClusterShape(1, 2)));
        return lab;
    }

    static ClickHouse connect(int n) {
        return ClickHouse.connect(Endpoint.of(lab().host(1, n + 1).url()));
    }

    static String url(int n) {
        return lab().host(1, n + 1).url();
    }

    static TableName table() {
        var db = "r" + NUMBER.incrementAndGet();
        for (int n = 0; n < 2; n++)
            try (var s = connect(n)) {
                s.execute("CREATE DATABASE " + db);
            }
        return new TableName(db, "t");
    }

    static Peer peer(int n) {
        return peer(n, sql -> {});
    }

    /// @param listener is shown each statement before it is sent
    static Peer peer(int n, Consumer<String> listener) {
        return new Peer("h" + (n + 1), Endpoint.of(lab().host(1, n + 1).url()), listener);
    }
}
