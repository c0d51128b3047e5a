package rekey.step;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import rekey.ingestion.Consumers;
import rekey.ingestion.Continuity;
import rekey.ingestion.HeldTime;
import rekey.ingestion.HostGates;
import rekey.kafka.KafkaAdmin;
import rekey.kafka.KafkaFailed;
import rekey.kafka.Offsets;
import rekey.model.Ingestion;
import rekey.model.Trouble;
import rekey.session.Control;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.IngestionHosts;
import rekey.session.Session;

/// Checks that ingestion goes on where it had stopped: nobody has moved the groups' offsets meanwhile,
/// Kafka has deleted nothing unread, and what had waited is read.
final class KafkaCatchUp {
    /// A lag that has not come down for so long is told and no longer watched, and one that comes down slowly after
    /// the other time: after 65 s of standing still reading began again after 38 s (room session, rule 4).
    private static final Duration STILL = Duration.ofSeconds(60), MOST = Duration.ofMinutes(10);

    /// A batch that fails is told sooner: a view behind the table that throws stops the Kafka table for good.
    private static final Duration FAILING = Duration.ofSeconds(5);

    private static final Duration SOON = Duration.ofSeconds(2);

    private KafkaCatchUp() {}

    /// Right before ingestion is opened: afterwards it can't be told any more who moved an offset forward.
    static void look(Session s) {
        var hold = StandingPause.last(s).filter(last -> !last.committed().isEmpty());
        if (hold.isEmpty() || HostGates.of(s).standing().isEmpty()) return;
        Continuity.moved(
                        hold.get().committed(),
                        s.control().onlooker().map(Control.Onlooker::committed).orElseGet(() -> soon(s)))
                .ifPresent(what -> s.journal()
                        .append("resume", new Detail.Moved(what, hold.get().hold())));
    }

    /// By an operation of a process of its own, which has no client yet. Ingestion waits for the answer: of a Kafka
    /// that is silent none is waited for.
    private static String soon(Session s) {
        return CompletableFuture.supplyAsync(() -> asked(s), Thread::startVirtualThread)
                .completeOnTimeout("", SOON.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    private static String asked(Session s) {
        try (var now = Continuity.of(IngestionHosts.of(s), s.kafkaConfig())) {
            return now.committed();
        }
    }

    /// Waits until what had waited when ingestion was opened is read. A lag that does not come down is
    /// told and no failure.
    ///
    /// @return for the journal
    static Detail.Drained drain(Session s) {
        long waited = 0, left = 0;
        var begun = Instant.now();
        for (var kafka : IngestionHosts.of(s).groups()) {
            try (var admin = KafkaAdmin.connect(kafka.brokers(), s.kafkaConfig())) {
                var then = admin.offsets(kafka.group(), kafka.topics());
                waited += unread(then, then);
                left += awaitRead(s, kafka, admin, then);
            } catch (KafkaFailed e) {
                s.progress().note("the lag can't be seen: " + e.getMessage());
                s.journal().append("resume", new Detail.LagSaid(e.getMessage()));
            }
        }
        return new Detail.Drained(waited, left, Duration.between(begun, Instant.now()));
    }

    private static long awaitRead(Session s, Ingestion.KafkaTable kafka, KafkaAdmin admin, List<Offsets> then) {
        long least = Long.MAX_VALUE;
        var begun = Instant.now();
        long opened = HeldTime.now(s.server());
        for (var fell = begun; ; s.control().sleep(100)) {
            long left = unread(then, admin.offsets(kafka.group(), kafka.topics()));
            s.progress().lag(left);
            // the end of a transaction has an offset and is no message: one a partition may stay
            if (left <= then.size()) return left;
            if (left < least) fell = Instant.now();
            least = Math.min(least, left);
            var failing =
                    fell.plus(FAILING).isBefore(Instant.now()) ? failure(s, kafka, opened) : Optional.<String>empty();
            boolean still = failing.isPresent() || fell.plus(STILL).isBefore(Instant.now());
            if (!still && !begun.plus(MOST).isBefore(Instant.now())) continue;
            var told = left + " messages for " + kafka.name()
                    + (still
                            ? " are not read: " + failing.orElse("the lag does not come down. Look at it with 'lag'")
                            : " are not read yet; the lag comes down by itself");
            s.progress().note(told);
            s.journal().append("resume", new Detail.LagSaid(told));
            return left;
        }
    }

    private static Optional<String> failure(Session s, Ingestion.KafkaTable kafka, long since) {
        return Consumers.of(IngestionHosts.of(s))
                .failure(kafka.name(), since)
                .map(why -> "their batch fails, and is inserted again and again until that is mended"
                        + VIEW.matcher(why)
                                .results()
                                .findFirst()
                                .map(m -> ", in the view " + m.group(1))
                                .orElse("")
                        + ": " + why);
    }

    private static final Pattern VIEW = Pattern.compile("pushing to view (\\S+)");

    /// Of the messages that were there at one time those that are not committed at another.
    static long unread(List<Offsets> then, List<Offsets> now) {
        return then.stream()
                .mapToLong(t -> now.stream()
                        .filter(n -> n.topic().equals(t.topic()) && n.partition() == t.partition())
                        .mapToLong(n -> Math.max(0, t.end() - n.next()))
                        .sum())
                .sum();
    }

    /// Said once: the tables stand as they should, and what Kafka has lost or sends again is no reason to go back.
    ///
    /// @param stands what is said of them
    /// @throws Trouble.Refused when messages were skipped or are read again
    static void mustBeWhole(List<Session> shards, String stands) {
        var s = shards.stream()
                .filter(each -> Entry.last(each.journal().entries(), Detail.Paused.class)
                        .isPresent())
                .findFirst()
                .orElse(shards.getFirst());
        var lines = s.journal().entries();
        var stopped = Entry.last(lines, Detail.Paused.class);
        if (stopped.isEmpty()) return;
        var broken = Entry.all(lines, Detail.Moved.class)
                .filter(m -> m.hold().equals(stopped.get().hold()))
                .reduce((a, b) -> b)
                .map(Detail.Moved::what)
                .or(() -> broken(s, stopped.get().committed().orElse("")));
        if (broken.isEmpty()) return;
        var said = new Detail.OffsetsBroken(broken.get());
        if (Entry.all(lines, Detail.OffsetsBroken.class).anyMatch(said::equals)) return;
        s.journal().append("resume", said);
        throw new Trouble.Refused(broken.get() + " " + stands);
    }

    private static Optional<String> broken(Session s, String stopped) {
        for (var kafka : IngestionHosts.of(s).groups())
            try (var admin = KafkaAdmin.connect(kafka.brokers(), s.kafkaConfig())) {
                var broken = Continuity.broken(stopped, admin.offsets(kafka.group(), kafka.topics()));
                if (broken.isPresent()) return broken;
            } catch (KafkaFailed e) {
                s.journal().append("resume", new Detail.LagSaid(e.getMessage()));
            }
        return Optional.empty();
    }
}
