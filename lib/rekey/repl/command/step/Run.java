package rekey.repl.command.step;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "run", aliases = "migrate", description = "All steps that are not done, or up to one of them; asks first.",
        footer = {"", "Examples: run", "          run --until verify", "          run --dry-run"})
public final class Run extends StepCommand {
    @Option(names = "--until", paramLabel = "STEP", description = "end when this one is done, such as backfill") String until;

    @Override protected int run() {
        return newRun().all(until);
    }
}
