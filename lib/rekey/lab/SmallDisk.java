package rekey.lab;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import rekey.model.Trouble;

/// A small volume for ClickHouse, without the rights that it takes to mount one: ClickHouse leaves all of the disk
/// free but a little (`keep_free_space_bytes`, reckoned at its start), and a file that takes that little fills it.
/// From then on each reservation of space is refused with 243, whoever asks: an INSERT, a merge, a Kafka batch.
/// Statements that need none, such as an ALTER of a setting, a RENAME or an ATTACH, go through: so it is on a volume
/// of its own, too, where ClickHouse asks for 1 MiB a part while some hundred kilobytes are left.
///
/// What fills one small disk fills every other on the same volume: so there is one at a time, see [Turn].
///
/// @param home      the server's folder
/// @param roomBytes what it may use of what is free when it starts; 0: all, and it can't be filled
public record SmallDisk(Path home, long roomBytes) {
    private static final long SPARE_BYTES = 256L << 20;

    /// What ClickHouse is to leave free; 0 for no bound.
    long keepFreeBytes() throws IOException {
        return roomBytes == 0 ? 0 : Math.max(1, freeBytes() - roomBytes);
    }

    /// Takes the room and a bit more, so that what others free meanwhile makes none.
    public void fill() {
        if (roomBytes == 0) throw new IllegalStateException("this lab was started without a bound on its disk");
        try {
            long bytes = Math.min(roomBytes + SPARE_BYTES, freeBytes() - SPARE_BYTES);
            var fallocate = new ProcessBuilder(
                            "fallocate", "-l", "" + bytes, ballast().toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (fallocate.waitFor() != 0) write(bytes);
        } catch (IOException e) {
            throw new Trouble.Failed(
                    "The lab's disk could not be filled (" + e.getMessage() + "): see that " + home + " is writable.",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("Filling the lab's disk was interrupted.");
        }
    }

    /// Gives the room back; nothing happens where it was not taken.
    public void free() {
        try {
            Files.deleteIfExists(ballast());
        } catch (IOException e) {
            throw new Trouble.Failed(
                    "The lab's disk could not be freed (" + e.getMessage() + "): remove " + ballast() + ".", e);
        }
    }

    /// Where the file system can't take room without writing.
    private void write(long bytes) throws IOException {
        try (var out = Files.newOutputStream(ballast())) {
            var zeros = new byte[1 << 20];
            for (long left = bytes; left > 0; left -= zeros.length) out.write(zeros);
        }
    }

    /// The right to have a small disk on this machine, among all labs of this user. It ends with its process at the
    /// latest.
    static final class Turn implements AutoCloseable {
        static final Path FILE = Path.of(
                System.getProperty("java.io.tmpdir"), "rekey-lab-disk-" + System.getProperty("user.name") + ".lock");
        private static final Semaphore HERE = new Semaphore(1); // a file's lock holds off other processes only

        private final FileChannel file;
        private final AtomicBoolean ended = new AtomicBoolean();

        private Turn(FileChannel file) {
            this.file = file;
        }

        /// Waits for it.
        static Turn take() throws IOException {
            HERE.acquireUninterruptibly();
            try {
                var file = FileChannel.open(FILE, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                file.lock();
                return new Turn(file);
            } catch (IOException | RuntimeException e) {
                HERE.release();
                throw e;
            }
        }

        /// Ends it; a second time nothing happens.
        @Override
        public void close() throws IOException {
            if (!ended.compareAndSet(false, true)) return;
            file.close();
            HERE.release();
        }
    }

    private Path ballast() {
        return home.resolve("ballast");
    }

    private long freeBytes() throws IOException {
        return Files.getFileStore(home).getUsableSpace();
    }
}
