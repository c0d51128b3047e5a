package rekey.run;

import java.util.ArrayList;
import java.util.List;
import rekey.session.Session;

/// The watches of each shard while a run goes. The first shard has those that the run was given. The
/// others have a healthcheck, if the run was given one, since each has disks and parts of its own. All
/// of them take samples.
final class ShardWatches implements AutoCloseable {
    private final List<Session> shards;
    private final List<JournalSamples> samples = new ArrayList<>();
    private final List<WatchThread> threads = new ArrayList<>();

    ShardWatches(List<Session> shards, List<Runner.Watch> watches) {
        this.shards = shards;
        boolean checked = watches.stream().anyMatch(Healthcheck.class::isInstance);
        for (var s : shards) {
            var own = new JournalSamples();
            var all = new ArrayList<Runner.Watch>(
                    s == shards.getFirst() ? watches : checked ? List.of(new Healthcheck()) : List.of());
            all.add(own);
            samples.add(own);
            threads.add(new WatchThread(s, all));
        }
    }

    /// One sample more of each.
    @Override
    public void close() {
        threads.forEach(WatchThread::close);
        for (int n = 0; n < shards.size(); n++) {
            samples.get(n).take(shards.get(n));
            samples.get(n).close();
        }
    }
}
