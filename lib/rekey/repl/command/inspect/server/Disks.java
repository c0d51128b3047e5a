package rekey.repl.command.inspect.server;

import picocli.CommandLine.Command;
import rekey.repl.command.inspect.Looking;
import rekey.sheet.Sheet;

@Command(name = "disks", description = "ClickHouse's disks and policies, how full they are, and what fills them.",
        footer = {"", "Example: disks"})
public final class Disks extends Looking {
    @Override protected Sheet look() {
        return new rekey.look.Disks(shell.server()).sheet();
    }
}
