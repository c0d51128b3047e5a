package rekey.check;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Labs;
import rekey.Scene;
import rekey.Still;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.step.Position;

/// A view that replaces the table at each refresh is found, and one that does not is none.
@Tag("check")
class RefreshableViewsTest {
    private static final Check CHECK = new RefreshableViews(Check.When.BEFORE);

    private static Still table() {
        var still = Still.table("(k UInt64, v UInt64) ENGINE = MergeTree ORDER BY k", "", "v, k", "");
        still.execute("INSERT INTO %s SELECT number, 1 FROM numbers(100)");
        return still;
    }

    /// It refreshes when nobody waits for it any more.
    private static TableName view(Still still, String more) {
        var view = still.name.sibling("view");
        still.execute("CREATE MATERIALIZED VIEW " + view.sql() + " REFRESH EVERY 10 YEAR" + more
                + " TO %s EMPTY AS SELECT number AS k, 1 AS v FROM numbers(3)");
        return view;
    }

    /// The server says so a moment later.
    private static void stop(Still still, TableName view) {
        still.execute("SYSTEM STOP VIEW %s", view);
        Scene.await(
                "the view to rest",
                () -> still.server
                                .one("SELECT count() AS n FROM system.view_refreshes WHERE status = 'Disabled' AND"
                                        + " database = " + Sql.text(view.database()) + " AND view = "
                                        + Sql.text(view.table()))
                                .number("n")
                        == 1);
    }

    /// Also by a user to whom definitions have UUIDs.
    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void oneThatReplacesTheTableIsRefusedUntilItIsStopped(String uuids) {
        try (var still = table();
                var user = Labs.connect(
                        Labs.shared(),
                        "default",
                        "",
                        Map.of("clickhouse_setting_show_table_uuid_in_table_create_query_if_not_nil", uuids))) {
            var view = view(still, "");
            Given.refuses(CHECK, still.session(user), "SYSTEM STOP VIEW " + view.sql());
            stop(still, view);
            Given.passes(CHECK, still.session(user));
        }
    }

    @Test
    void oneThatAppendsIsNone() {
        try (var still = table()) {
            view(still, " APPEND");
            Given.passes(CHECK, still.session());
        }
    }

    /// A restart of the server starts it again, in the middle of a migration.
    @Test
    void oneThatWasStartedAgainIsFoundBeforeTheSwap() {
        try (var still = table()) {
            var view = view(still, "");
            stop(still, view);
            still.migrate("verify");
            still.execute("SYSTEM START VIEW %s", view);
            var e = assertThrows(Trouble.Refused.class, () -> still.migrate("resume"));
            assertTrue(e.getMessage().contains("SYSTEM STOP VIEW"), e::getMessage);
            assertInstanceOf(Position.Created.class, Position.of(still.session()));
            stop(still, view);
            still.migrate("resume");
            still.execute("SYSTEM START VIEW %s", view);
            assertThrows(Trouble.Refused.class, still::rollback);
            stop(still, view);
            still.rollback();
        }
    }
}
