package rekey.maintainer.fault;

import java.util.Arrays;
import java.util.List;

/// What goes wrong, at a [Moment].
public enum Fault {
    /// The tool's process is killed outright.
    TOOL_KILLED,
    /// ClickHouse is killed outright and started again.
    SERVER_KILLED,
    /// Kafka's broker is stopped, and back after two seconds.
    BROKER_AWAY,
    /// Every connection between the tool and ClickHouse breaks at once: statements under way go on, their answers
    /// are lost.
    ANSWER_LOST,
    /// From this statement on, until the run has ended, each may use no more than a few hundred kilobytes of memory.
    MEMORY_LIMIT,
    /// From this statement on ClickHouse's disk is full, for everyone, until the run has ended or five seconds are
    /// over.
    DISK_FULL,
    /// The tool is killed, its statement is still on the way, and reaches the server while the next runner is at
    /// work.
    LATE_STATEMENT,
    /// The tool is killed outright while ingestion is held, and nobody comes back until the deadline has passed.
    NOBODY_BACK,
    /// No fault of the surroundings but a control: a row of the target is deleted behind the migration's back, after
    /// all comparisons. It must be counted as lost, or the count is worth nothing.
    ROW_DELETED,
    /// The same with a row that is doubled.
    ROW_DOUBLED,
    /// The same with a row of which one value is made another: there once, at its coordinate, and wrong.
    ROW_ALTERED,
    /// A control, too: nothing goes wrong.
    NONE,
    /// The statement, or its answer, is on the way for so long that the deadline passes. Only where it is aimed at:
    /// among those of chance it would change what that chose before.
    ANSWER_LATE;

    /// Those that a migration must survive.
    static List<Fault> real() {
        return Arrays.stream(values())
                .filter(f -> f.ordinal() < ROW_DELETED.ordinal())
                .toList();
    }
}
