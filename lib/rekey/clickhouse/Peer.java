package rekey.clickhouse;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import rekey.model.Trouble;

/// Another host that has a replica of the table, spoken to when it is first needed: what concerns one host alone
/// goes on while another is away.
public final class Peer implements AutoCloseable {
    private final String name;
    private final Endpoint endpoint;
    private final Consumer<String> listener;
    private ClickHouse server;

    /// @param listener is shown every changing statement before it is sent
    public Peer(String name, Endpoint endpoint, Consumer<String> listener) {
        this.name = name;
        this.endpoint = endpoint;
        this.listener = listener;
    }

    /// One that is connected.
    public Peer(String name, ClickHouse server) {
        this(name, server.endpoint(), sql -> {});
        this.server = server;
    }

    /// The same for a look that nobody waits long for: a host that takes connections and never answers kept every
    /// command, `stop` too, from its beginning.
    public Peer impatient() {
        var properties = new TreeMap<>(endpoint.properties());
        properties.putAll(Map.of("connection_timeout", "5000", "socket_timeout", "15000"));
        return new Peer(
                name,
                new Endpoint(endpoint.url(), endpoint.user(), endpoint.password(), endpoint.database(), properties),
                listener);
    }

    /// As `system.clusters` has it.
    public String name() {
        return name;
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    /// @throws ServerGone when nobody answers there
    public synchronized ClickHouse server() {
        try {
            if (server == null) server = ClickHouse.connect(endpoint, listener);
            return server;
        } catch (ServerGone e) {
            throw away(e);
        } catch (ServerError e) {
            throw new Trouble.Failed(
                    "Host " + name + " of the cluster refuses at " + endpoint.url() + ": " + e.getMessage()
                            + " The user must be known there as on the host of --url.",
                    e);
        }
    }

    /// A statement that changes something.
    ///
    /// @throws ServerGone when nobody answers there, or no more
    public void execute(String sql, String queryId, java.util.Map<String, String> settings) {
        try {
            server().execute(sql, queryId, settings);
        } catch (ServerGone e) {
            throw away(e);
        }
    }

    public java.util.List<Row> query(String sql) {
        try {
            return server().query(sql);
        } catch (ServerGone e) {
            throw away(e);
        }
    }

    private ServerGone away(ServerGone e) {
        return e.reworded(
                "Host " + name + " of the cluster does not answer at " + endpoint.host() + " (" + e.getMessage()
                        + "). What is done on all hosts waits for it: run again when it is back, name its address with"
                        + " --host-map " + name + "=URL, or say --host-is-gone " + name + " if it never comes back.");
    }

    @Override
    public synchronized void close() {
        if (server != null) server.close();
    }
}
