package rekey.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import rekey.model.Trouble;
import tools.jackson.databind.json.JsonMapper;

/// The journal's copy in a local file: one line of JSON each.
final class LocalCopy {
    private LocalCopy() {}

    /// @throws Trouble.Failed where the file can't be written
    static void write(Path file, String migration, Entry e) {
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
            Files.writeString(
                    file,
                    JsonMapper.shared().writeValueAsString(line) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException x) {
            throw new Trouble.Failed(
                    "The journal's local copy " + file + " can't be written (" + x.getMessage()
                            + "): make room, or name another folder with REKEY_STATE.",
                    x);
        }
    }
}
