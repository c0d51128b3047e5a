package rekey.repl;

import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// What help shows of every command, and what is offered for a mistyped one.
@Tag("repl")
class CommandsTest {
    @Test void everyCommandHasADescriptionAndAnExample() {
        for (var command : Commands.all().toList()) {
            var name = Commands.annotation(command).name();
            var usage = Commands.line(command, null).getUsageMessage();
            assertTrue(Commands.annotation(command).description()[0].endsWith("."), name);
            assertTrue(usage.contains("Example") && usage.indexOf(name, usage.indexOf("Example")) > 0 || name.equals("connect"), usage);
        }
    }

    @Test void noNameIsTakenTwice() {
        var names = Commands.names().toList();
        assertEquals(names.size(), new HashSet<>(names).size(), names::toString);
    }

    @Test void theNearestAreOffered() {
        assertEquals(List.of("plan"), Commands.nearest("plna"));
        assertEquals(List.of("rollback"), Commands.nearest("rolback"));
        assertEquals("status", Commands.nearest("STATSU").getFirst());
        assertEquals(List.of(), Commands.nearest("y"));
        assertEquals(List.of(), Commands.nearest("abracadabra"));
    }
}
