package rekey.repl;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Repo;
import rekey.repl.command.Commands;
import rekey.repl.line.Line;

/// What help shows of every command, and what is offered for a mistyped one.
@Tag("repl")
class CommandsTest {
    @Test
    void everyCommandHasADescriptionAndAnExample() {
        for (var command : Commands.all().toList()) {
            var name = Commands.annotation(command).name();
            var usage = Commands.line(command, null).getUsageMessage();
            assertTrue(Commands.annotation(command).description()[0].endsWith("."), name);
            assertTrue(
                    usage.contains("Example") && usage.indexOf(name, usage.indexOf("Example")) > 0
                            || name.equals("connect"),
                    usage);
        }
    }

    /// Each can be typed as it stands there.
    @Test
    void everyExampleIsALineThatIsUnderstood() {
        var lines = Repl.lines();
        for (var command : Commands.all().toList()) {
            var examples = Stream.of(Commands.annotation(command).footer())
                    .map(l -> l.replaceFirst("^(Examples?:)?\\s+", "").replace("\\\\", "\\"))
                    .filter(l -> !l.isBlank())
                    .toList();
            assertFalse(examples.isEmpty(), Commands.annotation(command).name());
            for (var example : examples) {
                var line = lines.of(example) instanceof Line.Watch watch ? lines.of(watch.line()) : lines.of(example);
                if (line instanceof Line.Sql) continue;
                var words = assertInstanceOf(Line.Words.class, line, example).words();
                var named = Commands.find(words.getFirst()).orElseThrow(() -> new AssertionError(example));
                assertDoesNotThrow(
                        () -> Commands.line(named, null)
                                .parseArgs(words.subList(1, words.size()).toArray(String[]::new)),
                        example);
            }
        }
    }

    @Test
    void helpOfEachFitsOnAScreen() {
        for (var command : Commands.all().toList())
            for (var l : Commands.line(command, null)
                    .setUsageHelpWidth(80)
                    .getUsageMessage()
                    .lines()
                    .toList()) assertTrue(l.length() <= 80, l);
    }

    /// Its table of commands is what `help` lists.
    @Test
    void thePageOfTheShellNamesThemAll() {
        var page = String.join("\n", Repo.lines(Path.of("lib/rekey/repl/README.md")));
        for (var family : Commands.FAMILIES) {
            var item = Pattern.compile("(?m)^- \\*\\*" + family.title() + "\\*\\*:(.*(?:\n  .*)*)")
                    .matcher(page);
            assertTrue(item.find(), () -> "no family " + family.title());
            assertEquals(
                    family.names(),
                    Pattern.compile("`([^`]+)`")
                            .matcher(item.group(1))
                            .results()
                            .map(found -> found.group(1))
                            .toList());
        }
    }

    @Test
    void noNameIsTakenTwice() {
        var names = Commands.names().toList();
        assertEquals(names.size(), new HashSet<>(names).size(), names::toString);
    }

    @Test
    void theNearestAreOffered() {
        assertEquals(List.of("plan"), Repl.lines().nearest("plna"));
        assertEquals(List.of("rollback"), Repl.lines().nearest("rolback"));
        assertEquals("status", Repl.lines().nearest("STATSU").getFirst());
        assertEquals(List.of(), Repl.lines().nearest("y"));
        assertEquals(List.of(), Repl.lines().nearest("abracadabra"));
    }
}
