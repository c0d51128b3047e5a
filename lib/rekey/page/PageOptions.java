package rekey.page;

import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import rekey.cli.Options;
import rekey.clickhouse.Endpoint;

/// The options of the page.
public final class PageOptions extends Options {
    @Option(names = "--port", paramLabel = "N", defaultValue = "0", description = "on 127.0.0.1; default: a free one")
    int port;

    @Option(
            names = "--control",
            description = "with buttons: throttle, postpone, stop, stop and roll back, each of which asks")
    boolean control;

    /// As if they had been typed.
    public static PageOptions of(String... words) {
        return CommandLine.populateCommand(new PageOptions(), words);
    }

    /// A server that hangs must show, so no answer is waited for long.
    @Override
    public Endpoint endpoint() {
        var asked = super.endpoint();
        var properties = new TreeMap<>(Map.of("socket_timeout", "10000"));
        properties.putAll(asked.properties());
        return new Endpoint(asked.url(), asked.user(), asked.password(), asked.database(), properties);
    }
}
