package rekey.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rekey.ChildProcess;
import rekey.Scene;

/// A process that is killed outright leaves none of its cluster's processes, and no folder.
@Tag("slow")
@Tag("heavy")
class OrphanedClusterTest {
    /// That process: it writes its cluster's folder and processes into a file.
    static final class Owner {
        private Owner() {}

        static void main(String... args) throws Exception {
            var lab = EmbeddedLab.start(LabOptions.temporary().withoutKafka().withShape(new ClusterShape(1, 2)));
            try (var one = lab.host(1, 1).connect()) {
                one.execute("CREATE TABLE t ON CLUSTER lab (n UInt64) ENGINE = ReplicatedMergeTree ORDER BY n");
            }
            var lines = new ArrayList<>(List.of(lab.folder().toString()));
            ProcessHandle.current().descendants().forEach(p -> lines.add("" + p.pid()));
            Files.write(Path.of(args[0]), lines);
            IO.println("started");
            Thread.sleep(Long.MAX_VALUE);
        }
    }

    @Test
    void nothingIsLeftOfIt(@TempDir Path folder) throws Exception {
        var file = folder.resolve("lab");
        try (var owner = ChildProcess.start(Owner.class, file.toString())) {
            owner.await("started");
            owner.kill();
        }
        var lines = Files.readAllLines(file);
        var processes = lines.subList(1, lines.size());
        assertEquals(3, processes.size(), "two hosts and their ZooKeeper");
        Scene.await(
                "its processes to end",
                () -> processes.stream()
                        .noneMatch(p -> ProcessHandle.of(Long.parseLong(p)).isPresent()));
        Scene.await("its folder to be removed", () -> !Files.exists(Path.of(lines.getFirst())));
    }
}
