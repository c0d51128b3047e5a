package rekey.lab;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Where a lab keeps its data: a folder given, which stays, or a temporary one, which goes with the lab.
///
/// A temporary folder is locked by its lab. One whose lab has died without cleaning up is removed when the next lab
/// starts.
final class LabFolder implements AutoCloseable {
    private static final String PREFIX = "rekey-lab-", LOCK = "lock";
    /// Those of this process. To open and close the lock of one would give it up: a process' locks on a file end
    /// when it closes the file, through whichever channel.
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel lock; // null: the folder was given and is kept

    private LabFolder(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /// @param given the folder to use, or null for a temporary one
    static LabFolder open(Path given) throws IOException {
        if (given != null) return new LabFolder(Files.createDirectories(given).toRealPath(), null);
        var tmp = Path.of(System.getProperty("java.io.tmpdir"));
        sweep(tmp);
        var path = Files.createTempDirectory(tmp, PREFIX).toRealPath();
        OWN.add(path);
        var channel = FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        channel.lock();
        return new LabFolder(path, channel);
    }

    Path path() {
        return path;
    }

    boolean temporary() {
        return lock != null;
    }

    /// Removes a temporary folder.
    @Override
    public void close() throws IOException {
        if (lock == null) return;
        delete(path);
        lock.close();
        OWN.remove(path);
    }

    /// One at a time, for of one JVM the second to try a lock is not refused but thrown at.
    private static synchronized void sweep(Path tmp) throws IOException {
        try (var folders = Files.newDirectoryStream(tmp, PREFIX + "*")) {
            for (var folder : folders) if (abandoned(folder)) tryToDelete(folder);
        }
    }

    private static void tryToDelete(Path folder) {
        try {
            delete(folder);
        } catch (IOException e) {
            // its server is just ending and still writes, or removes it itself: what is left then, a later lab
            // removes
            System.getLogger(LabFolder.class.getName()).log(System.Logger.Level.DEBUG, "left for later: " + folder, e);
        }
    }

    private static boolean abandoned(Path folder) {
        try {
            if (OWN.contains(folder.toRealPath())) return false;
            try (var channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE);
                    FileLock free = channel.tryLock()) {
                return free != null;
            }
        } catch (IOException e) {
            return false; // being made or removed just now, or another user's
        }
    }

    /// Removes a folder and all in it; what is gone already, or goes meanwhile, is no error.
    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) return;
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) return FileVisitResult.CONTINUE;
                throw e;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
                if (e != null && !(e instanceof NoSuchFileException)) throw e;
                Files.deleteIfExists(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
