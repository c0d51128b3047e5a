package rekey.repl.command.inspect.kafka;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import rekey.look.Streams;
import rekey.repl.command.inspect.Looking;
import rekey.sheet.Sheet;

@Command(name = "lag", description = "Kafka, per partition: committed, end, lag, age of the oldest unread message, how long it is kept.",
        footer = {"", "Examples: lag", "          lag kafka_events", "          \\\\watch 2 lag"})
public final class Lag extends Looking {
    @Parameters(arity = "0..1", paramLabel = "TABLE", description = "a Kafka table or one that is fed; else the migration's source") String table;

    @Override protected Sheet look() {
        var streams = new Streams(shell.server(), shell.kafka());
        return streams.lag(kafka(streams, table));
    }
}
