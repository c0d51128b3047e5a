package rekey.cli.text;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import rekey.run.Status;

/// Statuses in Prometheus' text format. A figure that is not known is left out.
public final class Metrics {
    private Metrics() { }

    public static String of(List<Status> all) {
        return gauge("rekey_rows_done", "rows carried into the new table and checked", all, Status::rowsDone)
                + gauge("rekey_rows_total", "rows to be carried", all, Status::rowsTotal)
                + gauge("rekey_bytes_done", "bytes on disk of the rows carried", all, Status::bytesDone)
                + gauge("rekey_eta_seconds", "to the end of the copy", all, Status::etaSeconds)
                + gauge("rekey_held_milliseconds", "for how long ingestion stands still, or did the last time", all, Status::heldMs)
                + gauge("rekey_lag_messages", "messages that Kafka has and the table has not", all, Status::lag)
                + head("rekey_state", "1 for the state that the migration is in")
                + all.stream().map(s -> "rekey_state{" + labels(s) + ",state=" + quoted(s.state()) + ",step=" + quoted(s.step()) + "} 1").collect(Collectors.joining("\n"));
    }

    private static String gauge(String name, String help, List<Status> all, Function<Status, Long> value) {
        var lines = all.stream().filter(s -> value.apply(s) != null).map(s -> name + "{" + labels(s) + "} " + value.apply(s) + "\n").collect(Collectors.joining());
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
