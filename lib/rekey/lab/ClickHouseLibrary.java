package rekey.lab;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import rekey.model.Trouble;

/// The ClickHouse library (`libchdb.so`), fetched once through npm into the user's cache.
///
/// The cache is `$REKEY_CACHE`, else `$XDG_CACHE_HOME/rekey`, else `~/.cache/rekey`. With the library there no
/// network is needed. Two processes at once are safe: one fetches, the other waits; the library appears whole or not
/// at all.
public final class ClickHouseLibrary {
    /// The version of the npm package that the lab runs unless another is asked for; the server in it calls itself
    /// 26.7.
    public static final String VERSION = "26.7.3-stable.1";
    /// Names another for all labs of a process, its tests among them.
    private static final String VARIABLE = "REKEY_CLICKHOUSE_VERSION";
    /// What a fetch needs on the disk, in bytes: 178 MB packed, twice (npm keeps its own copy), and 566 MB unpacked.
    public static final long NEEDED_BYTES = 950_000_000;

    /// SHA-512 of the packages that this was tried with; the others are checked by npm alone.
    private static final Map<String, String> SHA512 = Map.of(
            VERSION + "-linux-x64-gnu",
            "XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw==");

    private static final String WORK = "fetching-";
    private static final boolean TERMINAL =
            System.console() != null && System.console().isTerminal();

    private ClickHouseLibrary() {}

    /// The version that a lab runs where its options name none.
    static String chosen() {
        var named = System.getenv(VARIABLE);
        return named == null || named.isBlank() ? VERSION : named.strip();
    }

    /// The library's file, fetched now if it is not in the cache.
    ///
    /// @param version of the npm package
    /// @throws Trouble.Failed in one sentence: npm is missing or fails, there is no build for this platform, no
    /// space
    /// @throws Trouble.Usage when npm has no such version
    public static Path path(String version) {
        return path(cache(), version);
    }

    /// As [#path(String)], with a cache folder of one's own.
    public static synchronized Path path(Path cache, String version) {
        if (!version.matches("\\d+\\.\\d+\\.\\d+(-[\\w.]+)?"))
            throw new Trouble.Usage(
                    "'" + version + "' is no version of the ClickHouse library: write it as npm does, such"
                            + " as 26.7.0-stable.1 or " + VERSION + ".");
        var platform = platform();
        var home = cache.resolve("clickhouse-" + version + "-" + platform);
        var library = home.resolve("libchdb.so");
        if (Files.exists(library)) return library;
        try {
            Files.createDirectories(cache);
            try (var channel = FileChannel.open(
                            cache.resolve("clickhouse.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var _ = channel.tryLock() instanceof java.nio.channels.FileLock free ? free : waitFor(channel)) {
                if (!Files.exists(library)) fetch(platform, version, cache, home);
            }
        } catch (IOException e) {
            throw new Trouble.Failed(
                    "The ClickHouse library could not be put into " + cache + " (" + reason(e)
                            + "): make room or rights there, or name another folder in REKEY_CACHE.",
                    e);
        }
        return library;
    }

    /// The folder that the library is kept in.
    public static Path cache() {
        var own = System.getenv("REKEY_CACHE");
        if (own != null && !own.isBlank()) return Path.of(own).toAbsolutePath();
        var xdg = System.getenv("XDG_CACHE_HOME");
        return (xdg != null && !xdg.isBlank() ? Path.of(xdg) : Path.of(System.getProperty("user.home"), ".cache"))
                .resolve("rekey")
                .toAbsolutePath();
    }

    /// This machine's platform, as the package's name has it.
    static String platform() {
        return platform(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    /// The package's name for a platform, such as `linux-x64-gnu`.
    ///
    /// @throws Trouble.Failed where there is no build
    static String platform(String os, String arch) {
        var cpu =
                switch (arch.toLowerCase(Locale.ROOT)) {
                    case "amd64", "x86_64" -> "x64";
                    case "aarch64", "arm64" -> "arm64";
                    default -> "";
                };
        var system = os.toLowerCase(Locale.ROOT);
        if (Files.exists(Path.of("/etc/alpine-release"))) os = "Linux without glibc";
        if (!cpu.isEmpty() && os.equalsIgnoreCase("linux")) return "linux-" + cpu + "-gnu";
        if (!cpu.isEmpty() && system.startsWith("mac")) return "darwin-" + cpu;
        throw new Trouble.Failed(
                "There is no ClickHouse library for " + os + " on " + arch + ": the lab runs on Linux (glibc) "
                        + "and macOS, on x64 and arm64; on this machine use a ClickHouse of your own with --url.");
    }

    private static java.nio.channels.FileLock waitFor(FileChannel channel) throws IOException {
        System.err.println("Another process is fetching the ClickHouse library: waiting for it.");
        return channel.lock();
    }

    private static void fetch(String platform, String version, Path cache, Path home) throws IOException {
        sweep(cache);
        long free = Files.getFileStore(cache).getUsableSpace();
        if (free < NEEDED_BYTES)
            throw new Trouble.Failed(
                    ("The ClickHouse library needs %d MB in %s while it is fetched and only %d MB are free: "
                                    + "make room, or name a folder on another disk in REKEY_CACHE.")
                            .formatted(NEEDED_BYTES / 1_000_000, cache, free / 1_000_000));
        var work = Files.createTempDirectory(cache, WORK);
        try {
            var packed = npmPack("@chdb/lib-" + platform, version, work);
            var unpacked = Files.createDirectory(work.resolve("unpacked"));
            unpack(packed, unpacked.resolve("libchdb.so"), SHA512.get(version + "-" + platform));
            try {
                Files.move(unpacked, home, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                if (!Files.exists(home.resolve("libchdb.so"))) throw e; // a process without our lock was faster
            }
        } finally {
            sweep(cache);
        }
        progress("ClickHouse " + version + " is in " + home + ".");
        if (TERMINAL) System.err.println();
    }

    /// Removes our work, and what a killed fetch has left behind: the lock is ours, so nobody else is at it.
    private static void sweep(Path cache) throws IOException {
        try (var works = Files.newDirectoryStream(cache, WORK + "*")) {
            for (var work : works) LabFolder.delete(work);
        }
    }

    private static Path npmPack(String name, String version, Path work) throws IOException {
        var output = work.resolve("npm.log");
        Process npm;
        try {
            npm = new ProcessBuilder(
                            "npm",
                            "pack",
                            name + "@" + version,
                            "--loglevel=error",
                            "--fetch-retry-mintimeout=1000",
                            "--fetch-retry-maxtimeout=5000",
                            "--cache",
                            work.resolve("npm").toString())
                    .directory(work.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
        } catch (IOException e) {
            throw new Trouble.Failed(
                    "npm was not found, and the lab's ClickHouse comes through it: install npm (on Debian: "
                            + "apt install npm), see that it is on the PATH, and start again.",
                    e);
        }
        try {
            progress("Fetching ClickHouse " + version + " through npm, once (178 MB).");
            while (!npm.waitFor(500, TimeUnit.MILLISECONDS))
                if (TERMINAL)
                    progress("Fetching ClickHouse %s through npm, once: %3d of 178 MB"
                            .formatted(version, fetched(work) / 1_000_000));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("Fetching the ClickHouse library was interrupted: start again.");
        } finally {
            npm.descendants().forEach(ProcessHandle::destroy);
            npm.destroy();
        }
        try (var files = Files.list(work)) {
            var packed = files.filter(p -> p.getFileName().toString().endsWith(".tgz"))
                    .findFirst();
            if (npm.exitValue() == 0 && packed.isPresent()) return packed.get();
        }
        var said = Files.readString(output)
                .lines()
                .filter(l -> !l.isBlank() && !l.contains("complete log"))
                .limit(4)
                .toList();
        if (said.toString().contains("ENOSPC")) throw new IOException("no space left on the disk");
        if (said.toString().contains("ETARGET"))
            throw new Trouble.Usage("npm has no version " + version + " of " + name + ": `npm view " + name
                    + " versions` shows those that it has.");
        if (said.toString().contains("E404"))
            throw new Trouble.Failed("npm's registry has no package " + name
                    + ", the lab's ClickHouse for this platform: use a ClickHouse of your own with --url, or"
                    + " another registry if yours is a mirror.");
        throw new Trouble.Failed("npm could not fetch " + name + " (exit code " + npm.exitValue() + ": "
                + String.join(" ", said) + "): check the network and npm's registry setting, then start again.");
    }

    /// Bytes that npm has written so far.
    private static long fetched(Path work) throws IOException {
        long bytes = 0;
        try (var files = Files.walk(work)) {
            for (var f : (Iterable<Path>) files::iterator)
                if (Files.isRegularFile(f))
                    bytes = Math.max(bytes, f.toFile().length()); // 0 when npm has just moved it
        } catch (java.io.UncheckedIOException e) {
            return bytes; // npm moves its files while they are counted: the next look counts them
        }
        return bytes;
    }

    /// Takes `package/libchdb.so` out of npm's tar file.
    private static void unpack(Path packed, Path to, String sha512) throws IOException {
        progress("Unpacking the ClickHouse library (566 MB).");
        try (var digested = new DigestInputStream(Files.newInputStream(packed), digest());
                var tar = new BufferedInputStream(new GZIPInputStream(digested, 1 << 16), 1 << 16)) {
            for (boolean found = false; ; ) {
                var header = tar.readNBytes(512);
                if (header.length < 512 || header[0] == 0) {
                    if (!found)
                        throw new Trouble.Failed("There is no libchdb.so in " + packed.getFileName()
                                + ": the package is not the expected one, report it.");
                    break;
                }
                long size = Long.parseLong(text(header, 124, 12), 8);
                if (text(header, 0, 100).endsWith("/libchdb.so")) {
                    Files.copy(new Limited(tar, size), to);
                    found = true;
                } else tar.skipNBytes(size);
                tar.skipNBytes((512 - size % 512) % 512);
            }
            digested.transferTo(java.io.OutputStream.nullOutputStream());
            var sum = Base64.getEncoder()
                    .encodeToString(digested.getMessageDigest().digest());
            if (sha512 != null && !sha512.equals(sum))
                throw new Trouble.Failed("The fetched " + packed.getFileName() + " has the SHA-512 " + sum
                        + " instead of " + sha512 + ": it is not the published package, check npm's registry setting.");
        }
        if (!to.toFile().setExecutable(true)) throw new IOException("no right to make " + to + " executable");
    }

    /// A line that redraws on a terminal, and a line of its own elsewhere.
    private static void progress(String line) {
        if (TERMINAL) System.err.print("\r" + line + "\u001b[K");
        else System.err.println(line);
    }

    private static String text(byte[] header, int from, int length) {
        return new String(header, from, length, java.nio.charset.StandardCharsets.US_ASCII).replaceAll("[\0 ].*", "");
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-512");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    private static String reason(IOException e) {
        return e.getMessage() == null
                ? e.getClass().getSimpleName()
                : e.getMessage().lines().findFirst().orElse("");
    }

    /// The next bytes of a stream, as a stream of their own.
    private static final class Limited extends InputStream {
        private final InputStream from;
        private long left;

        Limited(InputStream from, long left) {
            this.from = from;
            this.left = left;
        }

        @Override
        public int read() throws IOException {
            if (left <= 0) return -1;
            left--;
            return from.read();
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            if (left <= 0) return -1;
            int n = from.read(b, off, (int) Math.min(len, left));
            if (n < 0) throw new IOException("the package ends in the middle of libchdb.so");
            left -= n;
            return n;
        }
    }
}
