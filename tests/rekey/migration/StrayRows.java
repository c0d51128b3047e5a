package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import rekey.Still;
import rekey.StreamedInsert;
import rekey.compare.ComparedShare;
import rekey.model.TableName;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Session;
import rekey.step.Verify;

/// A table with one row a key, and INSERTs that run through the exchange.
abstract class StrayRows {
    static final String PLAIN = "ReplacingMergeTree", VERSIONED = "ReplacingMergeTree(v)";

    static Still table(String engine) {
        var still = Still.table(
                "(k UInt64, v UInt32, s String, INDEX i s TYPE minmax) ENGINE = " + engine + " ORDER BY k",
                "",
                "cityHash64(k), k",
                "");
        still.execute("INSERT INTO %s SELECT number, 1, 'first' FROM numbers(100)");
        return still;
    }

    static String shown(Still still, TableName table, int k) {
        return still.server
                .one("SELECT any(s) AS s FROM (SELECT s FROM " + table.sql() + " FINAL WHERE k = " + k + ")")
                .string("s");
    }

    static StreamedInsert begun(Still still, String... rows) {
        var insert = streamed(still, "(k, v, s)");
        for (var row : rows) row(insert, row);
        return insert;
    }

    static StreamedInsert streamed(Still still, String columns) {
        try {
            return new StreamedInsert(still.server, still.name, columns);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void row(StreamedInsert insert, String row) {
        try {
            insert.row(row);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String row(int k, int v, String s) {
        return "{\"k\": %d, \"v\": %d, \"s\": \"%s\"}".formatted(k, v, s);
    }

    static void finish(StreamedInsert insert) {
        try {
            insert.finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What is done once, right behind the EXCHANGE: the displaced table still has the name of that moment.
    ///
    /// @param before is done once, right before it: a server waits for an INSERT's rows for half a minute only
    static Consumer<String> aroundTheExchange(TableName displaced, Runnable before, Runnable what) {
        var begun = new AtomicBoolean();
        var behind = behindTheExchange(displaced, what);
        return sql -> {
            if (sql.startsWith("RENAME") && begun.compareAndSet(false, true)) before.run();
            behind.accept(sql);
        };
    }

    static Consumer<String> behindTheExchange(TableName displaced, Runnable what) {
        var done = new AtomicBoolean();
        return sql -> {
            if (sql.startsWith("RENAME") && sql.endsWith(displaced.sql()) && done.compareAndSet(false, true))
                what.run();
        };
    }

    static long left(Session s) {
        return Entry.all(s.journal().entries(), Detail.Round.class)
                .mapToLong(r -> r.behind().orElse(0L))
                .sum();
    }

    /// The two tables are the same, and stay so through merges and the way back.
    static void assertWhole(Still still) {
        assertFalse(
                Verify.look(still.session(), ComparedShare.ALL, true).partitions().stream()
                        .anyMatch(c -> c.differs()),
                "verify finds a difference");
    }
}
