package rekey.maintainer.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import rekey.lab.EmbeddedLab;
import rekey.maintainer.fault.Moment.Phase;
import rekey.maintainer.fault.Moment.When;

/// A slice of the fault matrix, at moments that could lose or double a row. `./jbang faults` runs the rest.
@Tag("faults")
@Tag("slow")
@Order(1)
class FaultsTest {
    private static EmbeddedLab lab;

    @BeforeAll
    static void start() {
        lab = ParallelLabs.lab(Case.controls().getFirst());
    }

    @AfterAll
    static void end() {
        lab.close();
    }

    /// The last ones run in [#labsRunSideBySide()].
    static List<Case> controls() {
        return Case.controls().subList(0, 2);
    }

    /// Both engines, both ways, before the swap and after it; and beside writers that never pause a trailing round
    /// cut short, and an answer that comes when the deadline has passed in the middle of the exchange.
    static Stream<Case> slice() {
        return Stream.of(
                Case.at(Fault.ANSWER_LOST, Phase.BACK, "back", "EXCHANGE", When.AFTER, "rollback")
                        .collapsing(),
                Case.at(Fault.SERVER_KILLED, Phase.ON, "swap", "EXCHANGE", When.AFTER, "rollback"),
                Case.at(Fault.DISK_FULL, Phase.ON, "remaining", "DONE is noted", When.BEFORE, "migrate")
                        .collapsing(),
                Case.at(Fault.NOBODY_BACK, Phase.ON, "pause", "DONE is noted", When.BEFORE, "migrate"),
                // whether anything is attached behind the exchange is chance: of this engine all rows may stay out
                Case.of("w64"),
                Case.of("w100"));
    }

    /// Nothing is counted where no migration ran, and one row where one was spoilt after all comparisons.
    @ParameterizedTest
    @MethodSource
    void controls(Case what) throws Exception {
        var result = run(what);
        assertTrue(result.ok(), () -> result + "\n" + String.join("\n", result.log()));
    }

    @ParameterizedTest
    @MethodSource
    void slice(Case what) throws Exception {
        var result = run(what);
        assertTrue(result.ok() && result.struck(), () -> result + "\n" + String.join("\n", result.log()));
    }

    /// Each case once, on labs that have nothing in common.
    @Test
    void labsRunSideBySide() throws Exception {
        var cases = List.of(
                Case.controls().get(2), Case.controls().get(3), Case.controls().getFirst());
        var ended = new ArrayList<Trial.Result>();
        ParallelLabs.run(cases, 2, ended::add);
        assertEquals(3, ended.size());
        assertTrue(ended.stream().allMatch(Trial.Result::ok), ended::toString);
        assertEquals(Set.copyOf(cases), ended.stream().map(Trial.Result::what).collect(Collectors.toSet()));
    }

    private static Trial.Result run(Case what) throws Exception {
        return what.fault() == Fault.DISK_FULL ? ParallelLabs.run(what) : new Trial(lab, what).run();
    }
}
