package rekey.cli;

import picocli.CommandLine.Mixin;
import rekey.session.Limits;

/// The options of commands that look at what a run would need: those of every command, and what it may cost.
public class PlanOptions extends Options {
    @Mixin Costs costs;

    @Override Limits limits() {
        return costs.limits();
    }
}
