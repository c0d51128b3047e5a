package rekey.ingestion;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.Peer;
import rekey.model.Ingestion;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.IngestionHosts;
import rekey.session.Session;

/// The gate on every host: a group's partitions go to whoever still reads, so either all stand or ingestion is open.
///
/// @param hosts in the order of [IngestionHosts#hosts()]; each is connected when it is asked, so that one which is
///              away keeps none of the others closed
public record HostGates(Rewrite rewrite, List<Peer> hosts) {

    public static HostGates of(Session s) {
        return new HostGates(s.rewrite(), s.everyPeer());
    }

    private Gate gate(Peer host) {
        return new Gate(host.server(), rewrite);
    }

    /// The same of those that answer now: what every command says first is said whoever is away.
    public HostGates answering() {
        if (hosts.size() == 1) return this;
        return new HostGates(
                rewrite,
                HostsInParallel.each(hosts, host -> {
                            try {
                                host.query("SELECT 1");
                                return Optional.of(host);
                            } catch (Trouble.Failed e) {
                                return Optional.<Peer>empty();
                            }
                        })
                        .stream()
                        .flatMap(Optional::stream)
                        .toList());
    }

    /// Closes what is open of them. See [Gate#close(Ingestion)].
    ///
    /// @param fence asked before each statement
    public void close(IngestionHosts intake, Runnable fence) {
        HostsInParallel.all(
                IntStream.range(0, hosts.size()).boxed().toList(),
                n -> gate(hosts.get(n)).close(intake.hosts().get(n).ingestion(), fence));
    }

    /// Reopens ingestion on every host that can be reached, whoever closed it and however far that went.
    public void open() {
        HostsInParallel.all(hosts, host -> gate(host).open());
    }

    public List<String> opening() {
        return all(Gate::opening);
    }

    public String opening(TableName gate) {
        return Gate.opened(gate);
    }

    /// The gates that are there now, on any host; none when ingestion is open.
    public List<TableName> standing() {
        return all(Gate::standing);
    }

    /// As [Gate#leftTargets()].
    public List<TableName> leftTargets() {
        return all(Gate::leftTargets);
    }

    /// Whether one stands before every Kafka table, and none is half made.
    public boolean whole(IngestionHosts intake) {
        for (int n = 0; n < hosts.size(); n++)
            if (gate(hosts.get(n)).standing().size()
                            != intake.hosts().get(n).ingestion().kafkaTables().size()
                    || !gate(hosts.get(n)).leftTargets().isEmpty()) return false;
        return true;
    }

    private <T> List<T> all(Function<Gate, List<T>> what) {
        return HostsInParallel.each(hosts, host -> what.apply(gate(host))).stream()
                .flatMap(List::stream)
                .distinct()
                .toList();
    }
}
