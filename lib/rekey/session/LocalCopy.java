package rekey.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/// The journal's copy in a local file: one line of JSON each. It is for people; nothing reads it back.
final class LocalCopy {
    private final Path file;
    private boolean broken, told;

    LocalCopy(Path file) {
        this.file = file;
    }

    /// The server has the line, so a file that can't be written ends no run: a full disk of the operator's machine
    /// once did, while ingestion was held. Each line is tried anew.
    ///
    /// @return why this one is not in it; said of the first such line alone
    Optional<String> write(String migration, Entry e) {
        try {
            Files.createDirectories(file.getParent());
            var line = new TreeMap<>(e.text());
            line.putAll(Map.of(
                    "at",
                    e.at().toString(),
                    "migration",
                    migration,
                    "runner",
                    e.runner(),
                    "step",
                    e.step(),
                    "event",
                    e.event().name()));
            // of a line before it the half may be there
            Files.writeString(
                    file,
                    (broken ? "\n" : "") + JsonMapper.shared().writeValueAsString(line) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
            broken = false;
            return Optional.empty();
        } catch (IOException x) {
            broken = true;
            if (told) return Optional.empty();
            told = true;
            return Optional.of("the journal's local copy " + file + " can't be written (" + x
                    + "); the run goes on, for the server has every line. Make room, or name another folder with"
                    + " REKEY_STATE.");
        }
    }
}
