package rekey.lab;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import rekey.Scene;

/// What fills one lab's small disk would fill another's.
class SmallDiskTest {
    @Test
    void thereIsOneAtATime() throws Exception {
        var first = SmallDisk.Turn.take();
        var second = Thread.ofPlatform()
                .start(() -> assertDoesNotThrow(() -> SmallDisk.Turn.take().close()));
        Scene.await("the second to wait", () -> second.getState() == Thread.State.WAITING);
        try (var other = FileChannel.open(SmallDisk.Turn.FILE, StandardOpenOption.WRITE)) {
            assertThrows(OverlappingFileLockException.class, other::tryLock, "another process would not wait");
        }
        first.close();
        second.join();
        first.close(); // a second time: nobody else's turn is ended by it
        SmallDisk.Turn.take().close();
    }
}
