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
            case "bash" -> Optional.of(AutoComplete.bash(program.getCommandName(), program));
            case "zsh" -> Optional.of(zsh(program));
            case "fish" -> Optional.of(fish(program));
            default -> Optional.empty();
        };
    }

    /// A function of zsh's own. The bash text of picocli is read by zsh too; but there it completed nothing behind
    /// an option whose value may be left out, no file behind `--json=`, told of no word what it does, and switched
    /// COMPLETE_ALIASES on in the shell of whoever read it.
    private static String zsh(CommandLine program) {
        var name = program.getCommandName();
        var verbs = new StringBuilder();
        var options = new StringBuilder();
        program.getSubcommands().forEach((verb, command) -> {
            var says = String.join(" ", command.getCommandSpec().usageMessage().description());
            verbs.append("      ").append(quoted(verb + ":" + says)).append("\n");
            options.append("    ").append(verb).append(")\n      _arguments");
            for (var option : command.getCommandSpec().options())
                for (var word : option.names())
                    options.append(" \\\n        ").append(quoted(specification(word, option)));
            options.append("\n      ;;\n");
        });
        return """
            #compdef %1$s
            _%1$s() {
              if (( CURRENT == 2 )); then
                local -a verbs
                verbs=(
            %2$s    )
                _describe verb verbs
                return
              fi
              shift words
              (( CURRENT-- ))
              case $words[1] in
            %3$s  esac
            }
            (( $+functions[compdef] )) || { autoload -U compinit && compinit }
            if [[ $funcstack[1] == _%1$s ]]; then _%1$s "$@"; else compdef _%1$s %1$s; fi
            """.formatted(name, verbs, options);
    }

    /// As `_arguments` of zsh reads it: a value that may be left out stands behind a `=`.
    private static String specification(String word, OptionSpec option) {
        var says = String.join(" ", option.description()).replaceAll("[\\[\\]\\\\]", "\\\\$0");
        var value = option.paramLabel().replaceAll("[\\[\\]<>:]", "") + ":" + (takesFile(option) ? "_files" : "");
        boolean may = option.arity().max() > 0, must = option.arity().min() > 0;
        return (option.isMultiValue() ? "*" : "") + word + (must ? "=" : may ? "=-" : "") + "[" + says + "]"
                + (must ? ":" + value : may ? "::" + value : "");
    }

    private static String fish(CommandLine program) {
        var name = program.getCommandName();
        var out = new StringBuilder("complete -c " + name + " -f\n");
        program.getSubcommands().forEach((verb, command) -> {
            out.append("complete -c %s -n __fish_use_subcommand -a %s -d %s\n"
                    .formatted(
                            name,
                            verb,
                            quotedForFish(String.join(
                                    " ", command.getCommandSpec().usageMessage().description()))));
            for (var option : command.getCommandSpec().options())
                out.append("complete -c %s -n '__fish_seen_subcommand_from %s'%s%s -d %s\n"
                        .formatted(
                                name,
                                verb,
                                words(option),
                                option.arity().min() > 0 ? " -r" + (takesFile(option) ? " -F" : "") : "",
                                quotedForFish(String.join(" ", option.description()))));
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

    private static String quotedForFish(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
