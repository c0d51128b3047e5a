package rekey.lab;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;

/// The process that a lab's ZooKeeper runs in, on 127.0.0.1. It ends when its input ends, because the parent has
/// died, or when it is killed; what it has acknowledged is in its folder. Arguments: port and folder.
final class ZooKeeperMain {
    /// ClickHouse asks for sessions of 10 s; ZooKeeper grants 2 to 20 ticks.
    private static final int TICK_MILLIS = 2000, CONNECTIONS = 500;

    private ZooKeeperMain() {}

    static void main(String... args) throws IOException, InterruptedException {
        System.setProperty("zookeeper.admin.enableServer", "false");
        // a killed process loses nothing that it has written; only a machine without power would
        System.setProperty("zookeeper.forceSync", "no");
        var folder = Files.createDirectories(Path.of(args[1])).toFile();
        var connections = new NIOServerCnxnFactory();
        connections.configure(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])), CONNECTIONS);
        connections.startup(new ZooKeeperServer(folder, folder, TICK_MILLIS));
        System.out.println("zookeeper on " + args[0]);
        while (System.in.read() != -1)
            ;
        Runtime.getRuntime().halt(0);
    }
}
