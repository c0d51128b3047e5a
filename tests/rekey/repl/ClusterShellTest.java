package rekey.repl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.clickhouse.Sql;
import rekey.lab.ClusterShape;
import rekey.lab.EmbeddedLab;
import rekey.lab.LabOptions;

/// The shell on two replicas: entered by the one that does not copy, it rewrites both.
@Tag("repl")
@Tag("slow")
@Tag("heavy")
class ClusterShellTest {
    private static EmbeddedLab lab;

    @BeforeAll
    static void start() {
        State.own();
        lab = EmbeddedLab.start(LabOptions.temporary().withoutKafka().withShape(new ClusterShape(1, 2)));
    }

    @AfterAll
    static void stop() {
        lab.close();
    }

    private static Bed.Piped piped(String commands, String... more) {
        var out = new StringWriter();
        var err = new StringWriter();
        var options = new java.util.ArrayList<>(java.util.List.of(
                "--url", lab.host(1, 2).url(), "--database", "shell", "--table", "t", "--order-by", "id, at"));
        options.addAll(java.util.List.of(more));
        int code = Repl.piped(
                ReplOptions.parse(options.toArray(String[]::new)),
                new StringReader(commands),
                new PrintWriter(out),
                new PrintWriter(err));
        return new Bed.Piped(code, out.toString(), err.toString());
    }

    private static void keys(String key) {
        for (var process : lab.hosts())
            try (var host = process.connect()) {
                host.execute("SYSTEM SYNC REPLICA shell.t");
                var r = host.one("SELECT (SELECT sorting_key FROM system.tables WHERE database = 'shell' AND name = "
                        + Sql.text("t") + ") AS k, count() AS n FROM shell.t");
                assertEquals(key + " of 1000", r.string("k") + " of " + r.number("n"));
            }
    }

    @Test
    void bothHostsAreRewrittenStepByStep() {
        for (var process : lab.hosts())
            try (var host = process.connect()) {
                host.execute("CREATE DATABASE shell");
                host.execute("CREATE TABLE shell.t (id UInt64, at DateTime('UTC')) ENGINE ="
                        + " ReplicatedMergeTree('/shell/t', '{replica}') ORDER BY (at, id)");
            }
        try (var host = lab.host(1, 2).connect()) {
            host.execute("INSERT INTO shell.t SELECT number, toDateTime('2026-01-01 00:00:00', 'UTC') + number FROM"
                    + " numbers(1000)");
        }
        var there = piped("plan\ncreate\nbackfill\nverify\nrun\nstatus\n", "--yes");
        assertEquals(0, there.exitCode(), there::toString);
        assertTrue(there.output().contains(lab.host(1, 1).address() + " copies"), there::toString);
        keys("id, at");
        var back =
                piped("rollback\nstatus\n", "--yes", "--copier", lab.host(1, 2).address());
        assertEquals(0, back.exitCode(), back::toString);
        keys("at, id");
    }
}
