package rekey.migration;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import rekey.Still;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.clickhouse.Peer;
import rekey.clickhouse.Topology;
import rekey.lab.ClusterShape;
import rekey.lab.EmbeddedLab;
import rekey.lab.LabOptions;
import rekey.model.TableName;
import rekey.session.Control;
import rekey.session.Entry;
import rekey.session.Journal;
import rekey.session.Progress;
import rekey.session.Session;

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

    /// A session of which one host or the other copies.
    ///
    /// @param statements is shown each statement before it is sent, to whichever host
    /// @param lines      is told each line of the journal when it is written
    static Session copying(Still still, int host, Consumer<String> statements, Consumer<Entry> lines) {
        return copying(still, host, List.of("h1", "h2"), statements, lines);
    }

    /// @param names of the hosts, in their order
    static Session copying(
            Still still, int host, List<String> names, Consumer<String> statements, Consumer<Entry> lines) {
        var hosts = new ArrayList<Topology.Host>();
        for (int n = 0; n < 2; n++) hosts.add(new Topology.Host(names.get(n), url(n), n == host));
        if (host == 1) Collections.swap(hosts, 0, 1);
        var rewrite = still.migration.rewrite();
        return Session.of(
                new Topology(List.of(hosts)),
                Set.of(),
                h -> ClickHouse.connect(Endpoint.of(h.url()), statements),
                copier -> {
                    var runner = UUID.randomUUID().toString().substring(0, 8);
                    var journal = new Journal(copier, rewrite.journal(), rewrite.migration(), runner, Optional.empty());
                    journal.listen(lines);
                    return new Session(copier, rewrite, Map.of(), journal, new Control(still.limits()), new Progress());
                },
                statements);
    }
}
