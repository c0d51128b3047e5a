package rekey.cli;

import java.util.Optional;
import java.util.stream.Collectors;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/// Text that teaches a shell the verbs and their options.
final class ShellCompletion {
    static final String USAGE = """
        Give bash, zsh or fish, and let that shell read what is printed:
          source <(rekey completion bash)                                  in ~/.bashrc
          source <(rekey completion zsh)                                   in ~/.zshrc, behind compinit
          rekey completion fish > ~/.config/fish/completions/rekey.fish\
        """;

    private ShellCompletion() {}

    /// @return nothing for a shell that is not known
    static Optional<String> of(String shell, CommandLine program) {
        return switch (shell) {
            // the bash text of picocli loads bashcompinit when it finds itself in zsh
            case "bash", "zsh" -> Optional.of(AutoComplete.bash(program.getCommandName(), program));
            case "fish" -> Optional.of(fish(program));
            default -> Optional.empty();
        };
    }

    private static String fish(CommandLine program) {
        var name = program.getCommandName();
        var out = new StringBuilder("complete -c " + name + " -f\n");
        program.getSubcommands().forEach((verb, command) -> {
            out.append("complete -c %s -n __fish_use_subcommand -a %s -d %s\n"
                    .formatted(
                            name,
                            verb,
                            quoted(String.join(
                                    " ", command.getCommandSpec().usageMessage().description()))));
            for (var option : command.getCommandSpec().options())
                out.append("complete -c %s -n '__fish_seen_subcommand_from %s'%s%s -d %s\n"
                        .formatted(
                                name,
                                verb,
                                words(option),
                                option.arity().min() > 0 ? " -r" + (takesFile(option) ? " -F" : "") : "",
                                quoted(String.join(" ", option.description()))));
        });
        return out.toString();
    }

    private static String words(OptionSpec option) {
        return java.util.Arrays.stream(option.names())
                .map(n -> n.startsWith("--") ? " -l " + n.substring(2) : " -s " + n.substring(1))
                .collect(Collectors.joining());
    }

    private static boolean takesFile(OptionSpec option) {
        return option.paramLabel().equals("FILE") || option.paramLabel().equals("FOLDER");
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
