package rekey.maintainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import rekey.Labs;
import rekey.Repo;
import rekey.model.Trouble;

/// That the three are measured, whatever the figures; rekey's own run checks that its table has the new keys.
@Tag("lab")
class BenchTest {
    @Test
    @Tag("slow")
    void threeWaysSideBySide() throws Exception {
        var said = new ArrayList<String>();
        var measured = new Bench(List.of(2_000L, 20_000L), 2, 3, said::add).run(Labs.shared());
        assertEquals(
                List.of(2_000L, 20_000L), measured.stream().map(Measured::rows).toList());
        for (var m : measured)
            assertTrue(m.guideMs() > 0 && m.rekeyMs() > 0 && m.engineMs() > 0 && m.bytes() > 0, m::toString);
        for (var m : measured) {
            assertEquals(m.engineMs(), m.engines().get(m.engine()), m::toString);
            assertTrue(m.cpuSeconds().get("copy") > 0 && m.peakBytes() > 0, m::toString);
            // six months, each written once into staging
            assertTrue(m.writtenBytes() > 0 && m.parts() > 0 && m.statements() > 20, m::toString);
            var range = m.ranges().get("rekey/guide");
            assertTrue(range.getFirst() <= m.againstGuide() && m.againstGuide() <= range.getLast(), m::toString);
        }
        assertEquals(2, said.size());
        assertEquals(
                1600,
                ImageIO.read(new ByteArrayInputStream(BenchCurves.png(measured)))
                        .getWidth());
        try (var server = Labs.connect()) {
            assertEquals(
                    0,
                    server.one("SELECT count() AS n FROM system.databases WHERE name = 'bench'")
                            .number("n"));
        }
    }

    /// A run of each kind of table ends with the new keys, or else it is thrown; of 60 rows nearly each has a day of
    /// its own.
    @ParameterizedTest
    @EnumSource(names = "GUIDE", mode = EnumSource.Mode.EXCLUDE)
    void otherTables(BenchShape shape) {
        var m = new Bench(List.of(60L), 1, 3, shape, shape == BenchShape.WIDE ? 50 : 0, s -> {})
                .run(Labs.shared())
                .getFirst();
        assertEquals(shape, m.shape());
        assertTrue(m.engineMs() > 0 && m.parts() >= (shape == BenchShape.DAYS ? 50 : 1), m::toString);
        assertTrue(BenchPage.markdown(List.of(m)).contains("\n| 60 " + shape + " | "));
        // a dashboard is asked of every kind of table; Kafka feeds the guide's alone
        assertEquals(
                shape == BenchShape.WIDE ? List.of(0) : List.of(),
                m.live().stream().map(BenchLive::rate).toList());
        assertNull(m.heldMs());
    }

    @Test
    @Tag("slow")
    void besideADashboardAndIngestion() {
        var said = new ArrayList<String>();
        var m = new Bench(List.of(2_000L), 1, 3, BenchShape.GUIDE, 50, said::add)
                .run(Labs.shared())
                .getFirst();
        assertEquals(List.of(0, 50), m.live().stream().map(BenchLive::rate).toList());
        for (var l : m.live())
            assertTrue(l.asked() > 0 && l.p50Before() > 0 && l.p50During() <= l.p95During(), l::toString);
        assertTrue(m.heldMs() > 0 && m.heldMs() == m.live().getLast().heldMs(), m::toString);
        assertEquals(3, said.size());
    }

    /// What is written into the page is what stands there, column by column.
    @Test
    void thePageHasTheColumnsOfTheReadme() throws Exception {
        var heading = BenchPage.markdown(List.of()).lines().findFirst().orElseThrow();
        var page = Files.readString(Repo.ROOT.resolve("lib/rekey/maintainer/README.md"));
        assertTrue(page.contains("\n" + heading + "\n"), heading);
    }

    /// By this checkout's launcher, which may have to build first.
    @Test
    @Tag("slow")
    void howSoonTheCommandsAnswer() {
        var said = new ArrayList<String>();
        try (var server = Labs.connect()) {
            var answers = new BenchAnswers(40, 1, said::add)
                    .run(Repo.ROOT, server, Labs.shared().url());
            assertEquals(
                    List.of("rekey --help", "status --help", "plan", "status"),
                    answers.stream().map(BenchAnswers.Answer::command).toList());
            for (var a : answers) assertTrue(a.launcherMs() > 0 && a.ms() > a.launcherMs(), a::toString);
            assertEquals("40 parts in 2 partitions", said.getFirst());
            assertEquals(
                    0,
                    server.one("SELECT count() AS n FROM system.databases WHERE name = 'bench'")
                            .number("n"));
        }
        var wrong = new TypedCommand(Repo.ROOT, List.of("status", "--nonsense"));
        var failed = assertThrows(Trouble.Failed.class, () -> wrong.run(TypedCommand.Until.ANSWERED, Map.of()));
        assertTrue(failed.getMessage().startsWith("./jbang status --nonsense ended with exit code "), failed::toString);
        assertThrows(Trouble.Usage.class, () -> new BenchAnswers(19, 1, said::add));
    }

    @Test
    void nothingToCopy() {
        assertThrows(Trouble.Usage.class, () -> new Bench(List.of(0L), 1, 1, s -> {}));
        assertThrows(Trouble.Usage.class, () -> BenchShape.of("narrow"));
    }
}
