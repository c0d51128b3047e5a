package rekey.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Progress;
import rekey.session.SomeLines;

/// What is foretold of a copy, and where a reason stands instead: "1h40m left" was once said of a comparison that
/// took seconds, and 22 s grew to two minutes while the copy was throttled.
@Tag("run")
class ForetellingTest {
    private static final Instant BEGUN = Instant.parse("2026-01-01T00:00:00Z");

    private final List<Entry> journal = new ArrayList<>();

    private ForetellingTest at(long seconds, String step, Detail detail) {
        journal.add(new Entry(BEGUN.plusSeconds(seconds), "r1", journal.size() + 1, step, detail));
        return this;
    }

    private ForetellingTest begun() {
        return at(0, "backfill", new Detail.Bare(Entry.Event.BEGUN));
    }

    private ForetellingTest carried(long seconds, long rows) {
        var chunk = SomeLines.staged("a", "b", "s", "p:1-2", rows);
        return at(seconds, "backfill", new Detail.Attached(chunk, Map.of(), 1, Optional.empty()));
    }

    private ForetellingTest ordered(long seconds, String order) {
        return at(seconds, "", new Detail.Order(order, ""));
    }

    private ForetellingTest sampled(long seconds, String throttled) {
        var none = Optional.<Long>empty();
        return at(
                seconds,
                "",
                new Detail.Sample(
                        none,
                        Optional.ofNullable(throttled),
                        none,
                        Optional.empty(),
                        none,
                        Optional.empty(),
                        none,
                        Optional.empty(),
                        Optional.empty()));
    }

    private TimeLeft left(long done, long seconds) {
        return TimeLeft.of(journal, "b", done, 1000, BEGUN.plusSeconds(seconds));
    }

    @Test
    void theTimeIsToldByWhatWasDoneHere() {
        begun().carried(10, 500);
        assertEquals(new TimeLeft(10L, null), left(500, 10));
    }

    /// By its lines anyone can tell it, as the bar of the run does.
    @Test
    void theTimeOfAComparisonIsToldByThePartitionsThatItHasComeThrough() {
        at(0, "verify", new Detail.Bare(Entry.Event.BEGUN));
        assertEquals(
                "told from 5 % on",
                TimeLeft.ofComparison(journal, "b", 1000, BEGUN.plusSeconds(3)).why());
        at(10, "verify", compared("b", 400)).at(10, "verify", compared("of another target", 400));
        assertEquals(new TimeLeft(15L, null), TimeLeft.ofComparison(journal, "b", 1000, BEGUN.plusSeconds(10)));
        at(20, "verify", new Detail.Bare(Entry.Event.BEGUN));
        assertEquals(
                "told from 5 % on",
                TimeLeft.ofComparison(journal, "b", 1000, BEGUN.plusSeconds(21)).why());
    }

    private static Detail compared(String to, long rows) {
        return new Detail.Compared("a", to, "p", "seal", Optional.empty(), rows, "0", "0");
    }

    @Test
    void belowFivePercentNothingIsTold() {
        begun().carried(10, 49);
        assertEquals(new TimeLeft(null, "told from 5 % on"), left(49, 10));
        assertEquals(190L, left(50, 10).seconds());
    }

    @Test
    void whileItIsThrottledTheReasonIsToldAndAfterwardsThePaceSinceThen() {
        begun().carried(10, 500).ordered(10, "throttle");
        assertEquals(new TimeLeft(null, "throttled by the operator"), left(500, 100));
        ordered(100, "no-throttle");
        assertEquals("nothing came over yet", left(500, 101).why());
        carried(110, 100);
        assertEquals(40L, left(600, 110).seconds());
    }

    @Test
    void whileTheHealthcheckSlowsItDownThatIsToldAndAfterwardsTheTime() {
        var why = "slowed down, server memory: saw 7.9 GiB in use; needs less.";
        begun().carried(10, 500).sampled(11, why);
        assertEquals(new TimeLeft(null, why), left(500, 12));
        sampled(20, null);
        assertEquals(new TimeLeft(20L, null), left(500, 20));
    }

    @Test
    void aSampleOfBeforeTheOperatorLetItGoOnIsNoReason() {
        begun().carried(10, 500).ordered(10, "throttle").ordered(20, "no-throttle");
        sampled(21, "throttled by the operator").carried(30, 100);
        assertEquals(new TimeLeft(40L, null), left(600, 30));
    }

    @Test
    void ofRoundsThatComeNobodyKnows() {
        begun().carried(10, 500);
        at(11, "backfill", new Detail.Round("a", "b", 1, 500, 0, Optional.empty(), Duration.ofSeconds(11)));
        assertEquals(new TimeLeft(null, "nobody knows how many rounds come"), left(900, 12));
    }

    /// What an earlier run did is done, and says nothing of the pace of this one.
    @Test
    void anEarlierRunsRowsAreNoPace() {
        begun().carried(10, 500);
        at(1000, "backfill", new Detail.Bare(Entry.Event.BEGUN)).carried(1010, 100);
        assertEquals(40L, left(600, 1010).seconds());
    }

    @Test
    void theLineSaysTheSame() {
        assertTrue(line(500, 0, "", null).contains(" 50%")
                && line(500, 0, "", null).contains("10 s left"));
        var early = line(40, 0, "", null);
        assertTrue(early.contains("time told from 5% on") && !early.contains("left"), early);
        var waiting = line(500, 0, "waiting: host b has not all of t", null);
        assertTrue(waiting.contains("waiting: host b") && !waiting.contains("left"), waiting);
        var throttled = line(500, 0, "", "throttled by the operator");
        assertTrue(throttled.contains("throttled by the operator") && !throttled.contains("left"), throttled);
        // a server that is away is the reason, whatever the operator has said
        var away = line(500, 0, ProgressLine.AWAY + ", asked again in 2 s", "throttled by the operator");
        assertTrue(away.contains(ProgressLine.AWAY) && !away.contains("operator"), away);
        var fewer = line(500, 0, "", null, Optional.of(new Detail.Adapted(1, 2, "memory is short")));
        assertTrue(fewer.contains("10 s left") && fewer.contains("1 of 2 threads"), fewer);
        // a round has no share of anything
        var round = line(500, 2, "", null);
        assertTrue(round.contains("round 2") && !round.contains("%") && !round.contains("left"), round);
    }

    private static String line(long done, int round, String note, String throttled) {
        return line(done, round, note, throttled, Optional.empty());
    }

    private static String line(long done, int round, String note, String throttled, Optional<Detail.Adapted> lanes) {
        var second = Duration.ofSeconds(1);
        var now = new Progress.Snapshot(
                "backfill",
                note,
                round,
                done,
                1000,
                1,
                -1,
                second,
                Duration.ZERO,
                Duration.ZERO,
                -1,
                0,
                second.multipliedBy(10));
        return ProgressLine.line(now, 0, throttled, lanes);
    }
}
