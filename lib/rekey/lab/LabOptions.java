package rekey.lab;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// What a lab is made with.
///
/// @param folder      where the data lies and stays, or null for a temporary folder
/// @param kafka       whether there is a broker
/// @param memoryBytes ClickHouse's `max_server_memory_usage`: above it queries fail with 241; 0 is ClickHouse's own
///                    default
/// @param serverXml   more elements for ClickHouse's config.xml: `storage_configuration`, `remote_servers`,
///                    `macros`, `kafka`
/// @param roomBytes   how much of the disk's free space ClickHouse may use, 0 for all: see [SmallDisk]
/// @param users       users beside `default`, which has no password and may do everything
/// @param shape       how many hosts, with a ZooKeeper; null: a server alone
/// @param binary      a ClickHouse of the user's own; null: the library
/// @param version     of the library, as npm names it
/// @param secured     whether there is a second way in, by TLS and a login: see [SecuredAccess]
public record LabOptions(
        Path folder,
        boolean kafka,
        long memoryBytes,
        String serverXml,
        long roomBytes,
        List<User> users,
        ClusterShape shape,
        ClickHouseBinary binary,
        String version,
        boolean secured) {

    /// A user of the server.
    ///
    /// @param grants statements such as `GRANT SELECT ON *.*`; none: the user may do everything
    public record User(String name, String password, List<String> grants) {}

    /// A temporary lab: ClickHouse and Kafka.
    public static LabOptions temporary() {
        return new LabOptions(
                null,
                true,
                0,
                "",
                0,
                List.of(),
                null,
                ClickHouseBinary.chosen(false),
                ClickHouseLibrary.chosen(),
                false);
    }

    public LabOptions withFolder(Path other) {
        return new LabOptions(other, kafka, memoryBytes, serverXml, roomBytes, users, shape, binary, version, secured);
    }

    public LabOptions withoutKafka() {
        return new LabOptions(folder, false, memoryBytes, serverXml, roomBytes, users, shape, binary, version, secured);
    }

    public LabOptions withMemoryBytes(long bytes) {
        return new LabOptions(folder, kafka, bytes, serverXml, roomBytes, users, shape, binary, version, secured);
    }

    /// Adds elements to config.xml; they go before the lab's own of the same name.
    public LabOptions withServerXml(String xml) {
        return new LabOptions(
                folder, kafka, memoryBytes, serverXml + xml, roomBytes, users, shape, binary, version, secured);
    }

    /// Lets ClickHouse use only so much of what is free on its disk when it starts.
    public LabOptions withRoomBytes(long bytes) {
        return new LabOptions(folder, kafka, memoryBytes, serverXml, bytes, users, shape, binary, version, secured);
    }

    /// A cluster: so many shards, each with so many replicas, and a ZooKeeper.
    ///
    /// @param other null: a server alone
    public LabOptions withShape(ClusterShape other) {
        return new LabOptions(folder, kafka, memoryBytes, serverXml, roomBytes, users, other, binary, version, secured);
    }

    /// Runs a ClickHouse of the user's own; null: the library.
    public LabOptions withBinary(ClickHouseBinary other) {
        return new LabOptions(folder, kafka, memoryBytes, serverXml, roomBytes, users, shape, other, version, secured);
    }

    /// Runs the library of another version.
    public LabOptions withVersion(String other) {
        return new LabOptions(folder, kafka, memoryBytes, serverXml, roomBytes, users, shape, binary, other, secured);
    }

    /// Adds a way in by TLS and a login.
    public LabOptions withSecured() {
        return new LabOptions(folder, kafka, memoryBytes, serverXml, roomBytes, users, shape, binary, version, true);
    }

    /// Adds a user.
    public LabOptions withUser(String name, String password, String... grants) {
        var more = new ArrayList<>(users);
        more.add(new User(name, password, List.of(grants)));
        return new LabOptions(
                folder, kafka, memoryBytes, serverXml, roomBytes, List.copyOf(more), shape, binary, version, secured);
    }

    /// Adds a user who may read everything and change nothing.
    public LabOptions withReader(String name, String password) {
        return withUser(name, password, "GRANT SELECT, SHOW ON *.*");
    }

    /// The server's config.xml. Pools and caches are small, so that several labs fit side by side on two cores; the
    /// Kafka tables' pool is not, since a consumer with a thread of its own holds one. Of the system logs there are
    /// only query_log and part_log, flushed every second.
    ///
    /// @param keepFreeBytes what ClickHouse leaves free on its disk
    String configXml(Path home, Cluster.Host host, long keepFreeBytes) {
        return """
            <clickhouse>
            <logger><level>information</level><log>%1$s/server.log</log><errorlog>%1$s/error.log</errorlog>
            <size>50M</size><count>2</count></logger>
            <path>%1$s/data/</path><tmp_path>%1$s/tmp/</tmp_path><user_files_path>%1$s/user_files/</user_files_path>
            <users_config>%1$s/users.xml</users_config>
            %2$s<http_port>%3$d</http_port><tcp_port>%7$d</tcp_port>
            <max_server_memory_usage>%4$d</max_server_memory_usage>
            <mark_cache_size>67108864</mark_cache_size><index_mark_cache_size>16777216</index_mark_cache_size>
            <shutdown_wait_unfinished>1</shutdown_wait_unfinished>
            <uncompressed_cache_size>0</uncompressed_cache_size><mmap_cache_size>100</mmap_cache_size>
            <background_pool_size>4</background_pool_size><background_move_pool_size>2</background_move_pool_size>
            <background_fetches_pool_size>2</background_fetches_pool_size>
            <background_common_pool_size>4</background_common_pool_size>
            <background_buffer_flush_schedule_pool_size>2</background_buffer_flush_schedule_pool_size>
            <background_schedule_pool_size>16</background_schedule_pool_size>
            <background_message_broker_schedule_pool_size>16</background_message_broker_schedule_pool_size>
            <background_distributed_schedule_pool_size>2</background_distributed_schedule_pool_size>
            <tables_loader_foreground_pool_size>2</tables_loader_foreground_pool_size>
            <tables_loader_background_pool_size>2</tables_loader_background_pool_size>
            <database_atomic_delay_before_drop_table_sec>0</database_atomic_delay_before_drop_table_sec>
            <merge_tree>
            <number_of_free_entries_in_pool_to_lower_max_size_of_merge>\
            2</number_of_free_entries_in_pool_to_lower_max_size_of_merge>
            <number_of_free_entries_in_pool_to_execute_mutation>2</number_of_free_entries_in_pool_to_execute_mutation>
            <number_of_free_entries_in_pool_to_execute_optimize_entire_partition>\
            2</number_of_free_entries_in_pool_to_execute_optimize_entire_partition>
            </merge_tree>
            %5$s
            <query_log><database>system</database><table>query_log</table>
            <flush_interval_milliseconds>1000</flush_interval_milliseconds></query_log>
            <part_log><database>system</database><table>part_log</table>
            <flush_interval_milliseconds>1000</flush_interval_milliseconds></part_log>
            %6$s
            </clickhouse>
            """.formatted(
                        escaped(home.toString()),
                        listening(host),
                        host.httpPort(),
                        memoryBytes,
                        serverXml + host.xml(),
                        keepFreeBytes == 0 ? "" : """
                            <storage_configuration><disks><default><keep_free_space_bytes>%d</keep_free_space_bytes>
                            </default></disks></storage_configuration>\
                            """.formatted(keepFreeBytes),
                        host.tcpPort());
    }

    /// The library's interserver has no port of its own: it is what `http_port` is on the second address.
    private String listening(Cluster.Host host) {
        var own = "<listen_host>" + host.address() + "</listen_host>";
        if (!host.inCluster()) return own;
        return binary == null
                ? own + "<listen_host>" + host.interserver() + "</listen_host>"
                : own
                        + ("<interserver_http_host>%s</interserver_http_host>"
                                        + "<interserver_http_port>%d</interserver_http_port>")
                                .formatted(host.interserver(), host.interserverPort());
    }

    /// The server's users.xml.
    String usersXml() {
        return """
            <clickhouse>
            <profiles><default/></profiles><quotas><default/></quotas>
            <users>
            <default><password/><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
            </default>
            %s
            </users>
            </clickhouse>
            """.formatted(users.stream().map(LabOptions::userXml).collect(Collectors.joining("\n")));
    }

    private static String userXml(User user) {
        var grants = user.grants().stream()
                .map(g -> "<query>" + escaped(g) + "</query>")
                .collect(Collectors.joining());
        return ("<%1$s><password>%2$s</password><networks><ip>::/0</ip></networks><profile>default</profile>"
                        + "<quota>default</quota>%3$s</%1$s>")
                .formatted(
                        user.name(),
                        escaped(user.password()),
                        grants.isEmpty() ? "" : "<grants>" + grants + "</grants>");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
