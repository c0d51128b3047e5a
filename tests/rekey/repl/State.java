package rekey.repl;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where this run of the tests keeps histories and journals' copies: not in the user's own folder.
public final class State {
    private State() {}

    public static synchronized Path own() {
        try {
            if (System.getProperty("rekey.state") == null)
                System.setProperty(
                        "rekey.state", Files.createTempDirectory("rekey-state").toString());
            return Path.of(System.getProperty("rekey.state"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
