package rekey.report.plot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import rekey.report.facts.AttemptHistory;
import rekey.report.facts.IngestionPause;
import rekey.report.facts.WholeStory;
import rekey.session.Detail;
import rekey.session.Entry.Event;
import rekey.session.RecordedJournals;

/// The picture of a run, by journals that real runs have left: each of its attempts.
@Tag("report")
class RunPlotTest {
    static List<Path> journals() {
        return RecordedJournals.files();
    }

    /// Each beginning of the journal, as one who had looked then would have seen it: a rollback ends an attempt.
    private static List<AttemptHistory> attempts(Path journal) {
        var lines = RecordedJournals.read(journal);
        var out = new ArrayList<AttemptHistory>();
        boolean over = false;
        for (int i = 0; i < lines.size(); i++) {
            if (over && lines.get(i).event() == Event.LOCKED) {
                out.add(AttemptHistory.last(lines.subList(0, i)));
                over = false;
            }
            over |= lines.get(i).event() == Event.ROLLED_BACK;
        }
        out.add(AttemptHistory.last(lines));
        return out;
    }

    @ParameterizedTest
    @MethodSource("journals")
    void theStepsAreMarkedWhereTheyBeganAndNoNameStandsUponAnother(Path journal) throws Exception {
        var marked = new ArrayList<String>();
        for (var attempt : attempts(journal)) {
            var plot = new RunPlot(new WholeStory(List.of(attempt)), IngestionPause.of(attempt.lines(), List.of()));
            var marks = plot.marks();
            marked.addAll(marks.stream().map(RunPlot.Mark::step).toList());
            var last = -plot.end();
            for (var mark : marks) {
                double from = mark.middle() - mark.half(), to = mark.middle() + mark.half();
                assertTrue(from >= last && to <= plot.end(), () -> mark + " of " + marks);
                assertTrue(mark.at() <= from || mark.at() >= to, () -> "its line crosses " + mark);
                last = Math.max(to, mark.at());
                assertTrue(beganThere(attempt, mark, plot.end()), mark::toString);
            }
            if (!plot.drawable()) continue;
            var image = ImageIO.read(new ByteArrayInputStream(plot.png()));
            assertEquals(2 * RunPlot.HEIGHT, image.getHeight());
        }
        assertTrue(marked.contains("backfill"), marked::toString);
        assertTrue(marked.contains("optimize"), marked::toString);
        assertFalse(marked.contains("swap"), "it takes no time that could be seen");
    }

    /// Whether the journal has a line about it at this share of the time.
    private static boolean beganThere(AttemptHistory attempt, RunPlot.Mark mark, double end) {
        var over = attempt.worked().plusSeconds(2);
        var last = over.isBefore(attempt.ended()) ? over : attempt.ended();
        double all = Duration.between(attempt.begun(), last).toMillis();
        return attempt.lines().stream()
                .filter(e -> e.is(mark.step(), Event.BEGUN))
                .anyMatch(e ->
                        Math.abs(Duration.between(attempt.begun(), e.at()).toMillis() / all - mark.at() / end) < 0.02);
    }

    /// A hold of milliseconds in a run of seconds is a stripe that can be seen, in the rows and in the lag.
    @ParameterizedTest
    @MethodSource("journals")
    void eachHeldWindowIsMarked(Path journal) throws Exception {
        for (var attempt : attempts(journal)) {
            var holds = IngestionPause.of(attempt.lines(), List.of());
            var plot = new RunPlot(new WholeStory(List.of(attempt)), holds);
            boolean held = attempt.lines().stream().anyMatch(e -> e.detail() instanceof Detail.Resumed);
            assertEquals(held, holds.stream().anyMatch(h -> h.until() != null));
            if (!plot.drawable()) continue;
            var image = ImageIO.read(new ByteArrayInputStream(plot.png()));
            int stripe = 0;
            for (int x = 0; x < image.getWidth(); x++) {
                int colour = image.getRGB(x, 120) & 0xFFFFFF;
                if (colour == (Drawing.LIGHT.getRGB() & 0xFFFFFF)) stripe++;
            }
            assertEquals(held, stripe > 2, stripe + " pixels of it in " + journal);
        }
    }
}
