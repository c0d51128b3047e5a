package rekey.run;

import java.util.ArrayList;
import java.util.List;
import rekey.session.Session;

/// The observers of each shard while a run goes. The first shard has those that the run was given. The
/// others have a healthcheck, if the run was given one, since each has disks and parts of its own. All
/// of them take samples.
final class ShardObservers implements AutoCloseable {
    private final List<Session> shards;
    private final List<JournalSamples> samples = new ArrayList<>();
    private final List<ObserverThread> threads = new ArrayList<>();

    ShardObservers(List<Session> shards, List<Runner.Observer> observers) {
        this.shards = shards;
        boolean checked = observers.stream().anyMatch(Healthcheck.class::isInstance);
        for (var s : shards) {
            var own = new JournalSamples();
            var all = new ArrayList<Runner.Observer>(
                    s == shards.getFirst() ? observers : checked ? List.of(new Healthcheck()) : List.of());
            all.add(own);
            samples.add(own);
            threads.add(new ObserverThread(s, all));
        }
    }

    /// One sample more of each.
    @Override
    public void close() {
        threads.forEach(ObserverThread::close);
        for (int n = 0; n < shards.size(); n++) {
            samples.get(n).take(shards.get(n));
            samples.get(n).close();
        }
    }
}
