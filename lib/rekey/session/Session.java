package rekey.session;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.KeyText;
import rekey.model.Keys;
import rekey.model.Rewrite;
import rekey.model.Table;

/// What every step and check is given: the server, what is to be rewritten, the journal, and the operator's hand.
/// Facts about the tables are read from the server each time they are asked for.
///
/// @param kind        what the ids of its statements begin with: a runner ends those of a dead runner, and leaves alone those
///                    of one who only looks
/// @param formatted   the new keys as the server formats them, by the columns they are made of: asked for once for each
/// @param kafkaConfig a Kafka client's properties; `bootstrap.servers` in it outranks the Kafka table's own brokers
public record Session(ClickHouse server, Rewrite rewrite, Map<String, String> kafkaConfig, Journal journal, Control control,
                      Progress progress, AtomicLong statements, String kind, Map<Object, Keys> formatted) {

    public Session(ClickHouse server, Rewrite rewrite, Map<String, String> kafkaConfig, Journal journal, Control control, Progress progress) {
        this(server, rewrite, Map.copyOf(kafkaConfig), journal, control, progress, new AtomicLong(), "rekey", new ConcurrentHashMap<>());
    }

    /// The same for one who only looks, beside a runner in another process.
    public Session looking() {
        return new Session(server, rewrite, kafkaConfig, journal, control, progress, statements, "rekey-look", formatted);
    }

    public Catalog catalog() {
        return new Catalog(server);
    }

    public Limits limits() {
        return control.limits();
    }

    /// The live table as it is now.
    public Table source() {
        return catalog().table(rewrite.source());
    }

    /// The new keys as the server formats them.
    public Keys keys(Table source) {
        return formatted.computeIfAbsent(List.of(source.name(), source.engine(), source.columns()), columns -> new KeyText(server).keys(rewrite, source));
    }

    /// A new id for a statement of this run, by which it can be seen, killed and awaited; it names the migration and the
    /// runner, so that another can tell whose it is.
    public String queryId(String what) {
        return queryPrefix() + journal.runner() + ":" + statements.incrementAndGet() + ":" + what;
    }

    /// What the ids of all statements of this migration begin with.
    public String queryPrefix() {
        return kind + ":" + rewrite.source().database() + ":" + rewrite.migration() + ":";
    }

    /// A statement of this run.
    public void execute(String what, String sql) {
        server.execute(sql, queryId(what), Map.of());
    }
}
