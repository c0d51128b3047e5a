package rekey.sheet;

/// What may stand in a definition and on no screen. The server hides passwords itself in most places; SETTINGS of a Kafka
/// table are shown as they are.
public final class Secrets {
    private Secrets() { }

    public static String hidden(String definition) {
        return definition.replaceAll("(?i)((?:password|secret|sasl_jaas|access_key)\\w*\\s*=\\s*)'(?:[^'\\\\]|\\\\.)*'", "$1'[HIDDEN]'");
    }
}
