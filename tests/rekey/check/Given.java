package rekey.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import rekey.check.Check.Level;
import rekey.check.Check.Verdict;
import rekey.clickhouse.ClickHouse;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.session.Control;
import rekey.session.Journal;
import rekey.session.Limits;
import rekey.session.Original;
import rekey.session.Progress;
import rekey.session.Session;

/// Sessions for checks, and what is expected of a verdict.
final class Given {
    static final String MIGRATION = "m1";

    private Given() {}

    /// A session that would give a table the sorting key `a`.
    static Session session(ClickHouse server, String database, String table) {
        return session(server, rewrite(database, table, "", "a", ""), Map.of());
    }

    static Session session(ClickHouse server, Rewrite rewrite, Map<String, String> kafka) {
        var journal = new Journal(server, rewrite.journal(), rewrite.migration(), "test", Optional.empty());
        return new Session(server, rewrite, kafka, journal, new Control(Limits.DEFAULT), new Progress());
    }

    static Rewrite rewrite(String database, String table, String partitionBy, String orderBy, String engine) {
        return new Rewrite(MIGRATION, new TableName(database, table), partitionBy, "", orderBy, "", engine);
    }

    /// Writes what `create` writes before its first change.
    static void begun(Session session) {
        session.journal().open();
        session.journal()
                .append(
                        "create",
                        Original.detail(
                                session.source(),
                                session.catalog().dependants(session.rewrite().source())));
    }

    static void passes(Check check, Session session) {
        var v = check.look(session);
        assertEquals(Level.OK, v.verdict(), v::toString);
        assertTrue(v.todo().isEmpty(), v::toString);
        assertFalse(v.saw().isBlank() || v.needs().isBlank(), v::toString);
    }

    /// @param words what its sentence must hold, in `saw` or in what to do
    static void refuses(Check check, Session session, String... words) {
        says(Level.REFUSAL, check.look(session), words);
    }

    static void warns(Check check, Session session, String... words) {
        says(Level.WARNING, check.look(session), words);
    }

    static void says(Level level, Verdict v, String... words) {
        assertEquals(level, v.verdict(), v::toString);
        assertFalse(v.todo().isBlank(), v::toString);
        for (var w : words) assertTrue((v.saw() + " " + v.todo()).contains(w), () -> "no '" + w + "' in " + v);
    }
}
