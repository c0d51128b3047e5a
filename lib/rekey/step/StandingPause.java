package rekey.step;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import rekey.clickhouse.HostsInParallel;
import rekey.ingestion.HeldTime;
import rekey.ingestion.HostGates;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.IngestionHosts;
import rekey.session.Micros;
import rekey.session.Session;
import rekey.step.Step.Phase;

/// The pause that stands now, by the journal and by the gate.
public final class StandingPause {
    private StandingPause() {}

    /// Whether a pause stands whose end was awaited, before every Kafka table, and its time is not over.
    public static boolean stands(Session s) {
        var held = Entry.pauseInForce(s.journal().entries());
        return HostGates.of(s).whole(IngestionHosts.of(s))
                && new Pause().state(s).phase() == Phase.DONE
                && last(s).filter(Last::stopped).isPresent()
                && held.isPresent()
                && HeldTime.now(s.server()) < Micros.of(held.get().deadline()) - 1_000_000;
    }

    /// The journal's name for it.
    static String id(Session s) {
        return Entry.pauseInForce(s.journal().entries()).orElseThrow().hold();
    }

    /// Whether the last word of a hold is another's. One who stood still before its gate, and closed it when the
    /// other had long resumed, closes it for ever: nobody's guard looks after that.
    static boolean isAnothers(Session s) {
        var words = s.journal().fresh("event IN ('HELD', 'RESUMED')");
        return Entry.holder(words)
                .filter(runner -> !runner.equals(s.journal().runner()))
                .isPresent();
    }

    /// A pause that has not been ended by a line of the journal.
    ///
    /// @param since     nothing has been read from Kafka; the beginning of all time where that was not awaited
    /// @param committed by the consumer groups; empty where it is not known
    /// @param stopped   whether its end was awaited
    record Last(String hold, Instant asked, Instant since, String committed, boolean stopped) {}

    static Optional<Last> last(Session s) {
        Optional<Last> open = Optional.empty();
        for (var e : s.journal().entries())
            switch (e.detail()) {
                case Detail.Held h -> open = Optional.of(new Last(h.hold(), h.asked(), Instant.EPOCH, "", false));
                case Detail.Paused p ->
                    open = Optional.of(new Last(
                            p.hold(), p.asked(), p.since(), p.committed().orElse(""), true));
                case Detail.Resumed r -> open = open.filter(last -> !last.hold.equals(r.hold()));
                default -> {}
            }
        return open;
    }

    /// Opens ingestion behind what must come first; also where that fails.
    static void end(List<Session> shards, Consumer<Session> first) {
        try {
            Shards.all(shards, first);
            // by one who has been told of the hold: the offsets are those of all hosts
            shards.stream().filter(s -> last(s).isPresent()).findFirst().ifPresent(KafkaCatchUp::look);
        } catch (RuntimeException e) {
            Pause.reopen(shards, e);
            throw e;
        }
        new Pause().undo(shards);
    }

    /// @throws Trouble.Refused when there is ingestion and it is not held
    /// @throws Trouble.PutOff  when the deadline is too near to begin a swap
    static void mustStand(Session s) {
        var held = Entry.pauseInForce(s.journal().entries());
        if (held.isEmpty()) {
            if (IngestionHosts.of(s).none()) return;
            throw new Trouble.Refused("Ingestion is not paused: run pause first, or migrate, which does it all.");
        }
        var standing = new AtomicReference<List<TableName>>();
        var now = new AtomicLong();
        long asked = System.nanoTime();
        HostsInParallel.all(
                List.<Runnable>of(
                        () -> standing.set(HostGates.of(s).standing()), () -> now.set(HeldTime.now(s.server()))),
                Runnable::run);
        if (standing.get().isEmpty())
            throw new Trouble.PutOff(
                    "Ingestion was reopened meanwhile, so nothing was swapped: run pause again, or migrate.");
        // the gates of many hosts may take longer to look at than the clock
        long meanwhile = (System.nanoTime() - asked) / 1000;
        if (now.get() + meanwhile > Micros.of(held.get().deadline()) - 1_000_000)
            throw new Trouble.PutOff(
                    "The pause's deadline has passed or is less than a second away, so nothing was swapped: run pause"
                            + " again, or migrate.");
        s.control().ingestionHeld(true); // which an operation in a process of its own has not been told
    }
}
