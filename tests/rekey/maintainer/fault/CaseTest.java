package rekey.maintainer.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rekey.Repo;
import rekey.maintainer.fault.Moment.Phase;
import rekey.maintainer.fault.Moment.When;
import rekey.model.Trouble;

/// Which cases there are, and what is kept of those that were run.
class CaseTest {
    private static final Path RUNS = Repo.ROOT.resolve("tests/rekey/maintainer/fault/runs.jsonl");

    @Test
    void aCaseFollowsFromItsName() {
        for (var what : List.of(
                Case.random(7, 20).get(2),
                Case.matrix(3).get(41),
                Case.aimed().get(2),
                Case.besideWriters().get(70)))
            assertEquals(what.toString(), Case.of(what.id()).toString());
        assertEquals(
                Case.random(7, 20).subList(0, 5).toString(), Case.random(7, 5).toString());
        for (var wrong : List.of("x", "7", "m1.100000", "7.a", "a999", "w999"))
            assertThrows(Trouble.Usage.class, () -> Case.of(wrong), wrong);
    }

    @Test
    void theMatrixHasEachStepWithEachFaultBeforeInTheMiddleAndAfter() {
        var there = Case.matrix(1).stream()
                .map(c -> c.fault() + " "
                        + (c.fault() == Fault.LATE_STATEMENT ? "" : c.moment().when()) + " "
                        + c.moment().during() + " " + c.moment().place().step())
                .collect(Collectors.toSet());
        var missing = new ArrayList<String>();
        for (var phase : List.of(Phase.ON, Phase.OPTIMIZE, Phase.UNDO, Phase.BACK, Phase.FINALIZE))
            for (var step : Place.of(phase).stream().map(Place::step).collect(Collectors.toSet()))
                for (var fault : Fault.real())
                    for (var when : When.values()) {
                        var wanted =
                                fault + " " + (fault == Fault.LATE_STATEMENT ? "" : when) + " " + phase + " " + step;
                        if (fault != Fault.NOBODY_BACK && !there.contains(wanted)) missing.add(wanted);
                    }
        assertEquals(List.of(), missing);
        assertTrue(there.contains("NOBODY_BACK BEFORE ON pause") && there.contains("NOBODY_BACK BEFORE BACK back"));
    }

    @Test
    void besideWritersEachMomentIsOnThreeEnginesBothWays() {
        var all = Case.besideWriters();
        assertTrue(all.size() >= 200, "only " + all.size());
        assertEquals(List.of(), all.stream().filter(c -> c.writers() == 0).toList());
        assertEquals(
                Set.of("MergeTree", "ReplacingMergeTree", "ReplacingMergeTree(_timestamp)"),
                all.stream().map(Case::engine).collect(Collectors.toSet()));
        for (var way : List.of(Phase.ON, Phase.BACK)) {
            var engines = all.stream()
                    .filter(c -> c.moment().during() == way)
                    .collect(Collectors.groupingBy(
                            c -> c.fault() + " " + c.moment() + " " + c.then(),
                            Collectors.mapping(Case::engine, Collectors.toSet())));
            assertTrue(engines.size() >= 20, way + ": " + engines.size());
            assertTrue(engines.values().stream().allMatch(e -> e.size() == 3), engines::toString);
        }
    }

    @Test
    void chanceReachesEveryFaultPhaseAndBothEngines() {
        var reached = new HashSet<Object>();
        for (var c : Case.random(1, 400))
            reached.addAll(List.of(c.fault(), c.moment().during(), c.engine(), c.then()));
        assertTrue(reached.containsAll(Fault.real()), reached::toString);
        assertTrue(
                reached.containsAll(
                        List.of(Phase.ON, Phase.OPTIMIZE, Phase.UNDO, Phase.BACK, Phase.AGAIN, Phase.FINALIZE)),
                reached::toString);
        assertTrue(
                reached.containsAll(
                        List.of("MergeTree", "ReplacingMergeTree(_timestamp)", List.of("rollback", "migrate"))),
                reached::toString);
    }

    @Test
    void aRecordKeepsWhatFailedAndWhetherItFailsStill(@TempDir Path folder) throws Exception {
        var record = new Recording(folder.resolve("runs.jsonl"));
        var cases = Case.random(7, 3);
        record.add(result(cases.get(0), true, 0, 0, ""));
        record.add(result(cases.get(1), false, 0, 0, ""));
        record.add(result(cases.get(2), true, 2, 0, ""));
        assertEquals(List.of("7.3"), record.totals().open());
        record.add(result(cases.get(2), true, 0, 0, ""));
        assertEquals(new Recording.Totals(4, 3, 3, List.of(7L), 3, 2, 0, 0, 1, List.of()), record.totals());
        record.add(result(cases.get(0), true, 0, 0, "a gate"));
        assertEquals(List.of("7.1"), record.totals().open());
        for (var other : List.of(
                Case.random(2, 1).getFirst(),
                Case.matrix(3).getFirst(),
                Case.aimed().getFirst())) record.add(result(other, true, 0, 0, ""));
        var totals = record.totals();
        assertEquals(
                List.of(8L, 6L, 4L, List.of(2L, 7L)),
                List.of(totals.runs(), totals.cases(), totals.random(), totals.seeds()),
                "the matrix, and what is aimed, is not by chance");
        assertEquals(
                List.of(true, true, false),
                Files.readAllLines(record.file()).stream()
                        .skip(5)
                        .map(l -> l.contains("\"seed\":"))
                        .toList());
    }

    /// A count of what is lost is worth something only where something could be.
    @Test
    void aTallyIsVacuousWhereNothingStruck() {
        var cases = Case.random(7, 2);
        var tally = new Tally();
        for (var control : Case.controls())
            tally.add(result(
                    control,
                    true,
                    control.fault() == Fault.ROW_DELETED || control.fault() == Fault.ROW_ALTERED ? 1 : 0,
                    control.fault() == Fault.ROW_DOUBLED ? 1 : 0,
                    ""));
        tally.add(result(cases.get(0), false, 0, 0, ""));
        assertTrue(tally.ok() && tally.vacuous());
        assertEquals(
                "0 lost, 0 doubled, 0 stuck (1 cases, 0 struck); nothing struck, so this shows nothing",
                tally.toString());
        tally.add(result(cases.get(1), true, 0, 0, ""));
        assertTrue(tally.ok() && !tally.vacuous());
        assertEquals("0 lost, 0 doubled, 0 stuck (2 cases, 1 struck)", tally.toString());
        tally.add(result(Case.controls().getLast(), true, 0, 0, ""));
        assertTrue(!tally.ok(), "its row was not found");
    }

    /// No lab is started for what is left for another time.
    @Test
    void noCaseBeginsAfterItsTime() throws Exception {
        var options = new CaseOptions();
        options.from = 1;
        options.within = Duration.ZERO;
        var ended = new ArrayList<Trial.Result>();
        ParallelLabs.run(options, ended::add);
        assertEquals(List.of(), ended);
    }

    /// A machine may be so slow that each step takes a minute; what its heart beats is no step.
    @Test
    void aToolIsWaitedForAsLongAsItGetsOn() {
        long minute = Duration.ofMinutes(1).toNanos();
        var patience = new Patience(Duration.ofMinutes(4), 0);
        for (int n = 1; n < 16; n++) {
            assertTrue(!patience.isOver(n * minute), "after " + n + " minutes");
            patience.heard(n % 3 == 0 ? "attach ATTACHED" : " SAMPLE", n * minute);
        }
        assertTrue(patience.isOver(17 * minute), "one that carries rows without end");
        var stuck = new Patience(Duration.ofMinutes(4), 0);
        for (int n = 1; n < 5; n++) stuck.heard("pause SAMPLE", n * minute);
        assertTrue(!stuck.isOver(4 * minute) && stuck.isOver(5 * minute));
    }

    @Test
    void theLabsPageSaysWhatTheRecordSays() throws Exception {
        var page = Files.readString(Repo.ROOT.resolve("lib/rekey/maintainer/README.md"))
                .replaceAll("\\s+", " ");
        var totals = new Recording(RUNS).totals();
        assertTrue(page.contains(totals.sentence()), () -> "maintainer/README.md does not say: " + totals.sentence());
    }

    private static Trial.Result result(Case what, boolean struck, long lost, long doubled, String stuck) {
        return new Trial.Result(what, struck, lost, doubled, stuck, 1000, List.of());
    }
}
