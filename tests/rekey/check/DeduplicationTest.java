package rekey.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static rekey.check.Given.passes;
import static rekey.check.Given.refuses;
import static rekey.check.Given.warns;

import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.clickhouse.ClickHouse;
import rekey.session.Session;

/// Whether new keys merge the same rows, on the shared lab, whose parser reads the keys.
@Tag("check")
class DeduplicationTest {
    private static final String OLD = "team_id, toDate(timestamp), distinct_id, uuid", MONTHS = "toYYYYMM(timestamp)";
    private static final Deduplication CHECK = new Deduplication();
    private static ClickHouse server;
    private static String db;

    @BeforeAll
    static void start() {
        server = Labs.connect();
        db = Labs.database();
        for (var engine : new String[] {"MergeTree", "ReplacingMergeTree"})
            server.execute("""
                CREATE TABLE %s.%s (team_id Int64, timestamp DateTime64(6), event String, distinct_id String, uuid
                  UUID, `it's, (odd)` String)
                ENGINE = %2$s PARTITION BY %s ORDER BY (%s)\
                """.formatted(db, engine, MONTHS, OLD));
    }

    @AfterAll
    static void end() {
        server.close();
    }

    private static Session to(String table, String partitionBy, String orderBy, String engine) {
        return Given.session(server, Given.rewrite(db, table, partitionBy, orderBy, engine), Map.of());
    }

    private static Session replacing(String partitionBy, String orderBy) {
        return to("ReplacingMergeTree", partitionBy, orderBy, "");
    }

    @Test
    void theSame() {
        passes(CHECK, replacing(MONTHS, OLD));
        passes(CHECK, replacing(MONTHS, "uuid, distinct_id, toDate(timestamp), team_id"));
        passes(CHECK, replacing(MONTHS, "team_id, toDate(timestamp), cityHash64(distinct_id), cityHash64(uuid)"));
        passes(CHECK, replacing("", OLD)); // the month follows from the day
        passes(CHECK, replacing("toMonday(timestamp)", OLD));
    }

    @Test
    void finer() {
        warns(
                CHECK,
                replacing(MONTHS, "team_id, toDate(timestamp), event, cityHash64(distinct_id), cityHash64(uuid)"),
                "differ only in event");
        warns(CHECK, replacing(MONTHS, "team_id, timestamp, distinct_id, uuid"), "differ only in timestamp");
        warns(CHECK, replacing(MONTHS, OLD + ", `it's, (odd)`"), "differ only in it's, (odd)");
    }

    @Test
    void coarser() {
        refuses(
                CHECK,
                replacing(MONTHS, "team_id, toDate(timestamp), uuid"),
                "differ only in distinct_id",
                "--coarser");
        refuses(
                CHECK,
                replacing(MONTHS, "team_id, toDate(timestamp), distinct_id, cityHash64(uuid) % 100"),
                "differ only in uuid");
        refuses(
                CHECK,
                replacing(MONTHS, "team_id, event, distinct_id, uuid"),
                "differ only in toDate(timestamp)"); // neither
        refuses(CHECK, replacing("", "team_id, distinct_id, uuid"), "toYYYYMM(timestamp), toDate(timestamp)");
        var accepted = replacing(MONTHS, "uuid");
        accepted.control().limits(accepted.limits().withCoarser(true));
        warns(CHECK, accepted, "accepted");
    }

    @Test
    void engines() {
        passes(CHECK, to("MergeTree", "", "uuid", ""));
        passes(CHECK, to("MergeTree", "", "uuid", "MergeTree"));
        passes(CHECK, to("MergeTree", "", "uuid", "MergeTree ()"));
        refuses(CHECK, to("MergeTree", MONTHS, OLD, "ReplacingMergeTree"), "keeps every row");
        warns(CHECK, to("ReplacingMergeTree", MONTHS, OLD, "MergeTree()"), "stay apart");
    }

    /// A column that leaves the key would be summed, which no --coarser can have meant. One that stands in an
    /// expression of a key, or in the partition key, is not summed.
    @Test
    void whatAMergeWouldAddUp() {
        server.execute("CREATE TABLE " + db + ".summing (a UInt32, b UInt32, p UInt32, v UInt64) ENGINE ="
                + " SummingMergeTree PARTITION BY p ORDER BY (toString(a), b)");
        for (int i = 0; i < 2; i++) server.execute("INSERT INTO " + db + ".summing VALUES (1, 2, 7, 3)");
        server.execute("OPTIMIZE TABLE " + db + ".summing FINAL");
        assertEquals(
                "[(1,2,7,6)]",
                server.one("SELECT toString(groupArray(tuple(*))) AS said FROM " + db + ".summing")
                        .string("said"));
        passes(CHECK, to("summing", "p", "b, toString(a)", ""));
        passes(CHECK, to("summing", "p", "b, a", ""));
        refuses(CHECK, to("summing", "p", "b, a, v", ""), "merges fold v now", "Take v out");
        refuses(CHECK, to("summing", "p + v", "b, a", ""), "merges fold v now");
        var session = to("summing", "p", "toString(a)", "");
        refuses(CHECK, session, "b is in no key any more, and a SummingMergeTree adds up what is in none");
        session.control().limits(session.limits().withCoarser(true));
        refuses(CHECK, session, "in no key any more");
        server.execute("CREATE TABLE " + db + ".summing_v AS " + db
                + ".summing ENGINE = SummingMergeTree(v) PARTITION BY p ORDER BY (toString(a), b)");
        var coarser = to("summing_v", "p", "toString(a)", "");
        coarser.control().limits(coarser.limits().withCoarser(true));
        refuses(CHECK, coarser, "differ only in b", "--coarser does not serve a SummingMergeTree");
    }

    @Test
    void keysAreReadByTheServer() {
        assertEquals(
                "[a, cityHash64(b, 'x, y'), negate(c), modulo(d, 7)]",
                KeyTree.parse(server, "a, cityHash64(`b`, 'x, y'), -c, d % 7").toString());
        assertEquals(0, KeyTree.parse(server, "").size());
    }
}
