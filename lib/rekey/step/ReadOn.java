package rekey.step;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import rekey.ingestion.Continuity;
import rekey.ingestion.Gate;
import rekey.kafka.KafkaAdmin;
import rekey.kafka.KafkaFailed;
import rekey.kafka.Offsets;
import rekey.model.Ingestion;
import rekey.model.Trouble;
import rekey.session.Control;
import rekey.session.Entry;
import rekey.session.Session;

/// That ingestion goes on where it had stopped: nobody has moved the groups' offsets meanwhile, Kafka has deleted nothing unread,
/// and what had waited is read.
final class ReadOn {
    /// A lag that has not come down for so long is told and no longer watched, and one that comes down slowly after the other time:
    /// after 65 s of standing still reading began again after 38 s (DESIGN: exactness 11).
    private static final Duration STILL = Duration.ofSeconds(60), MOST = Duration.ofMinutes(10);

    private static final Duration SOON = Duration.ofSeconds(2);

    private ReadOn() { }

    /// Right before ingestion is opened: afterwards it can't be told any more who moved an offset forward.
    static void look(Session s) {
        var hold = Hold.last(s).filter(e -> !e.get("committed").isEmpty());
        if (hold.isEmpty() || new Gate(s.server(), s.rewrite()).standing().isEmpty()) return;
        Continuity.moved(hold.get().get("committed"), s.control().onlooker().map(Control.Onlooker::committed).orElseGet(() -> soon(s)))
                .ifPresent(what -> s.journal().append("resume", Entry.Event.NOTE, Map.of("moved", what, "hold", hold.get().get("hold"))));
    }

    /// By an operation of a process of its own, which has no client yet. Ingestion waits for the answer: of a Kafka that is silent none is
    /// waited for.
    private static String soon(Session s) {
        return CompletableFuture.supplyAsync(() -> asked(s), Thread::startVirtualThread).completeOnTimeout("", SOON.toMillis(), TimeUnit.MILLISECONDS).join();
    }

    private static String asked(Session s) {
        try (var now = Continuity.of(s.catalog().ingestion(s.rewrite().source()), s.kafkaConfig())) {
            return now.committed();
        }
    }

    /// Waits until what had waited when ingestion was opened is read. A lag that does not come down is told and no failure.
    ///
    /// @return for the journal
    static Map<String, String> drain(Session s) {
        long waited = 0, left = 0;
        var begun = Instant.now();
        for (var kafka : s.catalog().ingestion(s.rewrite().source()).kafkaTables()) {
            try (var admin = KafkaAdmin.connect(kafka.brokers(), s.kafkaConfig())) {
                var then = admin.offsets(kafka.group(), kafka.topics());
                waited += unread(then, then);
                left += awaitRead(s, kafka, admin, then);
            } catch (KafkaFailed e) {
                s.progress().note("the lag can't be seen: " + e.getMessage());
                s.journal().append("resume", Entry.Event.NOTE, Map.of("lag", e.getMessage()));
            }
        }
        return Map.of("waited", "" + waited, "left", "" + left, "drainMs", "" + Duration.between(begun, Instant.now()).toMillis());
    }

    private static long awaitRead(Session s, Ingestion.KafkaTable kafka, KafkaAdmin admin, List<Offsets> then) {
        long least = Long.MAX_VALUE;
        var begun = Instant.now();
        for (var fell = begun; ; s.control().sleep(100)) {
            long left = unread(then, admin.offsets(kafka.group(), kafka.topics()));
            s.progress().lag(left);
            // the end of a transaction has an offset and is no message: one a partition may stay
            if (left <= then.size()) return left;
            if (left < least) fell = Instant.now();
            least = Math.min(least, left);
            boolean still = fell.plus(STILL).isBefore(Instant.now());
            if (!still && !begun.plus(MOST).isBefore(Instant.now())) continue;
            var told = left + " messages for " + kafka.name() + (still ? " are not read: the lag does not come down. Look at it with 'lag'" : " are not read yet; the lag comes down by itself");
            s.progress().note(told);
            s.journal().append("resume", Entry.Event.NOTE, Map.of("lag", told));
            return left;
        }
    }

    /// Of the messages that were there at one time those that are not committed at another.
    static long unread(List<Offsets> then, List<Offsets> now) {
        return then.stream().mapToLong(t -> now.stream().filter(n -> n.topic().equals(t.topic()) && n.partition() == t.partition()).mapToLong(n -> Math.max(0, t.end() - n.next())).sum()).sum();
    }

    /// Said once: the tables stand as they should, and what Kafka has lost or sends again is no reason to go back.
    ///
    /// @param stands what is said of them
    /// @throws Trouble.Refused when messages were skipped or are read again
    static void mustBeWhole(Session s, String stands) {
        var stopped = s.journal().last(e -> e.is("pause", Entry.Event.DONE));
        if (stopped.isEmpty()) return;
        var broken = s.journal().last(e -> !e.get("moved").isEmpty() && e.get("hold").equals(stopped.get().get("hold"))).map(e -> e.get("moved")).or(() -> broken(s, stopped.get().get("committed")));
        if (broken.isEmpty() || s.journal().last(e -> e.get("offsets").equals(broken.get())).isPresent()) return;
        s.journal().append("resume", Entry.Event.NOTE, Map.of("offsets", broken.get()));
        throw new Trouble.Refused(broken.get() + " " + stands);
    }

    private static Optional<String> broken(Session s, String stopped) {
        for (var kafka : s.catalog().ingestion(s.rewrite().source()).kafkaTables())
            try (var admin = KafkaAdmin.connect(kafka.brokers(), s.kafkaConfig())) {
                var broken = Continuity.broken(stopped, admin.offsets(kafka.group(), kafka.topics()));
                if (broken.isPresent()) return broken;
            } catch (KafkaFailed e) {
                s.journal().append("resume", Entry.Event.NOTE, Map.of("lag", e.getMessage()));
            }
        return Optional.empty();
    }
}
