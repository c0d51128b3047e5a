package rekey.maintainer.fault;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import rekey.lab.EmbeddedLab;
import rekey.lab.LabOptions;
import rekey.model.Trouble;

/// Labs side by side, each with a folder, a server and a broker of its own, and cases handed out to them in their
/// order. What comes of a case follows from the case alone, not from how many others run beside it.
public final class ParallelLabs {
    private static final long ROOM_BYTES = 2L << 30;
    private static final int STARTS = 3;
    // consumers that are missed soon when their server is killed, and fetch five times a second; logs that nobody
    // reads here
    static final LabOptions OPTIONS = LabOptions.temporary().withServerXml("""
        <kafka><session_timeout_ms>6000</session_timeout_ms><heartbeat_interval_ms>500</heartbeat_interval_ms>
        <fetch_min_bytes>100000</fetch_min_bytes><fetch_wait_max_ms>200</fetch_wait_max_ms></kafka>
        <query_log><database>system</database><table>query_log</table>
        <flush_interval_milliseconds>30000</flush_interval_milliseconds></query_log>
        <part_log><database>system</database><table>part_log</table>
        <flush_interval_milliseconds>30000</flush_interval_milliseconds></part_log>
        """);

    private final Iterator<Case> cases;
    private final Instant until;
    private final Consumer<Trial.Result> each;

    private ParallelLabs(List<Case> cases, Instant until, Consumer<Trial.Result> each) {
        this.cases = cases.iterator();
        this.until = until;
        this.each = each;
    }

    /// Runs those that are chosen.
    ///
    /// @param each gets each result as soon as it is there, one at a time
    public static void run(CaseOptions chosen, Consumer<Trial.Result> each) throws InterruptedException {
        run(chosen.cases(), chosen.labs(), Instant.now().plus(chosen.within()), each);
    }

    /// Runs cases.
    ///
    /// @param jobs how many labs there are
    /// @param each gets each result as soon as it is there, one at a time
    public static void run(List<Case> cases, int jobs, Consumer<Trial.Result> each) throws InterruptedException {
        run(cases, jobs, Instant.MAX, each);
    }

    private static void run(List<Case> cases, int jobs, Instant until, Consumer<Trial.Result> each)
            throws InterruptedException {
        var labs = new ParallelLabs(cases, until, each);
        try (var threads = Executors.newFixedThreadPool(jobs)) {
            var all = new ArrayList<Future<Void>>();
            for (int i = 0; i < jobs; i++) all.add(threads.submit(labs::work));
            for (var one : all) one.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known
                    ? known
                    : new Trouble.Failed("The labs ended: " + e.getCause() + ".", e.getCause());
        }
    }

    /// One case, on a lab of its own.
    static Trial.Result run(Case what) throws InterruptedException {
        try (var lab = lab(what)) {
            return new Trial(lab, what).run();
        }
    }

    /// A case that fills the disk has a lab for itself, whose room is reckoned only now. One that has failed leaves
    /// its lab to nobody.
    private Void work() throws InterruptedException {
        EmbeddedLab lab = null;
        try {
            for (Case what; (what = next()) != null; ) {
                if (what.fault() == Fault.DISK_FULL) {
                    tell(run(what));
                    continue;
                }
                if (lab == null) lab = lab(what);
                var result = new Trial(lab, what).run();
                tell(result);
                if (result.ok()) continue;
                lab.close();
                lab = null;
            }
            return null;
        } finally {
            if (lab != null) lab.close();
        }
    }

    /// On a machine with a load of 60 one did not start, and its worker ended without a word: the other labs ran all
    /// that was left.
    static EmbeddedLab lab(Case what) {
        for (int tries = 1; ; tries++)
            try {
                return EmbeddedLab.start(what.fault() == Fault.DISK_FULL ? OPTIONS.withRoomBytes(ROOM_BYTES) : OPTIONS);
            } catch (Trouble.Failed e) {
                if (tries == STARTS) throw e;
            }
    }

    private synchronized Case next() {
        return cases.hasNext() && Instant.now().isBefore(until) ? cases.next() : null;
    }

    private synchronized void tell(Trial.Result result) {
        each.accept(result);
    }
}
