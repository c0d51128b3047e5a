package rekey.model;

/// What a person is told, in one sentence that says what is wrong, what it was and what to do, and the exit code
/// that a script ends with.
public sealed class Trouble extends RuntimeException {
    private final int exitCode;

    private Trouble(int exitCode, String sentence, Throwable cause) {
        super(sentence, cause);
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }

    /// Something could not be done: no server, a wrong password, no such table.
    public static non-sealed class Failed extends Trouble {
        public Failed(String sentence) {
            this(sentence, null);
        }

        public Failed(String sentence, Throwable cause) {
            super(1, sentence, cause);
        }
    }

    /// What was asked for makes no sense: a missing option, an invalid key expression.
    public static final class Usage extends Trouble {
        public Usage(String sentence) {
            super(2, sentence, null);
        }
    }

    /// The swap is put off: nothing is broken, ingestion is open, and after more rounds it can be tried again.
    public static final class PutOff extends Refused {
        private final boolean busy;

        public PutOff(String sentence) {
            this(sentence, false);
        }

        private PutOff(String sentence, boolean busy) {
            super(sentence);
            this.busy = busy;
        }

        /// Only too much goes on at the moment, here or on the server: it is tried again many times.
        public static PutOff busy(String sentence) {
            return new PutOff(sentence, true);
        }

        public boolean isBusy() {
            return busy;
        }

        /// The same in other words.
        public PutOff reworded(String sentence) {
            return new PutOff(sentence, busy);
        }
    }

    /// A check says no.
    public static non-sealed class Refused extends Trouble {
        public Refused(String sentence) {
            this(sentence, null);
        }

        public Refused(String sentence, Throwable cause) {
            super(3, sentence, cause);
        }
    }

    /// A person, or the healthcheck, stopped it; it can go on or go back.
    public static final class Stopped extends Trouble {
        public Stopped(String sentence) {
            super(4, sentence, null);
        }
    }

    /// Whether it happened can't be told: the sentence has the statements to look with.
    public static final class OutcomeUnknown extends Trouble {
        public OutcomeUnknown(String sentence) {
            super(5, sentence, null);
        }
    }
}
