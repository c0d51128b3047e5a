package rekey.lab;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import rekey.ChildProcess;

/// Temporary folders: those of the dead are removed, and no others.
class LabFolderTest {
    /// Another process, which starts a lab.
    static final class Another {
        private Another() {}

        static void main() throws Exception {
            LabFolder.open(null).close();
            IO.println("opened");
        }
    }

    @Test
    void severalOfOneProcessAreLeftToItByOthers() throws Exception {
        try (var first = LabFolder.open(null);
                var second = LabFolder.open(null)) {
            try (var another = ChildProcess.start(Another.class)) {
                another.await("opened");
            }
            assertTrue(
                    Files.exists(first.path()) && Files.exists(second.path()),
                    "another process took them for abandoned");
        }
    }

    @Test
    void oneWhoseLabIsDeadIsRemoved() throws Exception {
        var dead = Files.createTempDirectory(java.nio.file.Path.of(System.getProperty("java.io.tmpdir")), "rekey-lab-");
        Files.createFile(dead.resolve("lock"));
        LabFolder.open(null).close();
        assertFalse(Files.exists(dead));
    }
}
