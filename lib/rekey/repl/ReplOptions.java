package rekey.repl;

import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rekey.cli.Cli;
import rekey.cli.ClientConfig;
import rekey.cli.PlanOptions;
import rekey.clickhouse.Endpoint;

/// The options that the REPL is opened with: those of the scripts, so that a session begins where a script would,
/// and ClickHouse's own client config besides.
public final class ReplOptions extends PlanOptions {
    @Option(
            names = "--connection",
            paramLabel = "NAME",
            description = "one of connections_credentials in ~/.clickhouse-client/config.xml or .yaml")
    String connectionName;

    @Option(names = "--yes", description = "don't ask before a step, a swap, a rollback or a finalize")
    boolean yes;

    private Endpoint endpoint;

    /// As they stand on a command line.
    public static ReplOptions parse(String... arguments) {
        return Cli.configured(new CommandLine(new Typed()), "help")
                                .parseArgs(arguments)
                                .commandSpec()
                                .userObject()
                        instanceof Typed t
                ? t.options
                : null;
    }

    @Command(name = "rekey")
    private static final class Typed {
        @Mixin
        ReplOptions options;
    }

    boolean yes() {
        return yes;
    }

    /// A password that is asked for is asked for once.
    @Override
    public synchronized Endpoint endpoint() {
        if (endpoint == null) endpoint = super.endpoint();
        return endpoint;
    }

    @Override
    protected Map<String, String> preferred() {
        return connectionName == null ? Map.of() : ClientConfig.read().mustHave(connectionName);
    }

    @Override
    protected Map<String, String> otherwise() {
        return connectionName == null ? ClientConfig.read().unnamed() : Map.of();
    }
}
