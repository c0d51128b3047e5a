package rekey.clickhouse;

import com.clickhouse.client.api.ServerException;
import com.clickhouse.client.api.query.QuerySettings;
import com.clickhouse.data.ClickHouseFormat;
import com.clickhouse.jdbc.ConnectionImpl;
import com.clickhouse.jdbc.StatementImpl;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import rekey.model.Trouble;

/// One ClickHouse server. Every statement is sent once: neither this class nor the driver repeats one. Threads may
/// share it.
public final class ClickHouse implements AutoCloseable {
    /// For statements that name many blocks or parts.
    public static final Map<String, String> LONG = Map.of(
            "max_query_size", "1000000000", "max_ast_elements", "100000000", "max_expanded_ast_elements", "100000000");

    /// With each statement, whatever the user's profile says: an answer that is cut short or filtered without an
    /// error, a journal or a list of parts say, would be taken for all there is.
    private static final Map<String, String> WHOLE = whole();
    private static final int READONLY = 164, CONSTRAINT = 452, UNKNOWN_SETTING = 115;

    private final Endpoint endpoint;
    private final Connection connection;
    private final Consumer<String> listener;
    private final Map<String, String> always;

    private ClickHouse(
            Endpoint endpoint, Connection connection, Consumer<String> listener, Map<String, String> always) {
        this.endpoint = endpoint;
        this.connection = connection;
        this.listener = listener;
        this.always = always;
    }

    private static Map<String, String> whole() {
        var out = new TreeMap<>(Map.of(
                "limit",
                "0",
                "offset",
                "0",
                "final",
                "0",
                "additional_table_filters",
                "{}",
                "apply_deleted_mask",
                "1",
                "use_query_cache",
                "0",
                "max_result_rows",
                "0",
                "max_result_bytes",
                "0",
                "read_overflow_mode_leaf",
                "throw"));
        for (var what : List.of("read", "result", "timeout", "group_by", "sort", "set", "join", "distinct", "transfer"))
            out.put(what + "_overflow_mode", "throw");
        return Map.copyOf(out);
    }

    /// Connects and asks one question, so that a wrong address or password is known now.
    ///
    /// @throws ServerGone  when nobody answers there
    /// @throws ServerError when the server refuses (516 wrong password)
    public static ClickHouse connect(Endpoint endpoint) {
        return connect(endpoint, sql -> {});
    }

    /// @param listener is shown every changing statement before it is sent
    public static ClickHouse connect(Endpoint endpoint, Consumer<String> listener) {
        try {
            var url =
                    "jdbc:clickhouse:" + (endpoint.url().contains("://") ? endpoint.url() : "http://" + endpoint.url());
            return new ClickHouse(
                            endpoint, DriverManager.getConnection(url, endpoint.driverProperties()), listener, WHOLE)
                    .answering();
        } catch (SQLException e) {
            throw otherwise(endpoint, translated(endpoint, e));
        } catch (ServerError | ServerGone e) {
            throw otherwise(endpoint, e);
        }
    }

    /// Where something else than ClickHouse's HTTP port was named, which it is.
    private static RuntimeException otherwise(Endpoint endpoint, RuntimeException e) {
        return WrongPort.of(endpoint, e)
                .<RuntimeException>map(said -> new ServerGone(said, e))
                .orElse(e);
    }

    /// A user who may change no setting may look all the same, as the profile lets it.
    private ClickHouse answering() {
        try {
            query("SELECT 1");
            return this;
        } catch (ServerError e) {
            if (e.code() != READONLY && e.code() != CONSTRAINT && e.code() != UNKNOWN_SETTING) throw e;
            var plain = asGiven();
            plain.query("SELECT 1");
            return plain;
        }
    }

    /// The same server and user, whose profile cuts answers short if it says so.
    public ClickHouse asGiven() {
        return new ClickHouse(endpoint, connection, listener, Map.of());
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    /// The same server and user, its changing statements shown to a listener.
    public ClickHouse listening(Consumer<String> to) {
        return new ClickHouse(endpoint, connection, to, always);
    }

    /// All rows of an answer.
    public List<Row> query(String sql) {
        return query(sql, UUID.randomUUID().toString(), Map.of());
    }

    /// All rows of an answer to a query with an id, by which it can be seen in `system.processes` and killed.
    public List<Row> query(String sql, String queryId, Map<String, String> settings) {
        return query(sql, queryId, settings, row -> row);
    }

    /// What is made of each row as it comes: of the rows themselves no more than one is kept. A plan of a table of
    /// 100,000 parts took 430 MiB when all were, and goes with a heap of 256 now.
    public <T> List<T> query(String sql, Function<Row, T> as) {
        return query(sql, UUID.randomUUID().toString(), Map.of(), as);
    }

    private <T> List<T> query(String sql, String queryId, Map<String, String> settings, Function<Row, T> as) {
        try (var statement = statement(queryId, settings);
                var result = statement.executeQuery(sql)) {
            var meta = result.getMetaData();
            var labels = new String[meta.getColumnCount()];
            for (int i = 0; i < labels.length; i++) labels[i] = meta.getColumnLabel(i + 1);
            var rows = new ArrayList<T>();
            while (result.next()) {
                var values = new LinkedHashMap<String, Object>();
                for (int i = 0; i < labels.length; i++) values.put(labels[i], value(result, i + 1));
                rows.add(as.apply(new Row(values)));
            }
            return rows;
        } catch (SQLException e) {
            throw translated(endpoint, e);
        }
    }

    /// A query whose rows nobody wants, until its end. A lock that kept them took 400 MiB a day of its runner's
    /// memory.
    public void drain(String sql, String queryId, Map<String, String> settings) {
        try (var statement = statement(queryId, settings);
                var result = statement.executeQuery(sql)) {
            while (result.next()) continue;
        } catch (SQLException e) {
            throw translated(endpoint, e);
        }
    }

    /// The only row of an answer.
    public Row one(String sql) {
        var rows = query(sql);
        if (rows.size() != 1) throw new IllegalStateException(rows.size() + " rows instead of one from: " + sql);
        return rows.getFirst();
    }

    /// A statement that changes something.
    public void execute(String sql) {
        execute(sql, UUID.randomUUID().toString(), Map.of());
    }

    /// A statement that changes something, with an id by which it can be seen, awaited and killed. In the server's
    /// time zone, whatever the user's: in it the server computes the keys of a DateTime ever after, and a part that
    /// was sorted or partitioned by `toDate` in another one hides rows from queries (19 of 24 were found; ran on
    /// 26.7).
    public void execute(String sql, String queryId, Map<String, String> settings) {
        listener.accept(sql);
        try (var statement = statement(queryId, settings)) {
            if (!settings.containsKey("session_timezone"))
                statement.unwrap(StatementImpl.class).getLocalSettings().serverSetting("session_timezone", "");
            statement.executeLargeUpdate(sql);
        } catch (SQLException e) {
            var told = translated(endpoint, e);
            throw told instanceof ServerGone gone && sent(e)
                    ? new ServerGone(gone.getMessage(), e, Optional.of(new ServerGone.Unanswered(sql, queryId)))
                    : told;
        }
    }

    /// The answer to any statement as text, in the format it names or, where it names none, in another.
    ///
    /// @param format   such as `PrettyCompact`
    /// @param settings of the server, and parameters of its HTTP interface such as `session_id`
    public Answer ask(String sql, String queryId, String format, String database, Map<String, String> settings) {
        try {
            var asked = new QuerySettings()
                    .setQueryId(queryId)
                    .setFormat(ClickHouseFormat.valueOf(format))
                    .setDatabase(database);
            settings.forEach(asked::serverSetting);
            return new Answer(
                    connection
                            .unwrap(ConnectionImpl.class)
                            .getClient()
                            .query(sql, asked)
                            .get(),
                    queryId);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("Interrupted while the server answered.");
        } catch (SQLException | ExecutionException | RuntimeException e) {
            throw translated(endpoint, e);
        }
    }

    /// Ends a query and waits until it has ended; nothing happens when it is not running.
    public void kill(String queryId) {
        execute("KILL QUERY WHERE query_id = " + Sql.text(queryId) + " SYNC");
    }

    private Statement statement(String queryId, Map<String, String> settings) throws SQLException {
        var statement = connection.createStatement();
        statement.setEscapeProcessing(
                false); // or `{fn x}` and empty lines in a text would be taken for JDBC's own, and changed
        var local = statement.unwrap(StatementImpl.class).getLocalSettings();
        local.setQueryId(queryId);
        always.forEach(local::serverSetting);
        settings.forEach(local::serverSetting);
        return statement;
    }

    private static Object value(ResultSet result, int column) throws SQLException {
        return switch (result.getObject(column)) {
            case null -> null;
            case Array a -> texts((Object[]) a.getArray());
            case Boolean b -> b ? "1" : "0";
            case String text -> text;
            case Long n -> n.toString();
            default -> result.getString(column);
        };
    }

    private static List<String> texts(Object[] values) {
        return Arrays.stream(values).map(String::valueOf).toList();
    }

    private static RuntimeException translated(Endpoint endpoint, Exception e) {
        for (Throwable t = e; t != null; t = t.getCause())
            if (t instanceof ServerException s)
                return new ServerError(
                        s.getCode(),
                        s.getCode() == 0 && List.of(401, 403).contains(s.getTransportProtocolCode())
                                ? ServerErrorSentences.keptOut(s.getTransportProtocolCode(), endpoint)
                                : ServerErrorSentences.of(s.getCode(), s.getMessage(), endpoint),
                        e);
        var root = (Throwable) e;
        while (root.getCause() != null && root.getCause() != root) root = root.getCause();
        return new ServerGone(
                "No ClickHouse answers at " + endpoint.host() + " (" + ServerErrorSentences.firstLine(root)
                        + "): check --url, and that the server runs.",
                e);
    }

    /// Where nobody listened, nothing was sent.
    private static boolean sent(SQLException e) {
        for (Throwable t = e; t != null; t = t.getCause())
            if (t instanceof ConnectException || t instanceof UnknownHostException) return false;
        return true;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw translated(endpoint, e);
        }
    }
}
