package rekey.repl;

import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import rekey.Labs;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.lab.EmbeddedLab;
import rekey.maintainer.ScriptedTerminal;
import rekey.model.TableName;

/// A small table of the shared lab that no Kafka feeds, in a database of its own, and sessions of the REPL on it.
final class Bed implements AutoCloseable {
    static final String KEY = "site, cityHash64(visitor), at";
    /// Who presses Ctrl-C is let go before that, whatever the server does.
    static final Duration SOON = Duration.ofSeconds(30);
    /// And before Kafka's own end of patience, which comes at eight seconds.
    static final Duration BEFORE_KAFKA = Duration.ofSeconds(7);

    final EmbeddedLab lab = Labs.shared();
    final ClickHouse server = lab.clickhouse().connect();
    final TableName name = new TableName(Labs.database(), "hits");

    /// In blocks of some 300 rows, so that a copy in small chunks takes its time on any machine.
    Bed(long rows) {
        State.own();
        server.execute("CREATE TABLE " + name.sql()
                + " (site UInt32, at DateTime, visitor String, url String) ENGINE = MergeTree PARTITION BY"
                + " toYYYYMM(at) ORDER BY (site, at)");
        server.execute("INSERT INTO " + name.sql()
                + " SELECT number % 7, toDateTime('2026-01-01 00:00:00') + (number % 3000) * 2592, concat('v',"
                + " toString(number % 100)), 'u' FROM numbers("
                + rows + ") SETTINGS max_block_size = 300, min_insert_block_size_rows = 300,"
                + " max_insert_threads = 1, max_threads = 1");
    }

    /// A session on a screen of 80 by 24.
    ScriptedTerminal typist(String... more) {
        return ScriptedTerminal.open(80, 24, options(more)).await("> ");
    }

    String[] options(String... more) {
        var all = new ArrayList<>(List.of(more).contains("--url") ? List.<String>of() : List.of("--url", lab.url()));
        all.addAll(List.of("--database", name.database(), "--table", "hits", "--order-by", KEY));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    /// What a piped session left behind.
    record Piped(int exitCode, String output, String errorOutput) {}

    Piped piped(String commands, String... more) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = Repl.piped(
                ReplOptions.parse(options(more)),
                new StringReader(commands),
                new PrintWriter(out),
                new PrintWriter(err));
        return new Piped(code, out.toString(), err.toString());
    }

    String key() {
        return server.one("SELECT sorting_key AS k FROM system.tables WHERE database = " + Sql.text(name.database())
                        + " AND name = 'hits'")
                .string("k");
    }

    long rows() {
        return server.one("SELECT count() AS n FROM " + name.sql()).number("n");
    }

    @Override
    public void close() {
        server.execute("DROP DATABASE " + TableName.quote(name.database()) + " SYNC");
        server.close();
    }
}
