package rekey.repl.command;

import java.util.ArrayList;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import rekey.cli.ClientConfig;
import rekey.cli.RewriteOptions;
import rekey.cli.text.Texts;
import rekey.clickhouse.Endpoint;
import rekey.migration.Migrations;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.repl.context.Dialogue;
import rekey.repl.context.Target;
import rekey.session.Journal;

/// Commands about the session itself.
final class SessionCommands {
    private static final String ASK = "\0ask";

    private final Target target;
    private final Dialogue dialogue;
    private final Runnable leave;

    SessionCommands(Target target, Dialogue dialogue, Runnable leave) {
        this.target = target;
        this.dialogue = dialogue;
        this.leave = leave;
    }

    @Command(
            name = "help",
            aliases = {"\\?", "?"},
            description = "Lists the commands, or shows one with its options and examples.",
            footer = {"", "Examples: help", "          help run"})
    int help(
            @Parameters(arity = "0..1", paramLabel = "COMMAND", completionCandidates = Candidates.Names.class)
                    String command) {
        int width = Math.min(100, dialogue.screen().width());
        dialogue.page(command == null ? all(width) : one(command, width));
        return 0;
    }

    private static String one(String command, int width) {
        var found = Commands.find(command)
                .orElseThrow(() -> new Trouble.Usage("There is no command '" + command + "': help lists all."));
        return Commands.line(found, null)
                .setUsageHelpWidth(width)
                .getUsageMessage()
                .stripTrailing();
    }

    private static String all(int width) {
        var out = new ArrayList<String>();
        for (var family : Commands.FAMILIES) {
            out.add(family.title());
            for (var c : family.commands())
                out.add("  %-12s ".formatted(Commands.annotation(c).name())
                        + Texts.wrapped(Commands.annotation(c).description()[0], 15, width - 1));
        }
        return String.join("\n", out);
    }

    @Command(
            name = "connect",
            aliases = "\\c",
            description = "Turns to another server: a URL, a host, or a connection of ClickHouse's own client config.",
            footer = {
                "",
                "Examples: \\c http://ch2:8123",
                "          \\c ch2 --user reader --password",
                "          \\c --database posthog",
                "          \\c staging"
            })
    int connect(
            @Parameters(
                            arity = "0..1",
                            paramLabel = "URL|HOST|CONNECTION",
                            completionCandidates = Candidates.Connections.class)
                    String to,
            @Option(names = "--user", paramLabel = "NAME", description = "else the one of now") String user,
            @Option(
                            names = "--password",
                            arity = "0..1",
                            fallbackValue = ASK,
                            paramLabel = "WORD",
                            description = "asked for without echo when given bare")
                    String password,
            @Option(names = "--database", paramLabel = "NAME", description = "of bare table names") String database) {
        var now = target.endpoint();
        var named = to == null ? Map.<String, String>of() : ClientConfig.read().connection(to);
        var url = to == null ? now.url() : named.getOrDefault("url", url(to));
        boolean same = url.equals(now.url());
        target.connect(new Endpoint(
                url,
                first(user, named.get("user"), now.user()),
                password(first(password, named.get("password"), same || user == null ? now.password() : "")),
                first(database, named.get("database"), same || to == null ? now.database() : "default"),
                now.properties()));
        var version = dialogue.asked(
                () -> target.server().one("SELECT version() AS v").string("v"));
        return dialogue.line("Connected to " + target.endpoint() + ", ClickHouse " + version + ".");
    }

    private static String url(String text) {
        if (text.contains("://")) return text;
        return "http://" + text + (text.matches(".*:\\d+") ? "" : ":8123");
    }

    private String password(String given) {
        return ASK.equals(given) ? dialogue.screen().secret("Password: ") : given;
    }

    private static String first(String a, String b, String otherwise) {
        return a != null ? a : b != null ? b : otherwise;
    }

    @Command(
            name = "migration",
            description =
                    "Turns to a migration: a shipped one, a JSON file, one that the journal knows, or a table with new"
                            + " keys; bare it lists them.",
            footer = {
                "",
                "Examples: migration",
                "          migration 0002_events_sample_by",
                "          migration --table hits --order-by 'site, toDate(at)'"
            })
    int migration(
            @Parameters(arity = "0..1", paramLabel = "MIGRATION", completionCandidates = Candidates.Migrations.class)
                    String name,
            @Mixin RewriteOptions rewriting) {
        if (name == null && !rewriting.named()) return migrations();
        return dialogue.line(dialogue.asked(() -> {
            target.choose(name == null ? rewriting.wanted() : rewriting.wanted(name));
            return target.chosen().name() + " of " + target.session().rewrite().source() + ".";
        }));
    }

    private int migrations() {
        target.migration()
                .ifPresent(m -> dialogue.line(
                        "chosen   " + m.name() + " of " + m.rewrite().source()));
        Migrations.shipped().forEach(m -> dialogue.line("shipped  " + m));
        dialogue.asked(() -> Journal.migrations(
                        target.server(), new TableName(target.endpoint().database(), "rekey_journal")))
                .forEach(m -> dialogue.line("journal  " + m));
        return 0;
    }

    /// The loop of the shell runs a watch itself. Only a `\watch` that can't be read as one
    /// arrives here.
    @Command(
            name = "\\watch",
            description = "Runs a line again and again, N seconds apart, until Ctrl-C.",
            footer = {
                "",
                "Examples: \\watch 2 parts events",
                "          \\watch 500ms status",
                "          \\watch 5 SELECT count() FROM events;"
            })
    int watch(@Parameters(arity = "0..*", paramLabel = "N COMMAND") String[] rest) {
        throw new Trouble.Usage("Say how often and what: \\watch 2 status, in seconds, or with ms, s, m.");
    }

    @Command(
            name = "history",
            description = "The last lines typed, in this session and before; Ctrl-R searches them.",
            footer = {"", "Examples: history", "          history 50"})
    int history(
            @Parameters(arity = "0..1", defaultValue = "20", paramLabel = "N", description = "how many (default 20)")
                    int lines) {
        dialogue.screen().history(Math.max(1, lines)).forEach(dialogue.out()::println);
        dialogue.out().flush();
        return 0;
    }

    @Command(
            name = "exit",
            aliases = {"quit", "\\q"},
            description = "Leaves; Ctrl-D does so too.",
            footer = {"", "Example: exit"})
    int exit() {
        leave.run();
        return 0;
    }
}
