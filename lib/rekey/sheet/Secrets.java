package rekey.sheet;

import java.util.regex.Pattern;

/// What may stand in a definition or a line typed, and on no screen and in no log. The server hides passwords itself
/// in most places; SETTINGS of a Kafka table are shown as they are.
public final class Secrets {
    private static final String TEXT = "'(?:[^'\\\\]|\\\\.)*'";
    private static final Pattern
            SETTING = Pattern.compile("(?i)((?:password|secret|sasl_jaas|access_key)\\w*\\s*=\\s*)" + TEXT),
            OPTION = Pattern.compile("(?i)(--password(?:=|\\s+(?!-)))(?:" + TEXT + "|\"[^\"]*\"|\\S+)"),
            IDENTIFIED = Pattern.compile("(?i)(\\bIDENTIFIED\\b[^;']*)" + TEXT),
            ADDRESS = Pattern.compile("(://[^/@\\s:]*:)[^/@\\s]+(?=@)"),
            ELSEWHERE =
                    Pattern.compile("(?i)\\b(?:mysql|postgresql|mongodb|redis|remote|remoteSecure|s3|s3Cluster|gcs|"
                            + "azureBlobStorage\\w*|iceberg\\w*|deltaLake\\w*)\\s*\\(");

    private Secrets() {}

    /// Of a definition.
    public static String hidden(String definition) {
        return SETTING.matcher(definition).replaceAll("$1'[HIDDEN]'");
    }

    /// Of a command or a statement. Where it names another system's server and how to log in there, no text in it is
    /// shown.
    public static String untold(String line) {
        if (ELSEWHERE.matcher(line).find()) return line.replaceAll(TEXT, "'[HIDDEN]'");
        var out = OPTION.matcher(hidden(line)).replaceAll("$1[HIDDEN]");
        return ADDRESS.matcher(IDENTIFIED.matcher(out).replaceAll("$1'[HIDDEN]'"))
                .replaceAll("$1[HIDDEN]");
    }
}
