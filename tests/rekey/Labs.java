package rekey;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.lab.EmbeddedLab;
import rekey.lab.GuideTable;
import rekey.lab.LabOptions;
import rekey.model.TableName;

/// The one lab that the tests of a run share. Whoever stops a server or wants it made otherwise starts a lab of
/// their own.
public final class Labs {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    /// One list for each thread that runs classes. A test runs in a thread of its own, for it is ended after ten
    /// minutes, and that thread inherits the list: with a list of its own its databases were found by nobody, 230
    /// were left with their consumers at the end of a run, and asking `system.tables` took half of the server's
    /// time.
    private static final InheritableThreadLocal<List<String>> OWN = new InheritableThreadLocal<>() {
        @Override
        protected List<String> initialValue() {
            return new CopyOnWriteArrayList<>();
        }
    };
    private static EmbeddedLab shared;

    private Labs() {}

    /// Else each message is a request of its own, and a good part of the machine goes into these.
    private static final String FETCHES =
            "<kafka><fetch_min_bytes>100000</fetch_min_bytes><fetch_wait_max_ms>200</fetch_wait_max_ms></kafka>";

    /// ClickHouse and Kafka, started when first asked for; they end with this JVM. Beside `default`, who may do
    /// everything, there are [#READER] and [#WRITER].
    public static synchronized EmbeddedLab shared() {
        if (shared == null)
            shared = EmbeddedLab.start(LabOptions.temporary()
                    .withReader(READER, READER)
                    .withUser(WRITER, WRITER, "GRANT INSERT ON *.*")
                    .withServerXml(FETCHES));
        return shared;
    }

    /// A user of the shared lab who may read everything and change nothing; also the password.
    public static final String READER = "reader";

    /// One who may only insert; also the password.
    public static final String WRITER = "writer";

    /// A connection to the shared lab as `default`; close it.
    public static ClickHouse connect() {
        return shared().clickhouse().connect();
    }

    /// A connection to a lab as another user, with properties for the driver; close it.
    public static ClickHouse connect(EmbeddedLab lab, String user, String password, Map<String, String> properties) {
        return ClickHouse.connect(new Endpoint(lab.url(), user, password, "default", properties));
    }

    /// A database of the shared lab that no other test has, empty. It is dropped when the test class has ended:
    /// consumers and merges of tables that nobody needs any more would take a good part of the machine from the
    /// classes after it.
    public static String database() {
        var name = "test_" + DATABASES.incrementAndGet();
        try (var server = connect()) {
            server.execute("CREATE DATABASE " + name);
        }
        OWN.get().add(name);
        return name;
    }

    /// The guide's table in a database of its own, with some rows, and fed from Kafka.
    public static GuideTable guideTable(ClickHouse server) {
        return new GuideTable(server, shared().kafka(), new TableName(database(), "events"), GuideTable.Options.GUIDE)
                .create()
                .fill(2000, 1);
    }

    /// From here on this thread's databases are those of a class that begins; called by [Results].
    static void beginClass() {
        OWN.set(new CopyOnWriteArrayList<>());
    }

    /// Drops the databases of the class that ends in this thread, and those whose names begin with theirs; called by
    /// [Results].
    static void dropDatabases() {
        var names = OWN.get();
        if (names.isEmpty()) return;
        try (var server = connect()) {
            for (var name : names)
                server.query("SELECT name FROM system.databases WHERE startsWith(name, '" + name
                                + "') AND NOT match(substring(name, length('" + name + "') + 1), '^[0-9]')")
                        .forEach(r -> server.execute("DROP DATABASE " + TableName.quote(r.string("name")) + " SYNC"));
        } finally {
            names.clear();
        }
    }

    /// Databases of tests that ended without dropping theirs; none while no test has asked for the shared lab.
    static synchronized List<String> leftDatabases() {
        if (shared == null) return List.of();
        try (var server = shared.clickhouse().connect()) {
            return server.query("SELECT name FROM system.databases WHERE name LIKE 'test\\_%' ORDER BY name").stream()
                    .map(row -> row.string("name"))
                    .toList();
        }
    }
}
