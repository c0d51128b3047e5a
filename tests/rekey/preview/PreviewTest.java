package rekey.preview;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Repo;
import rekey.Still;
import rekey.session.Session;
import rekey.step.Create;
import rekey.step.Finalize;
import rekey.step.Remaining;
import rekey.step.Step;
import rekey.step.Steps;
import rekey.step.Swap;

/// That what is told is what is sent, PrintedTest holds.
@Tag("preview")
class PreviewTest {
    /// A step of somebody else's.
    private record Greeting() implements Step {
        @Override
        public String name() {
            return "greet";
        }

        @Override
        public State state(Session s) {
            return State.of(false, "nobody was greeted");
        }

        @Override
        public void run(Session s) {}

        @Override
        public void undo(Session s) {}
    }

    @Test
    void everyStepIsTold() throws ReflectiveOperationException {
        var told = new ArrayList<String>();
        for (var file : Repo.javaFiles("lib/rekey/step")) {
            var name = file.getFileName().toString().replace(".java", "");
            if (name.equals("package-info")) continue;
            var type = Class.forName("rekey.step." + name);
            if (!Step.class.isAssignableFrom(type) || type.isInterface()) continue;
            var step = (Step) type.getConstructor().newInstance();
            assertEquals(step, Preview.of(step).step(), name);
            told.add(name);
        }
        assertTrue(told.containsAll(List.of("Create", "Swap", "Finalize")), told.toString());
    }

    /// Who may only read can see what would be done.
    @Test
    void thisRoomSendsNothingAndWritesNothing() {
        for (var file : Repo.javaFiles("lib/rekey/preview"))
            assertEquals(
                    List.of(),
                    Repo.lines(file).stream()
                            .filter(line -> line.matches(".*\\.(execute|everywhere|append|run|undo)\\([^)].*"))
                            .toList(),
                    file.toString());
    }

    @Test
    void aStepThatNobodyTellsIsNotPassedOver() {
        var said = assertThrows(IllegalArgumentException.class, () -> Preview.of(new Greeting()));
        assertEquals("Nothing tells what step 'greet' would do: give Greeting a preview.", said.getMessage());
        // told one by one, so it is found in the middle of others as well
        assertInstanceOf(Preview.Several.class, Preview.of(Steps.sequence(new Greeting(), new Create())));
        try (var still = still()) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Preview.of(Steps.sequence(new Greeting(), new Create()))
                            .describe(still.session()));
        }
    }

    @Test
    void severalAreToldInTheirOrderAndUndoneInReverse() {
        try (var still = still()) {
            var s = still.session();
            var all = Preview.of(Steps.sequence(
                            new Create(), Steps.whilePaused(new Remaining(), new Swap()), new Finalize()))
                    .describe(s);
            assertEquals("create, pause, remaining, swap, resume, finalize", all.says());
            var create = Preview.of(new Create()).describe(s);
            assertEquals(create.sql(), all.sql().subList(0, create.sql().size()));
            assertEquals(
                    Preview.of(new Finalize()).describe(s).sql(),
                    all.sql().reversed().subList(0, 2).reversed());
            assertEquals(
                    create.undo(),
                    all.undo()
                            .subList(
                                    all.undo().size() - create.undo().size(),
                                    all.undo().size()));
            assertEquals(
                    Preview.of(new Swap()).describe(s).undo().getFirst(),
                    all.undo().getFirst());
        }
    }

    private static Still still() {
        return Still.table("(id UInt64) ENGINE = MergeTree ORDER BY id", "", "cityHash64(id), id", "cityHash64(id)");
    }
}
