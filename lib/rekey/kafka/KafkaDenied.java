package rekey.kafka;

import rekey.model.Trouble;

/// The broker answers, but this client may not look.
public final class KafkaDenied extends Trouble.Failed {
    public KafkaDenied(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
