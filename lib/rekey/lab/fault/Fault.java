package rekey.lab.fault;

/// What goes wrong.
public enum Fault {
    /// The tool's process is killed outright.
    TOOL_KILLED,
    /// ClickHouse is killed outright and started again.
    SERVER_KILLED,
    /// Kafka's broker is away for some seconds.
    BROKER_AWAY,
    /// Every connection between the tool and ClickHouse breaks at once: statements under way go on, their answers are lost.
    ANSWER_LOST,
    /// A copy runs out of memory.
    MEMORY_LIMIT,
    /// The tool is killed outright while ingestion is held, and nobody comes back until the deadline has passed.
    NOBODY_BACK
}
