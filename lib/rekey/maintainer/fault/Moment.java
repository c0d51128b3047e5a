package rekey.maintainer.fault;

import java.util.List;

/// When it goes wrong: a statement of the tool on its way to the server, told by its text.
///
/// @param during  what the tool is doing
/// @param place   which statement
/// @param nth     which of those, from 1
/// @param when    before the server has it, while it works on it, or when its answer is on the way back
/// @param delayMs with [When#DURING] how long after it was sent; for a late statement how long after the next runner
///                began
public record Moment(Phase during, Place place, int nth, When when, int delayMs) {

    /// Around a statement.
    public enum When {
        BEFORE,
        DURING,
        AFTER
    }

    /// What is run, and at last is to be struck.
    public enum Phase {
        /// The migration, up to its swap and resume.
        ON("migrate"),
        /// Merging the new table, after that.
        OPTIMIZE("migrate", "optimize"),
        /// The way back after the swap.
        BACK("migrate", "rollback"),
        /// The way back before the swap.
        UNDO("backfill", "rollback"),
        /// Forward again after a rollback.
        AGAIN("migrate", "rollback", "migrate"),
        /// Letting go of the backup.
        FINALIZE("migrate", "finalize"),
        /// No migration at all.
        NOTHING;

        private final List<String> commands;

        Phase(String... commands) {
            this.commands = List.of(commands);
        }

        /// What [ToolProcess] is told to run, the last to be struck.
        List<String> commands() {
            return commands;
        }
    }

    @Override
    public String toString() {
        return "%s %s%s (%s)%s"
                .formatted(
                        when.name().toLowerCase(),
                        place,
                        nth > 1 ? " #" + nth : "",
                        during.name().toLowerCase(),
                        delayMs > 0 ? " +" + delayMs + " ms" : "");
    }
}
