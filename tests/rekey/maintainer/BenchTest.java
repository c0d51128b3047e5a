package rekey.maintainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
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
                List.of(2_000L, 20_000L),
                measured.stream().map(Bench.Measured::rows).toList());
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

    @Test
    void nothingToCopy() {
        assertThrows(Trouble.Usage.class, () -> new Bench(List.of(0L), 1, 1, s -> {}));
    }
}
