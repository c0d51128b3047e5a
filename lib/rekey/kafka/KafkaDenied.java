package rekey.kafka;

import org.apache.kafka.common.errors.AuthenticationException;

/// The broker answers, but this client may not look.
public final class KafkaDenied extends KafkaFailed {
    public KafkaDenied(String sentence, Throwable cause) {
        super(sentence, cause);
    }

    /// Whether it was not let in at all: by its login, or one of the two did not trust the other's certificate.
    public boolean atTheDoor() {
        return getCause() instanceof AuthenticationException;
    }
}
