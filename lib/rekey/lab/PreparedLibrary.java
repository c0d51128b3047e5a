package rekey.lab;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;

/// Prepares ClickHouse's library to be a host of a cluster: in the memory of this process alone, before its main
/// runs. No file is changed, and no process without replicas comes here.
///
/// The library's main is clickhouse-local's. It leaves out some steps of clickhouse-server's main, though the code
/// behind each of them is in the library. Those steps are done here. Replication itself, its log, its queue, its
/// fetches and its deduplication are ClickHouse's own and are not touched. What is written, and why:
///
/// - [Place#INTERSERVER_ADDRESS]: clickhouse-server keeps the interserver host and port of its config; local has
///   none, and its Replicated tables stay read-only. The function that tells them returns ours.
/// - [Place#INTERSERVER_SCHEME] returns `http`, as without `interserver_https_port`.
/// - [Place#INTERSERVER_CREDENTIALS] returns what a config without `interserver_http_credentials` makes: an empty
///   user with an empty password, and nobody else is let in.
/// - [Place#HANDLER_FACTORY] and [Place#FACTORY_CAVE]: `SYSTEM START LISTEN HTTP` opens the query handler on each
///   `listen_host` in turn. Every second time the interserver's handler is made instead. So config.xml has two
///   listen_host: queries on the first, the interserver on the second, both on `http_port`.
/// - [Place#SYSTEM_TABLES] and [Place#SYSTEM_TABLES_CAVE]: the function that attaches the system tables is told that
///   there is a ZooKeeper, so `system.zookeeper` is there. The global context that it is given is kept for the DDL
///   worker.
/// - [Place#REPLICATED_DDL]: whether queries of `ON CLUSTER` are allowed; returns yes.
/// - [#startDdlWorker(String)] makes and starts the DDL worker with the library's own constructor, and puts it where
///   the context keeps it. That is what clickhouse-server's main does when it is up.
///
/// The addresses are those of one build on one platform. The library's build id is compared first, then every place
/// with the bytes that are expected there, all of them before the first is written. Anything else is [Refused].
final class PreparedLibrary {
    /// The only build that this is for: the package's version, its platform, and the build id in its ELF notes.
    static final String VERSION = "26.7.3-stable.1",
            PLATFORM = "linux-x64-gnu",
            BUILD_ID = "d3d8f5517577ad52775b52318a193784b2fb5317";

    /// Where something is in the library, from its first byte in memory on, and what is there. `cc` is padding
    /// between two functions. What has a name without code of ours is only called or jumped to.
    private enum Place {
        QUERY_CMDLINE(0xf211700, "4156534883ec38e834ccffff4883c438"),
        /// `pair<String, UInt16> Context::getInterserverIOAddress() const`
        INTERSERVER_ADDRESS(0x1417c9c0, "4156534883ec484c8b36490fbe8e670100004885c9498b96"),
        /// The second half of that function, which nobody reaches any more.
        SYSTEM_TABLES_CAVE(
                0x1417ca20, "da0c4889df410fb78668010000668947184889f84883c4485b415ec3bf80010000e83ac6db0c4889"),
        /// `String Context::getInterserverScheme() const`
        INTERSERVER_SCHEME(0x1417cac0, "488b0680b88701000000781a480570010000488b"),
        /// `shared_ptr<InterserverCredentials> Context::getInterserverCredentials() const`
        INTERSERVER_CREDENTIALS(0x1417c940, "41574156534c8b3f498d9f880100004889df"),
        FACTORY_CAVE(0x1417cb08, "cc".repeat(42)),
        /// In `createHandlerFactory`: the jump to what makes `HTTPHandler-factory`.
        HANDLER_FACTORY(0x18395d32, "0f84c202000084c9"),
        QUERY_FACTORY(0x18395ffa, "490fbe40174885c0498b50084889c148"),
        INTERSERVER_FACTORY(0x18395dbc, "bf88000000c5f877e83760b5f64989c5"),
        /// In `attachSystemTablesServer(context, database, has_zookeeper)`: where it keeps its arguments.
        SYSTEM_TABLES(0x11e77211, "4189cc4889d348897c244048"),
        /// `bool DatabaseCatalog::canPerformReplicatedDDLQueries() const`
        REPLICATED_DDL(0x142891c0, "0fb68710090000c3cccc"),
        DDL_WORKER(0x14243400, "554157415641554154534881eca80100004889cd4989d741"),
        DDL_WORKER_STARTUP(0x14245300, "41574156534883ec204889fb31c08687c1010000488d0565"),
        OPERATOR_NEW(0xeeebe00, "4156534883ec184989fe4885ff743f31");

        final long address;
        final byte[] there;

        Place(long address, String there) {
            this.address = address;
            this.there = HexFormat.of().parseHex(there);
        }
    }

    private static final long BUILD_ID_AT = 0x2b8, DDL_WORKER_BYTES = 0x2f0, SHARED_DDL_WORKER = 0xd80;
    private static final int READ_EXECUTE = 5, READ_WRITE_EXECUTE = 7, PAGE = 4096, LONGEST = 96;

    /// In one sentence: this is not the library that the addresses are for.
    static final class Refused extends RuntimeException {
        Refused(String what) {
            super("This ClickHouse library can't be made a replica (" + what + "): replicas run with the library "
                    + VERSION + " on " + PLATFORM + ", as the lab fetches it, or with a ClickHouse of your own, "
                    + "named in REKEY_CLICKHOUSE.");
        }
    }

    private final Arena arena = Arena.global();
    private final Linker linker = Linker.nativeLinker();
    private final long base;
    /// `shared_ptr<Context>`, filled when the system tables are attached: the object and its control block.
    private final MemorySegment context = arena.allocate(16, 16);

    private PreparedLibrary(long base) {
        this.base = base;
    }

    /// Refuses a platform and a version that this has no addresses for.
    static void refuseOther(String platform, String version) {
        if (!platform.equals(PLATFORM)) throw new Refused("it is the one for " + platform);
        if (!version.equals(VERSION)) throw new Refused("it is version " + version);
    }

    /// The library that is loaded in this process, compared in whole.
    ///
    /// @throws Refused when anything differs from the build that the addresses are for
    static PreparedLibrary of(Path library, SymbolLookup symbols) throws IOException {
        var prepared = new PreparedLibrary(firstByte(library.toRealPath()));
        var id = HexFormat.of().formatHex(prepared.bytes(BUILD_ID_AT, 20));
        if (!id.equals(BUILD_ID)) throw new Refused("its build is " + id + ", not " + BUILD_ID);
        if (symbols.find("chdb_query_cmdline").orElseThrow().address() != prepared.base + Place.QUERY_CMDLINE.address)
            throw new Refused("its main is at another place");
        for (var place : Place.values())
            if (!Arrays.equals(prepared.bytes(place.address, place.there.length), place.there))
                throw new Refused(
                        "something else is at " + Long.toHexString(place.address) + ", where " + place + " should be");
        return prepared;
    }

    /// Where in the library's file that place is, for a test that spoils it: code lies a page further in memory.
    static long replicatedDdlInFile() {
        return Place.REPLICATED_DDL.address - PAGE;
    }

    /// Where the library's file begins in this process's memory.
    private static long firstByte(Path library) throws IOException {
        try (var maps = Files.lines(Path.of("/proc/self/maps"))) {
            return maps.filter(line -> line.endsWith(" " + library))
                    .mapToLong(line -> Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16))
                    .min()
                    .orElseThrow(() -> new Refused("it is not in this process's memory"));
        }
    }

    /// Makes it a replica whose parts others fetch from an address; before its main runs.
    ///
    /// @param host the second `listen_host`; @param port the `http_port`
    void becomeReplica(String host, int port) throws Throwable {
        write(
                Place.INTERSERVER_ADDRESS,
                code().put(returnedText(host))
                        .put(hex("66c74718"))
                        .putShort((short) port)
                        .put(hex("4889f8c3")));
        write(Place.INTERSERVER_SCHEME, code().put(returnedText("http")).put(hex("4889f8c3")));
        write(
                Place.INTERSERVER_CREDENTIALS,
                code().put(hex("48b8")).putLong(credentials()).put(hex("31d2c3")));
        turnByTurn();
        keepContext();
        write(Place.REPLICATED_DDL, code().put(hex("b001c3")));
        System.out.println("replica: interserver on " + host + ":" + port);
    }

    /// `InterserverCredentials`: user, password, and the vector of the users that are let in; here one, empty.
    private long credentials() {
        var users = arena.allocate(48, 16);
        var credentials = arena.allocate(96, 16);
        credentials.set(ValueLayout.JAVA_LONG, 48, users.address());
        credentials.set(ValueLayout.JAVA_LONG, 56, users.address() + 48);
        credentials.set(ValueLayout.JAVA_LONG, 64, users.address() + 48);
        return credentials.address();
    }

    /// `*turn ^= 1; if zero goto the interserver's factory, else goto the query's`, and a jump to it.
    private void turnByTurn() throws Throwable {
        var turn = arena.allocate(8, 8);
        long cave = Place.FACTORY_CAVE.address, site = Place.HANDLER_FACTORY.address;
        var c = code().put(hex("49bb")).putLong(turn.address()).put(hex("41803301"));
        jump(c, "0f84", cave, Place.INTERSERVER_FACTORY.address);
        jump(c, "e9", cave, Place.QUERY_FACTORY.address);
        write(Place.FACTORY_CAVE, c);
        var to = code();
        jump(to, "0f84", site, cave);
        write(Place.HANDLER_FACTORY, to);
    }

    /// `has_zookeeper = true; context = (the first argument)`, then what the two overwritten instructions did.
    private void keepContext() throws Throwable {
        long cave = Place.SYSTEM_TABLES_CAVE.address, entry = Place.SYSTEM_TABLES.address;
        var c = code().put(hex("41b4014889d3"))
                .put(hex("49bb"))
                .putLong(context.address())
                .put(hex("49893b49897308"));
        jump(c, "e9", cave, entry + 6);
        write(Place.SYSTEM_TABLES_CAVE, c);
        var to = code();
        jump(to, "e9", entry, cave);
        write(Place.SYSTEM_TABLES, to.put(hex("90")));
    }

    /// `ON CLUSTER`: makes and starts the DDL worker. When the server listens, and its ZooKeeper may be away.
    ///
    /// @param queue the parent of `distributed_ddl`'s path in ZooKeeper
    void startDdlWorker(String queue) throws Throwable {
        long object = context.get(ValueLayout.JAVA_LONG, 0), control = context.get(ValueLayout.JAVA_LONG, 8);
        // the reference that the constructor takes over
        ValueLayout.JAVA_LONG
                .varHandle()
                .getAndAdd(MemorySegment.ofAddress(control).reinterpret(16), 8L, 1L);
        var pointer = ValueLayout.JAVA_LONG;
        var number = ValueLayout.JAVA_INT;
        long worker = (long) function(Place.OPERATOR_NEW, pointer, pointer).invoke(DDL_WORKER_BYTES);
        // (this, pool size, queue, replicas, context's two, config, prefix, ZooKeeper's name, log's name, two
        // metrics)
        function(
                        Place.DDL_WORKER,
                        null,
                        pointer,
                        number,
                        pointer,
                        pointer,
                        pointer,
                        pointer,
                        pointer,
                        pointer,
                        pointer,
                        pointer,
                        pointer,
                        pointer)
                .invoke(
                        worker,
                        1,
                        string(queue + "/ddl"),
                        string(queue + "/replicas"),
                        object,
                        control,
                        0L,
                        string(""),
                        string("default"),
                        string("DDLWorker"),
                        0L,
                        0L);
        long shared = MemorySegment.ofAddress(object).reinterpret(8).get(ValueLayout.JAVA_LONG, 0);
        MemorySegment.ofAddress(shared)
                .reinterpret(SHARED_DDL_WORKER + 8)
                .set(ValueLayout.JAVA_LONG, SHARED_DDL_WORKER, worker);
        function(Place.DDL_WORKER_STARTUP, null, pointer).invoke(worker);
        System.out.println(ServerMain.REPLICA_IS_UP + queue);
    }

    private MethodHandle function(Place at, MemoryLayout result, MemoryLayout... arguments) {
        return linker.downcallHandle(
                MemorySegment.ofAddress(base + at.address),
                result == null ? FunctionDescriptor.ofVoid(arguments) : FunctionDescriptor.of(result, arguments));
    }

    /// The address of a libc++ string that lives as long as the process.
    private long string(String text) {
        var object = arena.allocate(24, 8);
        if (text.isEmpty()) return object.address();
        object.set(ValueLayout.JAVA_LONG, 0, arena.allocateFrom(text).address());
        object.set(ValueLayout.JAVA_LONG, 8, text.length());
        object.set(ValueLayout.JAVA_LONG, 16, Long.MIN_VALUE | (text.length() + 1));
        return object.address();
    }

    /// Machine code that makes a libc++ string of up to 22 bytes at `[rdi]`.
    private static byte[] returnedText(String s) {
        var text = Arrays.copyOf(s.getBytes(StandardCharsets.US_ASCII), 24);
        text[23] = (byte) s.length();
        var words = ByteBuffer.wrap(text).order(ByteOrder.LITTLE_ENDIAN);
        var c = code().put(hex("48b8"))
                .putLong(words.getLong(0))
                .put(hex("488907"))
                .put(hex("48b8"))
                .putLong(words.getLong(8))
                .put(hex("48894708"))
                .put(hex("48b8"))
                .putLong(words.getLong(16))
                .put(hex("48894710"));
        return Arrays.copyOf(c.array(), c.position());
    }

    /// A jump within code that will stand at an address.
    private static void jump(ByteBuffer code, String instruction, long codeAt, long to) {
        code.put(hex(instruction));
        code.putInt((int) (to - (codeAt + code.position() + 4)));
    }

    private byte[] bytes(long at, int count) {
        return MemorySegment.ofAddress(base + at).reinterpret(count).toArray(ValueLayout.JAVA_BYTE);
    }

    private void write(Place place, ByteBuffer code) throws Throwable {
        long at = base + place.address, page = at & -PAGE, end = (at + code.position() + PAGE - 1) & -PAGE;
        var there = MemorySegment.ofAddress(at).reinterpret(code.position());
        protect(page, end - page, READ_WRITE_EXECUTE);
        MemorySegment.copy(MemorySegment.ofArray(code.array()), 0, there, 0, code.position());
        protect(page, end - page, READ_EXECUTE);
    }

    private void protect(long page, long bytes, int rights) throws Throwable {
        var mprotect = linker.downcallHandle(
                linker.defaultLookup().find("mprotect").orElseThrow(),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
        if ((int) mprotect.invoke(page, bytes, rights) != 0)
            throw new Refused("the system does not let its memory be written");
    }

    private static ByteBuffer code() {
        return ByteBuffer.allocate(LONGEST).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
