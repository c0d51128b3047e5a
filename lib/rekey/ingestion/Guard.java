package rekey.ingestion;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.clickhouse.ServerGone;
import rekey.model.Rewrite;
import rekey.model.Trouble;
import rekey.session.Entry;
import rekey.session.Journal;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// A process of its own that reopens ingestion at the deadline, even if the one that paused it is dead. It leaves it
/// closed only where the journal says that the swap has begun since: then what stands under the table's name is not known
/// to it. If its machine dies too, ingestion stays closed until a person reopens it.
public final class Guard {
    private Guard() { }

    /// Starts it and returns when it stands ready; its time runs from there.
    ///
    /// @param hold the journal's number for this pause, so that a later one's guard and this one don't meddle
    public static void start(Endpoint endpoint, Rewrite rewrite, String runner, String hold, Duration deadline) {
        try {
            var process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m", "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), Guard.class.getName())
                    .redirectError(ProcessBuilder.Redirect.DISCARD).start();
            var orders = new TreeMap<>(Map.of("url", endpoint.url(), "user", endpoint.user(), "password", endpoint.password(),
                    "properties", JsonMapper.shared().writeValueAsString(endpoint.properties()), "runner", runner, "hold", hold,
                    "deadlineMs", "" + deadline.toMillis(), "rewrite", JsonMapper.shared().writeValueAsString(rewrite)));
            try (var in = process.getOutputStream()) {
                in.write(JsonMapper.shared().writeValueAsBytes(orders));
            }
            if (process.inputReader().readLine() == null) throw new Trouble.Failed("The guard that reopens ingestion at the deadline could not start "
                    + "(exit code " + process.waitFor() + "): nothing was paused. Check that this machine can start another Java process.");
        } catch (IOException e) {
            throw new Trouble.Failed("The guard that reopens ingestion at the deadline could not start (" + e.getMessage() + "): nothing was paused.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("Interrupted before the pause.");
        }
    }

    static void main() throws Exception {
        var orders = JsonMapper.shared().readValue(new String(System.in.readAllBytes(), StandardCharsets.UTF_8), new TypeReference<Map<String, String>>() { });
        var endpoint = new Endpoint(orders.get("url"), orders.get("user"), orders.get("password"), "default",
                JsonMapper.shared().readValue(orders.get("properties"), new TypeReference<Map<String, String>>() { }));
        var rewrite = JsonMapper.shared().readValue(orders.get("rewrite"), Rewrite.class);
        ClickHouse.connect(endpoint).close();
        IO.println("ready");
        var end = System.nanoTime() + Duration.ofMillis(Long.parseLong(orders.get("deadlineMs"))).toNanos();
        while (System.nanoTime() < end) Thread.sleep(100);
        while (!settled(endpoint, rewrite, orders.get("runner"), orders.get("hold"))) Thread.sleep(500);
    }

    /// Whether there is nothing more to do; a server that is away is asked again for as long as it takes.
    private static boolean settled(Endpoint endpoint, Rewrite rewrite, String runner, String hold) {
        try (var server = ClickHouse.connect(endpoint)) {
            var journal = new Journal(server, rewrite.journal(), rewrite.migration(), runner, Optional.empty());
            var gate = new Gate(server, rewrite);
            if (gate.standing().isEmpty() || over(journal, hold)) return true;
            gate.open();
            new Journal(server, rewrite.journal(), rewrite.migration(), runner + "-guard", Optional.empty())
                    .append("pause", Entry.Event.RESUMED, Map.of("by", "guard", "hold", hold, "why", "the deadline passed"));
            return true;
        } catch (ServerGone e) {
            return false;
        }
    }

    /// Whether this hold has ended, or has come to the swap.
    private static boolean over(Journal journal, String hold) {
        boolean mine = false;
        for (var e : journal.entries()) {
            if (e.event() == Entry.Event.HELD) mine = e.get("hold").equals(hold);
            else if (mine && e.event() == Entry.Event.INTENT && e.step().equals("swap")) return true;
        }
        return !mine;
    }
}
