package rekey.kafka;

import rekey.model.Trouble;

/// Kafka does not answer, or not with what was asked for.
public sealed class KafkaFailed extends Trouble.Failed permits KafkaDenied {
    public KafkaFailed(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
