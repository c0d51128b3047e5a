package rekey.repl.command.shell;

import java.util.ArrayList;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import rekey.cli.text.Texts;
import rekey.model.Trouble;
import rekey.repl.Commands;
import rekey.repl.ShellCommand;

@Command(name = "help", aliases = {"\\?", "?"}, description = "Lists the commands, or shows one with its options and examples.",
        footer = {"", "Examples: help", "          help run"})
public final class Help extends ShellCommand {
    @Parameters(arity = "0..1", paramLabel = "COMMAND") String command;

    @Override protected int run() {
        int width = Math.min(100, shell.screen().width());
        shell.page(command == null ? all(width) : one(width));
        return 0;
    }

    private String one(int width) {
        var found = Commands.find(command).orElseThrow(() -> new Trouble.Usage("There is no command '" + command + "': help lists all."));
        return Commands.line(found, shell).setUsageHelpWidth(width).getUsageMessage().stripTrailing();
    }

    private static String all(int width) {
        var out = new ArrayList<String>();
        Commands.FAMILIES.forEach((family, commands) -> {
            out.add(family);
            for (var c : commands) out.add("  %-12s ".formatted(Commands.annotation(c).name()) + Texts.wrapped(Commands.annotation(c).description()[0], 15, width - 1));
        });
        return String.join("\n", out);
    }
}
