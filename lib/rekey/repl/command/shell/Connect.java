package rekey.repl.command.shell;

import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import rekey.cli.ClientConfig;
import rekey.clickhouse.Endpoint;
import rekey.repl.ShellCommand;

@Command(name = "connect", aliases = "\\c", description = "Turns to another server: a URL, a host, or a connection of ClickHouse's own client config.",
        footer = {"", "Examples: \\c http://ch2:8123", "          \\c ch2 --user reader --password", "          \\c --database posthog", "          \\c staging"})
public final class Connect extends ShellCommand {
    private static final String ASK = "\0ask";

    @Parameters(arity = "0..1", paramLabel = "URL|HOST|CONNECTION") String to;

    @Option(names = "--user", paramLabel = "NAME", description = "else the one of now") String user;

    @Option(names = "--password", arity = "0..1", fallbackValue = ASK, paramLabel = "WORD", description = "asked for without echo when given bare") String password;

    @Option(names = "--database", paramLabel = "NAME", description = "of bare table names") String database;

    @Override protected int run() {
        var now = shell.endpoint();
        var named = to == null ? Map.<String, String>of() : ClientConfig.read().connection(to);
        var url = to == null ? now.url() : named.getOrDefault("url", url(to));
        boolean same = url.equals(now.url());
        shell.connect(new Endpoint(url, first(user, named.get("user"), now.user()), password(first(password, named.get("password"), same || user == null ? now.password() : "")),
                first(database, named.get("database"), same || to == null ? now.database() : "default"), now.properties()));
        shell.out().println("Connected to " + shell.endpoint() + ", ClickHouse " + shell.server().one("SELECT version() AS v").string("v") + ".");
        shell.out().flush();
        return 0;
    }

    private static String url(String text) {
        if (text.contains("://")) return text;
        return "http://" + text + (text.matches(".*:\\d+") ? "" : ":8123");
    }

    private String password(String given) {
        return ASK.equals(given) ? shell.screen().secret("Password: ") : given;
    }

    private static String first(String a, String b, String otherwise) {
        return a != null ? a : b != null ? b : otherwise;
    }
}
