package rekey.check;

import static rekey.check.Given.passes;
import static rekey.check.Given.refuses;

import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.check.Check.When;
import rekey.clickhouse.ClickHouse;
import rekey.session.Session;

/// What is refused of tables whose merges fold rows, each in one sentence.
@Tag("check")
class FoldedRowsTest {
    private static final FoldedRows CHECK = new FoldedRows();
    private static final String COLUMNS =
            " (a UInt64, b UInt64, at DateTime, n UInt64, sign Int8, v UInt64, last SimpleAggregateFunction(max,"
                    + " UInt64)) ENGINE = ";
    private static ClickHouse server;
    private static String db;

    @BeforeAll
    static void connect() {
        server = Labs.connect();
        db = Labs.database();
    }

    @AfterAll
    static void close() {
        server.close();
    }

    private static void table(String name, String engine) {
        server.execute("CREATE TABLE " + db + "." + name + COLUMNS + engine);
    }

    private static Session to(String name, String partitionBy, String orderBy, String engine) {
        return Given.session(server, Given.rewrite(db, name, partitionBy, orderBy, engine), Map.of());
    }

    @Test
    void keysThatFoldOtherRows() {
        table("collapsing", "CollapsingMergeTree(sign) PARTITION BY toYYYYMM(at) ORDER BY (a, b)");
        passes(CHECK, to("collapsing", "toYYYYMM(at)", "b, a", ""));
        refuses(CHECK, to("collapsing", "toYYYYMM(at)", "b, a, n", ""), "fold other rows", "(a, b)");
        refuses(CHECK, to("collapsing", "toYYYYMM(at)", "b", ""), "fold other rows");
        refuses(CHECK, to("collapsing", "", "b, a", ""), "Keep the partition key");
        var accepted = to("collapsing", "toYYYYMM(at)", "b", "");
        accepted.control().limits(accepted.limits().withCoarser(true));
        refuses(CHECK, accepted, "fold other rows");
        table("summing", "SummingMergeTree(n) PARTITION BY toYYYYMM(at) ORDER BY (a, b)");
        passes(CHECK, to("summing", "toYYYYMM(at)", "b, a, v", ""));
        refuses(new Deduplication(), to("summing", "toYYYYMM(at)", "b", ""), "differ only in a", "--coarser");
        table("plain", "MergeTree ORDER BY a");
        passes(CHECK, to("plain", "", "b", ""));
    }

    @Test
    void whatDependsOnTheOrderOrOnTheAgeOfRows() {
        server.execute("CREATE TABLE " + db + ".last (a UInt64, x SimpleAggregateFunction(anyLast, UInt64),"
                + " y AggregateFunction(anyLast, UInt64)) ENGINE = AggregatingMergeTree ORDER BY a");
        refuses(CHECK, to("last", "", "a", ""), "x", "y", "what came first or last");
        server.execute("CREATE TABLE " + db + ".ordered (a UInt64, x AggregateFunction(groupArrayLast(3), String),"
                + " y AggregateFunction(deltaSum, UInt64),"
                + " b AggregateFunction(groupArray(2), UInt64)) ENGINE = AggregatingMergeTree ORDER BY a");
        refuses(CHECK, to("ordered", "", "a", ""), "x, y, b", "what came first or last");
        server.execute("CREATE TABLE " + db + ".coalesced (a UInt64, x Nullable(UInt64), n"
                + " SimpleAggregateFunction(sum, UInt64), m SimpleAggregateFunction(max, UInt64)) ENGINE ="
                + " CoalescingMergeTree ORDER BY a");
        refuses(CHECK, to("coalesced", "", "a", ""), "CoalescingMergeTree adds up n", "count twice");
        table("expiring", "SummingMergeTree ORDER BY a TTL at + INTERVAL 1 DAY");
        refuses(CHECK, to("expiring", "", "a", ""), "TTL", "REMOVE TTL");
    }

    /// The parts that come while merges are held must find room.
    @Test
    void aBudgetOfPartsThatCantBeMet() {
        var check = new MergeHoldBudget(When.BEFORE);
        table("full", "SummingMergeTree ORDER BY a SETTINGS parts_to_delay_insert = 20");
        server.execute("SYSTEM STOP MERGES " + db + ".full");
        var session = to("full", "", "b, a", "");
        passes(check, session);
        for (int i = 0; i < 9; i++) insert("full");
        refuses(check, session, "9 parts", "merges can be held for", "larger and fewer blocks");
        for (int i = 0; i < 2; i++) insert("full");
        refuses(check, session, "11 parts", "of 20", "Let the merges catch up");
        passes(new MergeHoldBudget(When.DURING), session);
        for (int i = 0; i < 5; i++) insert("full");
        refuses(new MergeHoldBudget(When.DURING), session, "16 parts", "given back");
        table("unfolded", "MergeTree ORDER BY a");
        passes(check, to("unfolded", "", "b", ""));
    }

    private static void insert(String name) {
        server.execute("INSERT INTO " + db + "." + name
                + " (a, n) SETTINGS async_insert = 0 SELECT number, 1 FROM numbers(3)");
    }

    @Test
    void enginesThatAreNotShown() {
        var check = new TableEngine();
        table("to_other", "MergeTree ORDER BY a");
        refuses(check, to("to_other", "", "b", "GraphiteMergeTree('r')"), "--engine GraphiteMergeTree");
        refuses(check, to("to_other", "", "b", "SummingMergeTree(n)"), "--engine SummingMergeTree(n)");
    }
}
