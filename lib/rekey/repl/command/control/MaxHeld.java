package rekey.repl.command.control;

import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.TypeConversionException;
import rekey.cli.Cli;
import rekey.model.Trouble;
import rekey.run.Amounts;
import rekey.session.Limits;

@Command(name = "max-held", description = "How long ingestion may stand still: rounds go on until what is left fits.",
        footer = {"", "Examples: max-held 500ms", "          max-held ?"})
public final class MaxHeld extends LimitCommand {
    @Override String name() { return "max-held"; }

    @Override Limits changed(Limits limits, String value) {
        try {
            return limits.withMaxHeld(Cli.duration(value));
        } catch (TypeConversionException e) {
            throw new Trouble.Usage(e.getMessage() + ".");
        }
    }

    @Override Limits ordered(String argument) {
        return shell.limits().withMaxHeld(Duration.ofMillis(Long.parseLong(argument)));
    }

    @Override String argument(Limits limits) {
        return "" + limits.maxHeld().toMillis();
    }

    @Override String text(Limits limits) {
        return Amounts.time(limits.maxHeld());
    }
}
