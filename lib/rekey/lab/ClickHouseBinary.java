package rekey.lab;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import rekey.model.Trouble;

/// A `clickhouse` of the user's own, which the lab runs instead of the library: its server, and its Keeper where
/// there are replicas. Nothing is prepared then. `REKEY_CLICKHOUSE` names it, or `--clickhouse` takes the PATH's.
///
/// The program notices nothing when its parent dies. So a shell stands between, which ends it when its input ends.
public record ClickHouseBinary(Path program) {
    private static final String VARIABLE = "REKEY_CLICKHOUSE";
    /// Runs the rest of its arguments until its input ends or says so: TERM for a line, KILL for the end.
    private static final String WATCH = """
        "$@" < /dev/null & child=$!
        trap 'kill -9 $child 2> /dev/null' EXIT
        (if read -r line; then kill -TERM $child; else kill -9 $child; fi) <&3 2> /dev/null &
        wait $child\
        """;

    /// The one to run; null: the library.
    ///
    /// @param onPath whether the PATH's is wanted where `REKEY_CLICKHOUSE` names none
    public static ClickHouseBinary chosen(boolean onPath) {
        var named = System.getenv(VARIABLE);
        if (named != null && !named.isBlank()) {
            var program = Path.of(named).toAbsolutePath();
            if (!Files.isExecutable(program))
                throw new Trouble.Failed("REKEY_CLICKHOUSE names " + program
                        + ", and that is no program that can be run: name a clickhouse binary, or unset it.");
            return new ClickHouseBinary(program);
        }
        if (!onPath) return null;
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "clickhouse"))
                .filter(Files::isExecutable)
                .findFirst()
                .map(ClickHouseBinary::new)
                .orElseThrow(() -> new Trouble.Failed("There is no clickhouse on the PATH: name it in " + VARIABLE
                        + ", or leave --clickhouse away and the lab runs the library."));
    }

    /// The server's command.
    List<String> server(Path config) {
        return watched("server", "--config-file=" + config);
    }

    /// The Keeper's command; writes its config.
    List<String> keeper(Path home, int port) throws IOException {
        var config = home.resolve("keeper.xml");
        Files.writeString(config, """
            <clickhouse>
            <logger><level>information</level><log>%1$s/keeper.log</log><errorlog>%1$s/error.log</errorlog></logger>
            <listen_host>127.0.0.1</listen_host>
            <keeper_server><tcp_port>%2$d</tcp_port><server_id>1</server_id>
            <log_storage_path>%1$s/log</log_storage_path><snapshot_storage_path>%1$s/snapshots</snapshot_storage_path>
            <coordination_settings><session_timeout_ms>10000</session_timeout_ms><force_sync>false</force_sync>
            </coordination_settings>
            <raft_configuration><server><id>1</id><hostname>127.0.0.1</hostname><port>%3$d</port></server>
            </raft_configuration>
            </keeper_server>
            </clickhouse>
            """.formatted(home, port, KafkaBroker.freePort()));
        return watched("keeper", "--config-file=" + config);
    }

    private List<String> watched(String... arguments) {
        var command = new ArrayList<>(List.of("sh", "-c", "exec 3<&0\n" + WATCH, "sh", program.toString()));
        command.addAll(List.of(arguments));
        return command;
    }
}
