package rekey.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.Scene;
import rekey.lab.EventProducer;
import rekey.lab.GuideTable;
import rekey.lab.Ledger;

/// The commands on the guide's table while Kafka feeds it.
@Tag("cli")
class IngestionTest {
    private static Scripts.Ran run(GuideTable table, String alias, String... args) {
        var all = new java.util.ArrayList<>(List.of(
                "--url", Labs.shared().url(), "--database", table.events().database()));
        if (!alias.equals("events-0002")) all.addAll(List.of("--migration", "0002_events_sample_by"));
        all.addAll(List.of(args));
        return Scripts.run(alias, all.toArray(String[]::new));
    }

    /// Lag and hold are on it. Of its warnings there are as many as the server gives reason for.
    private static void assertStandsOnOneScreen(Scripts.Ran plan) {
        var lines = plan.output()
                .replaceFirst("(?s)\nWarnings\n.*?\n\n", "\n")
                .lines()
                .toList();
        assertTrue(lines.size() < 40, plan::toString);
        for (var row : List.of("  held +about .*", "  lag +([\\d,]+ messages|Kafka does not tell)"))
            assertTrue(lines.stream().anyMatch(l -> l.matches(row)), () -> row + " in " + plan);
    }

    @Test
    void whatStandsStillIsSaidFirst() {
        try (var server = Labs.connect()) {
            var table = Labs.guideTable(server);
            var ledger = new Ledger();
            try (var _ = new EventProducer(
                            Labs.shared().bootstrap(), table.topic(), EventProducer.Options.of(50, 1), ledger)
                    .start()) {
                run(table, "precheck").exits(0).says("Kafka headroom");
                // on a busy machine Kafka does not tell in time
                Scene.await(
                        "a plan that has the lag",
                        () -> run(table, "plan").output().contains(" messages"));
                assertStandsOnOneScreen(run(table, "plan").exits(0));
                run(table, "migrate", "--until", "verify").exits(0);
                assertFalse(run(table, "status").errorOutput().contains("STANDS STILL"));
                run(table, "pause", "--deadline", "50s").exits(0).says("paused", "the guard runs this at");
                for (var alias : List.of("status", "plan", "is-required", "healthcheck", "stop")) {
                    assertTrue(
                            run(table, alias)
                                    .errorOutput()
                                    .startsWith("INGESTION OF " + table.events() + " STANDS STILL since "),
                            alias);
                    // on a busy machine all of them take longer than ingestion may be held
                    run(table, "resume").exits(0);
                    run(table, "pause", "--deadline", "50s").exits(0);
                }
                var held = run(table, "status", "--json").json().getFirst();
                assertEquals("paused", held.get("state").asString());
                assertTrue(held.get("heldMs").asLong() > 0 && held.get("lag").asLong() >= 0);
                server.execute(held.get("reopen").get(0).asString());
                assertFalse(run(table, "status").errorOutput().contains("STANDS STILL"));
                run(table, "rollback").exits(0).says("rolled back");
                run(table, "events-0002", "--max-held", "40s", "--deadline", "50s")
                        .exits(0)
                        .says("swapped");
            }
            table.awaitConsumed(ledger, java.time.Duration.ofSeconds(150));
            assertEquals(
                    "cityHash64(distinct_id)",
                    server.one("SELECT sampling_key AS k FROM system.tables WHERE database = '"
                                    + table.events().database() + "' AND name = 'events'")
                            .string("k"));
        }
    }
}
