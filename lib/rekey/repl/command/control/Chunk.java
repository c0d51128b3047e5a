package rekey.repl.command.control;

import picocli.CommandLine.Command;
import rekey.run.Amounts;
import rekey.session.Limits;

@Command(name = "chunk", description = "How many rows are copied and checked at one go.",
        footer = {"", "Examples: chunk 5000000", "          chunk ?"})
public final class Chunk extends LimitCommand {
    @Override String name() { return "chunk"; }

    @Override Limits changed(Limits limits, String value) {
        return limits.withChunkRows(number(1));
    }

    @Override Limits ordered(String argument) {
        return shell.limits().withChunkRows(Long.parseLong(argument));
    }

    @Override String argument(Limits limits) {
        return "" + limits.chunkRows();
    }

    @Override String text(Limits limits) {
        return Amounts.rows(limits.chunkRows()) + " rows";
    }
}
