package rekey.kafka;

/// The broker answers, but this client may not look.
public final class KafkaDenied extends KafkaFailed {
    public KafkaDenied(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
