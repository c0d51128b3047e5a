package rekey.page;

import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Option;
import rekey.cli.Options;
import rekey.clickhouse.Endpoint;

/// The options of a status that may be a scraper's.
public final class MetricsOptions extends Options {
    @Option(names = "--metrics", description = "in Prometheus' text format")
    boolean metrics;

    @Option(
            names = "--serve",
            paramLabel = "[ADDRESS:]PORT",
            description = "with --metrics: for a scraper, at /metrics, until Ctrl-C; on 127.0.0.1 unless an address is"
                    + " named")
    String serve;

    /// Whether Prometheus' format is asked for.
    public boolean metrics() {
        return metrics;
    }

    /// Whether a scraper is to come for it.
    public boolean serves() {
        return serve != null;
    }

    /// A scraper does not wait for a server that hangs.
    @Override
    public Endpoint endpoint() {
        var asked = super.endpoint();
        if (!serves()) return asked;
        var properties = new TreeMap<>(Map.of("socket_timeout", "10000"));
        properties.putAll(asked.properties());
        return new Endpoint(asked.url(), asked.user(), asked.password(), asked.database(), properties);
    }
}
