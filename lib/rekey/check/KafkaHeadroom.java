package rekey.check;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Locale;
import rekey.kafka.Headroom;
import rekey.kafka.HeadroomProbe;
import rekey.kafka.KafkaAdmin;
import rekey.model.Amounts;
import rekey.session.IngestionHosts;
import rekey.session.Session;

/// What waits in Kafka stays there at least three times as long as the longest pause to be feared: the deadline, and
/// then a person who has to find out that the machine which would have reopened ingestion is dead too.
///
/// @param sample how long the traffic is watched
/// @param human  how long that person may take
public record KafkaHeadroom(When when, Duration sample, Duration human) implements Check {
    private static final int FACTOR = 3;

    /// Two seconds of traffic, ten minutes for the person.
    public KafkaHeadroom(When when) {
        this(when, Duration.ofSeconds(2), Duration.ofMinutes(10));
    }

    @Override
    public String name() {
        return "Kafka headroom";
    }

    @Override
    public boolean ofEachShard() {
        return false;
    }

    @Override
    public Verdict look(Session session) {
        var intake = IngestionHosts.of(session);
        double pause = session.limits().deadline().plus(human).toSeconds();
        var needs = Amounts.about(FACTOR * pause) + ": " + FACTOR + " times " + Amounts.about(pause);
        if (intake.none()) return Verdict.ok(this, "not needed", needs);
        var verdicts = new ArrayList<Verdict>();
        for (var k : intake.groups())
            try (var kafka = KafkaAdmin.connect(k.brokers(), session.kafkaConfig())) {
                verdicts.add(
                        judge(new HeadroomProbe(kafka).look(k.group(), k.topics(), sample), FACTOR * pause, needs));
            }
        return verdicts.stream().max(Comparator.comparing(Verdict::verdict)).orElseThrow();
    }

    /// The worst partition, the worst disk, and what could not be seen, in this order.
    Verdict judge(Headroom headroom, double wanted, String needs) {
        var worst = headroom.worst();
        var rate = String.format(Locale.ROOT, " at %.0f messages/s", headroom.perSecond());
        if (worst.isPresent() && worst.get().seen().offsets().expired() > 0)
            return Verdict.refusal(
                    this,
                    worst.get().name() + " has lost "
                            + Amounts.rows(worst.get().seen().offsets().expired())
                            + " messages: they were deleted before they were read",
                    needs,
                    "The consumers don't keep up: raise retention.ms or retention.bytes of the topic, and mend that"
                            + " first.");
        var saw = worst.map(p -> Amounts.about(p.seconds()) + " in " + p.name() + " by " + p.decides() + rate)
                .orElse("no partitions");
        if (worst.isPresent() && worst.get().seconds() < wanted)
            return Verdict.refusal(
                    this,
                    saw,
                    needs,
                    "Raise " + worst.get().decides() + " of topic "
                            + worst.get().seen().offsets().topic()
                            + (worst.get().seen().offsets().lag() > 0
                                    ? ", or wait until its lag of "
                                            + Amounts.rows(
                                                    worst.get().seen().offsets().lag()) + " messages is drained"
                                    : "")
                            + ", then run again: messages could be deleted before they are read.");
        var disk = headroom.worstDisk();
        if (disk.isPresent() && disk.get().seconds() < wanted)
            return Verdict.refusal(
                    this,
                    "the disk of broker " + disk.get().volume().broker() + " ("
                            + disk.get().volume().folder() + ") has "
                            + Amounts.bytes(disk.get().volume().usable()) + " free and is full in "
                            + Amounts.about(disk.get().seconds()),
                    needs,
                    "Free some space there, or lower the retention of other topics: a broker with a full disk takes no"
                            + " messages.");
        if (!headroom.unknown().isEmpty())
            return Verdict.warning(
                    this,
                    saw + "; by retention.bytes it can't be told for "
                            + Amounts.some(headroom.unknown().stream()
                                    .map(Headroom.Partition::name)
                                    .toList()),
                    needs,
                    "Let this client see the log folders (DESCRIBE on the cluster), or compare retention.bytes with"
                            + " what comes in "
                            + Amounts.about(wanted) + ".");
        return Verdict.ok(
                this,
                saw
                        + disk.map(d -> "; broker disk "
                                        + Amounts.bytes(d.volume().usable()) + " free")
                                .orElse(""),
                needs);
    }
}
