package rekey.repl.command.shell;

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
        if (command != null) {
            var found = Commands.find(command).orElseThrow(() -> new Trouble.Usage("There is no command '" + command + "': help lists all."));
            shell.out().println(Commands.line(found, shell).setUsageHelpWidth(Math.min(100, shell.screen().width())).getUsageMessage().stripTrailing());
        } else Commands.FAMILIES.forEach((family, commands) -> {
            if (commands.isEmpty()) return;
            shell.out().println(family);
            for (var c : commands) shell.out().printf("  %-12s %s%n", Commands.annotation(c).name(), Texts.wrapped(Commands.annotation(c).description()[0], 15, Math.min(100, shell.screen().width() - 1)));
        });
        shell.out().flush();
        return 0;
    }
}
