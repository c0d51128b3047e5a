package rekey;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.fail;

/// Holds the house to its plan: what it consists of, how large its rooms are, and which way its arrows run.
@Tag("layout")
class LayoutTest {
    /// From the ground up: a room may use those on the floors below it, never one beside it or above.
    private static final List<Set<String>> FLOORS = List.of(
            Set.of("model"),
            Set.of("clickhouse", "kafka"),
            Set.of("session"),
            Set.of("copy", "check", "ingestion"),
            Set.of("compare"),
            Set.of("step"),
            Set.of("migration"),
            Set.of("run"),
            Set.of("sheet"),
            Set.of("look"),
            Set.of("report"),
            Set.of("cli", "lab"),
            Set.of("repl"));

    private static final List<Path> LIBRARY = Repo.javaFiles("lib/rekey");
    private static final List<Path> SCRIPTS = Repo.javaFiles("scripts");
    private static final List<Path> TESTS = Repo.javaFiles("tests");
    private static final Path TEST_SCRIPT = Path.of("tests/Test.java");

    @Test void rekeyListsEverySourceButTheLab() {
        assertSame(LIBRARY.stream().filter(file -> !room(file).equals("lab")), listed("lib/Rekey.java"));
    }

    @Test void labListsItsOwnSourcesAndRekey() {
        assertSame(Stream.concat(Stream.of(Path.of("lib/Rekey.java")), LIBRARY.stream().filter(file -> room(file).equals("lab"))),
                listed("lib/Lab.java"));
    }

    @Test void everyAliasHasAScriptAndADescription() {
        var wrong = new ArrayList<String>();
        aliases().forEach((name, alias) -> {
            var script = alias.path("script-ref").asString("");
            if (script.isEmpty() || !Files.exists(Repo.ROOT.resolve(script))) wrong.add(name + ": no script " + script);
            var text = alias.path("description").asString("");
            if (text.isBlank() || text.contains("\n")) wrong.add(name + ": its description is not one line");
        });
        assertNone(wrong);
    }

    @Test void everyScriptHasOneAlias() {
        var aliased = aliases().values().stream().map(alias -> alias.path("script-ref").asString()).toList();
        assertNone(Stream.concat(SCRIPTS.stream(), Stream.of(TEST_SCRIPT)).map(LayoutTest::slashed)
                .filter(script -> Collections.frequency(aliased, script) != 1));
    }

    @Test void scriptsAreShort() {
        assertNone(longerThan(60, SCRIPTS));
    }

    @Test void classesAreSmall() {
        assertNone(longerThan(250, LIBRARY));
    }

    @Test void namesSayWhatAThingIs() {
        var empty = Pattern.compile("Util|Manager|Helper|Impl(s|)$");
        assertNone(Stream.of(LIBRARY, SCRIPTS, TESTS).flatMap(List::stream)
                .filter(file -> empty.matcher(name(file)).find()));
    }

    @Test void everyRoomHasAFloor() {
        assertNone(LIBRARY.stream().map(LayoutTest::room).distinct().filter(room -> floor(room) < 0));
    }

    @Test void arrowsRunOneWay() {
        assertNone(LIBRARY.stream().flatMap(file -> rooms(file)
                .filter(used -> !used.equals(room(file)) && floor(used) >= floor(room(file)))
                .map(used -> slashed(file) + " uses " + used)));
    }

    /// README draws the house, every room of it by its name.
    @Test void everyRoomIsInTheDrawing() {
        var room = Pattern.compile("(?:^| {3,})([a-z]+) {2,}");
        var drawing = Repo.lines(Path.of("README.md")).stream().dropWhile(line -> !line.startsWith("scripts  ")).takeWhile(line -> !line.equals("```"));
        var drawn = drawing.flatMap(line -> room.matcher(line).results()).map(found -> found.group(1)).toList();
        assertNone(LIBRARY.stream().map(LayoutTest::room).distinct().filter(name -> !drawn.contains(name)));
    }

    /// So a server without a lab needs no broker's 43 MB, and no script of a runbook can start one by accident.
    @Test void onlyTheLabsScriptsNameTheLab() {
        var mayNameIt = Set.of("Lab", "Demo", "Bench", "Faults", "Screens", "Notebooks");
        assertNone(Stream.concat(SCRIPTS.stream().filter(file -> !mayNameIt.contains(name(file))), Stream.of(Path.of("lib/Rekey.java")))
                .filter(file -> Repo.lines(file).stream().anyMatch(line -> line.contains("rekey.lab") || line.contains("/Lab.java"))));
    }

    /// The vocabulary is for scripts: a room that used it would reach every other room through it.
    @Test void noRoomUsesTheVocabulary() {
        assertNone(LIBRARY.stream().filter(file -> !room(file).equals("lab") && code(file).anyMatch(line -> line.contains("rekey.Rekey"))));
    }

    /// JBang puts both into one unit, and the compiler then calls the class already defined.
    @Test void noScriptImportsAClassOfItsOwnName() {
        assertNone(SCRIPTS.stream().filter(file -> code(file)
                .anyMatch(line -> line.matches("import rekey\\.[\\w.]*\\." + name(file) + ";"))));
    }

    @Test void dependenciesArePinned() {
        var exact = Pattern.compile("[\\w.-]+:[\\w.-]+:\\d[\\w.-]*(:[\\w.-]+)?(@\\w+)?");
        assertNone(Stream.of(Repo.javaFiles("lib"), SCRIPTS, TESTS).flatMap(List::stream)
                .flatMap(file -> Repo.lines(file).stream().filter(line -> line.startsWith("//DEPS "))
                        .flatMap(line -> Stream.of(line.substring(7).trim().split("[\\s,]+")))
                        .filter(Predicate.not(exact.asMatchPredicate()).or(dep -> dep.contains("SNAPSHOT")))
                        .map(dep -> slashed(file) + ": " + dep)));
    }

    @Test void nothingElseLiesAtTheTop() throws Exception {
        var known = Set.of("lib", "scripts", "notebooks", "tests", "README.md", "LICENSE", "jbang", "jbang-catalog.json");
        assertNone(tracked().map(file -> file.replaceAll("/.*", "")).distinct()
                .filter(name -> !name.startsWith(".") && !known.contains(name)));
    }

    // --- what the files say ---

    /// The files that a file's //SOURCES lines name, from the root on.
    private static List<String> listed(String file) {
        return Repo.lines(Path.of(file)).stream().filter(line -> line.startsWith("//SOURCES "))
                .map(line -> "lib/" + line.substring(10).trim()).toList();
    }

    private static Map<String, JsonNode> aliases() {
        return JsonMapper.shared().readTree(Repo.ROOT.resolve("jbang-catalog.json").toFile()).path("aliases").properties().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /// The rooms of the library that a file's code names, imported or in full.
    private static Stream<String> rooms(Path file) {
        var used = Pattern.compile("\\brekey\\.([a-z]+)\\.");
        return code(file).filter(line -> !line.startsWith("package "))
                .flatMap(line -> used.matcher(line).results()).map((MatchResult found) -> found.group(1)).distinct();
    }

    private static Stream<String> code(Path file) {
        return Repo.lines(file).stream().filter(line -> !line.strip().startsWith("//") && !line.strip().startsWith("*"));
    }

    private static String room(Path file) {
        return file.getName(2).toString();
    }

    private static int floor(String room) {
        return IntStream.range(0, FLOORS.size()).filter(i -> FLOORS.get(i).contains(room)).findFirst().orElse(-1);
    }

    private static Stream<String> longerThan(int lines, List<Path> files) {
        return files.stream().filter(file -> Repo.lines(file).size() > lines)
                .map(file -> slashed(file) + ": " + Repo.lines(file).size() + " lines");
    }

    /// What git knows, so that a result left lying about is no offence; in a checkout without git, all there is.
    private static Stream<String> tracked() throws Exception {
        if (Files.exists(Repo.ROOT.resolve(".git"))) {
            var git = new ProcessBuilder("git", "ls-files").directory(Repo.ROOT.toFile()).redirectErrorStream(true).start();
            return new String(git.getInputStream().readAllBytes()).lines();
        }
        try (var files = Files.list(Repo.ROOT)) {
            return files.map(file -> file.getFileName().toString()).toList().stream();
        }
    }

    private static String name(Path file) {
        return file.getFileName().toString().replace(".java", "");
    }

    private static String slashed(Path file) {
        return file.toString().replace('\\', '/');
    }

    private static void assertSame(Stream<Path> files, List<String> listed) {
        var there = files.map(LayoutTest::slashed).toList();
        assertNone(Stream.of(there.stream().filter(file -> !listed.contains(file)).map(file -> file + " is not listed"),
                listed.stream().filter(file -> !there.contains(file)).map(file -> file + " is listed, but not there"),
                listed.stream().filter(file -> Collections.frequency(listed, file) > 1).map(file -> file + " is listed twice"))
                .flatMap(line -> line));
    }

    private static void assertNone(Stream<?> offenders) {
        assertNone(offenders.map(Object::toString).toList());
    }

    private static void assertNone(List<String> offenders) {
        if (!offenders.isEmpty()) fail(String.join("\n        ", offenders));
    }
}
