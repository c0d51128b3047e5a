package rekey;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Which way the arrows of the house run: imports go downwards, from room to room and within a room.
@Tag("layout")
class ArrowsTest {
    /// From the ground up: a room may use those on the floors below it, never one beside it or above.
    private static final List<Set<String>> FLOORS = List.of(
            Set.of("model"),
            Set.of("clickhouse", "kafka"),
            Set.of("session"),
            Set.of("copy", "check", "ingestion"),
            Set.of("compare"),
            Set.of("step"),
            Set.of("preview"),
            Set.of("migration"),
            Set.of("run"),
            Set.of("sheet"),
            Set.of("look"),
            Set.of("report"),
            Set.of("cli", "lab"),
            Set.of("repl", "page"),
            Set.of("maintainer"));

    /// The same within a room that has rooms of its own; what lies at its top may use all of them.
    private static final Map<String, List<Set<String>>> FLOORS_WITHIN = Map.of(
            "repl",
            List.of(Set.of("line"), Set.of("screen"), Set.of("context"), Set.of("sql"), Set.of("command"), Set.of("")),
            "report",
            List.of(Set.of("facts"), Set.of("plot"), Set.of("")),
            "cli",
            List.of(Set.of("text"), Set.of("")),
            "maintainer",
            List.of(Set.of("fault", "table"), Set.of("")));

    @Test
    void everyRoomHasAFloor() {
        LayoutTest.assertNone(
                LayoutTest.LIBRARY.stream().map(LayoutTest::room).distinct().filter(room -> floor(room) < 0));
    }

    @Test
    void arrowsRunOneWay() {
        LayoutTest.assertNone(LayoutTest.LIBRARY.stream()
                .flatMap(file -> rooms(file)
                        .filter(used ->
                                !used.equals(LayoutTest.room(file)) && floor(used) >= floor(LayoutTest.room(file)))
                        .map(used -> LayoutTest.slashed(file) + " uses " + used)));
    }

    @Test
    void arrowsRunOneWayWithinARoom() {
        FLOORS_WITHIN.forEach((room, floors) -> {
            var files = LayoutTest.LIBRARY.stream()
                    .filter(file -> LayoutTest.room(file).equals(room))
                    .toList();
            LayoutTest.assertNone(files.stream()
                    .filter(file -> floor(floors, inner(file)) < 0)
                    .map(file -> LayoutTest.slashed(file) + " has no floor"));
            LayoutTest.assertNone(files.stream()
                    .flatMap(file -> innerRooms(room, file)
                            .filter(used ->
                                    !used.equals(inner(file)) && floor(floors, used) >= floor(floors, inner(file)))
                            .map(used ->
                                    LayoutTest.slashed(file) + " uses " + (used.isEmpty() ? "the room's top" : used))));
        });
    }

    /// Report and its plots imported each other, and nobody looked.
    @Test
    void everyRoomOfSeveralHasFloorsWithin() {
        LayoutTest.assertNone(LayoutTest.LIBRARY.stream()
                .filter(file -> !inner(file).isEmpty())
                .map(LayoutTest::room)
                .distinct()
                .filter(room -> !FLOORS_WITHIN.containsKey(room)));
    }

    /// The rooms of the library that a file's code names, imported or in full.
    private static Stream<String> rooms(Path file) {
        var used = Pattern.compile("\\brekey\\.([a-z]+)\\.");
        return LayoutTest.code(file)
                .filter(line -> !line.startsWith("package "))
                .flatMap(line -> used.matcher(line).results())
                .map((MatchResult found) -> found.group(1))
                .distinct();
    }

    /// The folders of a room that a file's code names; empty for a class at its top.
    private static Stream<String> innerRooms(String room, Path file) {
        var used = Pattern.compile("\\brekey\\." + room + "\\.(?:([a-z]+)\\.)?");
        return LayoutTest.code(file)
                .filter(line -> !line.startsWith("package "))
                .flatMap(line -> used.matcher(line).results())
                .map((MatchResult found) -> Objects.requireNonNullElse(found.group(1), ""))
                .distinct();
    }

    /// The folder of its room in which a file lies; empty at the top.
    private static String inner(Path file) {
        return file.getNameCount() > 4 ? file.getName(3).toString() : "";
    }

    private static int floor(String room) {
        return floor(FLOORS, room);
    }

    private static int floor(List<Set<String>> floors, String room) {
        return IntStream.range(0, floors.size())
                .filter(i -> floors.get(i).contains(room))
                .findFirst()
                .orElse(-1);
    }
}
