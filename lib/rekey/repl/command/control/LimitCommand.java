package rekey.repl.command.control;

import picocli.CommandLine.Parameters;
import rekey.model.Trouble;
import rekey.run.Orders;
import rekey.session.Limits;

/// A limit of the run that goes on, and of this session's later ones; `?` asks for it.
abstract class LimitCommand extends OrderCommand {
    @Parameters(paramLabel = "N|?", description = "the new value; ? shows the present one") String value;

    /// As in the order.
    abstract String name();

    /// @throws Trouble.Usage when the value makes no sense
    abstract Limits changed(Limits limits, String value);

    /// As an order carries it.
    abstract String argument(Limits limits);

    /// As a person reads it.
    abstract String text(Limits limits);

    @Override protected int run() {
        boolean running = shell.migration().isPresent() && running();
        if (value.equals("?")) {
            var told = running ? Orders.limit(shell.session(), name()) : java.util.Optional.<String>empty();
            shell.out().println(name() + " " + told.filter(t -> !t.isEmpty()).map(t -> text(ordered(t))).orElseGet(() -> text(shell.limits())));
            shell.out().flush();
            return 0;
        }
        var limits = changed(shell.limits(), value);
        shell.limits(limits);
        if (running) return order(name(), argument(limits), name() + " " + text(limits) + " from now on, for the run that goes on too.");
        shell.out().println(name() + " " + text(limits) + " for the next run.");
        shell.out().flush();
        return 0;
    }

    /// What an order's argument makes of the limits.
    abstract Limits ordered(String argument);

    long number(long least) {
        try {
            long n = Long.parseLong(value.replace("_", "").replace(",", ""));
            if (n >= least) return n;
        } catch (NumberFormatException e) {
            // told below
        }
        throw new Trouble.Usage("'" + value + "' is no number from " + least + " on: write it as in  " + name() + " " + Math.max(least, 4) + ".");
    }
}
