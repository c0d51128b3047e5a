package rekey.repl.command.inspect.kafka;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import rekey.look.Streams;
import rekey.repl.command.inspect.Looking;
import rekey.sheet.Sheet;

@Command(name = "consumers", description = "Who reads from Kafka: partitions, last poll and commit, errors, strangers in the group.",
        footer = {"", "Examples: consumers", "          consumers kafka_events"})
public final class Consumers extends Looking {
    @Parameters(arity = "0..1", paramLabel = "TABLE", description = "a Kafka table or one that is fed; else the migration's source") String table;

    @Override protected Sheet look() {
        var streams = new Streams(shell.server(), shell.kafka());
        return streams.consumers(kafka(streams, table));
    }
}
