package rekey.cli.text;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import rekey.run.Status;

/// Statuses in Prometheus' text format: gauges all, for each can fall (a rollback, a new round), in its base units.
/// A figure that is not known is left out. The last line's end is the caller's.
public final class Metrics {
    private Metrics() {}

    public static String of(List<Status> all) {
        return gauge("rekey_rows_carried", "Rows carried into the new table and checked.", all, Status::rowsDone)
                + gauge("rekey_rows", "Rows of the table, to be carried in all.", all, Status::rowsTotal)
                + gauge("rekey_carried_bytes", "Size on disk of the rows carried.", all, Status::bytesDone)
                + gauge("rekey_eta_seconds", "Time to the end of the copy.", all, Status::etaSeconds)
                + gauge(
                        "rekey_held_seconds",
                        "How long ingestion stands still by now, or did the last time.",
                        all,
                        s -> s.heldMs() == null ? null : s.heldMs() / 1000.0)
                + gauge("rekey_lag_messages", "Messages that Kafka has and the table has not.", all, Status::lag)
                + head("rekey_state", "1 for the state and the step that the migration is at.")
                + all.stream()
                        .map(s -> "rekey_state{" + labels(s) + ",state="
                                + quoted(s.state().toString()) + ",step=" + quoted(s.step()) + "} 1")
                        .collect(Collectors.joining("\n"));
    }

    private static String gauge(String name, String help, List<Status> all, Function<Status, Number> value) {
        var lines = all.stream()
                .filter(s -> value.apply(s) != null)
                .map(s -> name + "{" + labels(s) + "} " + value.apply(s) + "\n")
                .collect(Collectors.joining());
        return lines.isEmpty() ? "" : head(name, help) + lines;
    }

    private static String head(String name, String help) {
        return "# HELP " + name + " " + help + "\n# TYPE " + name + " gauge\n";
    }

    private static String labels(Status s) {
        return "migration=" + quoted(s.migration()) + ",table=" + quoted(s.table());
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }
}
