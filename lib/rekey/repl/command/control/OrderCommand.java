package rekey.repl.command.control;

import rekey.model.Trouble;
import rekey.repl.ShellCommand;
import rekey.run.Orders;
import rekey.run.RunLock;

/// An order to whoever runs the migration now, this session or another process: both read it from the journal, within
/// half a second.
abstract class OrderCommand extends ShellCommand {
    /// @return 0
    int order(String order, String argument, String told) {
        if (!running()) throw new Trouble.Refused("Nothing runs on " + shell.session().rewrite().source() + " that could be told so.");
        Orders.send(shell.session(), order, argument);
        shell.out().println(told);
        shell.out().flush();
        return 0;
    }

    boolean running() {
        return RunLock.holder(shell.session().server(), shell.session().rewrite().source()).isPresent();
    }
}
