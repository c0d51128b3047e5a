package rekey;

import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Holds the house to its plan: what it consists of and how large its rooms are. See [ArrowsTest] for its arrows.
@Tag("layout")
class LayoutTest {
    static final List<Path> LIBRARY = Repo.javaFiles("lib/rekey");
    private static final List<Path> SCRIPTS = Repo.javaFiles("scripts");
    private static final List<Path> TESTS = Repo.javaFiles("tests");
    private static final Path TEST_SCRIPT = Path.of("tests/Test.java");
    private static final Path MAINTAINERS = Path.of("scripts/maintainer");

    @Test
    void rekeyListsEverySourceButTheLabAndTheMaintainers() {
        var apart = Set.of("lab", "maintainer");
        assertSame(
                Stream.concat(
                        Stream.of(Path.of("lib/ScriptWords.java")),
                        LIBRARY.stream().filter(file -> !apart.contains(room(file)))),
                listed("lib/Rekey.java"));
    }

    @Test
    void labListsItsOwnSourcesAndRekey() {
        assertSame(
                Stream.concat(
                        Stream.of(Path.of("lib/Rekey.java")),
                        LIBRARY.stream().filter(file -> room(file).equals("lab"))),
                listed("lib/Lab.java"));
    }

    @Test
    void theMaintainersRoomListsItsSources() {
        var own = Path.of("lib/rekey/maintainer/package-info.java");
        assertSame(
                LIBRARY.stream().filter(file -> room(file).equals("maintainer")).filter(file -> !file.equals(own)),
                listed(slashed(own)));
    }

    /// Nothing that an operator builds has them in it, and in the catalog they come last.
    @Test
    void maintainersToolsStandApart() {
        assertNone(Stream.concat(
                        SCRIPTS.stream().filter(file -> !file.startsWith(MAINTAINERS)),
                        Stream.of(Path.of("lib/Rekey.java"), Path.of("lib/Lab.java")))
                .filter(file -> Repo.lines(file).stream()
                        .anyMatch(line -> line.contains("rekey.maintainer") || line.contains("rekey/maintainer"))));
        assertNone(Repo.scripts().entrySet().stream()
                .dropWhile(alias -> !forMaintainers(alias.getValue()))
                .filter(alias -> !forMaintainers(alias.getValue()))
                .map(alias -> alias.getKey() + " stands behind a maintainers' tool"));
    }

    private static boolean forMaintainers(Path script) {
        return script.startsWith(MAINTAINERS) || script.equals(TEST_SCRIPT);
    }

    @Test
    void everyAliasHasAScriptAndADescription() {
        var wrong = new ArrayList<String>();
        aliases().forEach((name, alias) -> {
            var script = alias.path("script-ref").asString("");
            if (script.isEmpty() || !Files.exists(Repo.ROOT.resolve(script))) wrong.add(name + ": no script " + script);
            var text = alias.path("description").asString("");
            if (text.isBlank() || text.contains("\n")) wrong.add(name + ": its description is not one line");
        });
        assertNone(wrong);
    }

    @Test
    void everyScriptHasOneAlias() {
        var aliased = Repo.scripts().values().stream().map(LayoutTest::slashed).toList();
        assertNone(Stream.concat(SCRIPTS.stream(), Stream.of(TEST_SCRIPT))
                .map(LayoutTest::slashed)
                .filter(script -> Collections.frequency(aliased, script) != 1));
    }

    /// So that an alias is found by JBang itself, too, wherever a catalog is named to it.
    @Test
    void theOneBuildHasTheScriptsOfItsAliases() {
        var own = aliases().entrySet().stream()
                .filter(alias -> alias.getValue().path("script-ref").asString().equals("scripts/Rekey.java"))
                .filter(alias ->
                        !alias.getKey().equals("rekey") && !alias.getKey().equals("help"))
                .map(alias -> Repo.scripts().get(alias.getKey()));
        assertSame(Stream.concat(Stream.of(Path.of("lib/Rekey.java")), own), listed("scripts/Rekey.java"));
        assertNone(aliases().entrySet().stream()
                .filter(alias -> !alias.getValue().path("arguments").isMissingNode())
                .filter(alias -> !alias.getKey().equals("help"))
                .filter(alias ->
                        !alias.getValue().path("arguments").path(0).asString().equals(alias.getKey()))
                .map(Map.Entry::getKey));
    }

    @Test
    void scriptsAreShort() {
        assertNone(longerThan(60, SCRIPTS));
    }

    @Test
    void classesAndTheFirstPageAreShort() {
        for (var classes : List.of(Repo.javaFiles("lib"), TESTS)) assertNone(longerThan(400, classes));
        assertNone(longerThan(200, List.of(Path.of("README.md"))));
    }

    /// It had 111 once, one a command, and all packages imported each other in a circle.
    @Test
    void theShellIsOfFewFiles() {
        var shell = LIBRARY.stream().filter(file -> room(file).equals("repl")).toList();
        if (shell.size() > 40) fail("the shell has " + shell.size() + " files");
    }

    @Test
    void namesSayWhatAThingIs() {
        var empty = Pattern.compile("Util|Manager|Helper|Impl(s|)$");
        assertNone(Stream.of(LIBRARY, SCRIPTS, TESTS)
                .flatMap(List::stream)
                .filter(file -> empty.matcher(name(file)).find()));
    }

    /// Who reads a name in a message or in a comment need not ask of which room it is.
    @Test
    void noTwoClassesHaveOneName() {
        var names = LIBRARY.stream()
                .map(LayoutTest::name)
                .filter(name -> !name.equals("package-info"))
                .toList();
        assertNone(names.stream().filter(name -> Collections.frequency(names, name) > 1));
    }

    /// The library's page draws the house, every room of it by its name.
    @Test
    void everyRoomIsInTheDrawing() {
        var room = Pattern.compile("(?:^| {3,})([a-z]+) {2,}");
        var drawing = Repo.lines(Path.of("lib/rekey/README.md")).stream()
                .dropWhile(line -> !line.startsWith("scripts  "))
                .takeWhile(line -> !line.equals("```"));
        var drawn = drawing.flatMap(line -> room.matcher(line).results())
                .map(found -> found.group(1))
                .toList();
        assertNone(LIBRARY.stream().map(LayoutTest::room).distinct().filter(name -> !drawn.contains(name)));
    }

    /// So a server without a lab needs no broker's 43 MB, and no script of a runbook can start one by accident.
    @Test
    void onlyTheLabsScriptsNameTheLab() {
        var mayNameIt = Set.of("Lab", "Demo");
        assertNone(Stream.concat(
                        SCRIPTS.stream()
                                .filter(file -> !mayNameIt.contains(name(file)) && !file.startsWith(MAINTAINERS)),
                        Stream.of(Path.of("lib/Rekey.java")))
                .filter(file -> Repo.lines(file).stream()
                        .anyMatch(line -> line.contains("rekey.lab") || line.contains("/Lab.java"))));
    }

    /// The vocabulary is for scripts: a room that used it would reach every other room through it.
    @Test
    void noRoomUsesTheVocabulary() {
        assertNone(LIBRARY.stream()
                .filter(file ->
                        !room(file).equals("lab") && code(file).anyMatch(line -> line.contains("rekey.Rekey"))));
    }

    /// JBang puts both into one unit, and the compiler then calls the class already defined.
    @Test
    void noScriptImportsAClassOfItsOwnName() {
        assertNone(SCRIPTS.stream()
                .filter(file ->
                        code(file).anyMatch(line -> line.matches("import rekey\\.[\\w.]*\\." + name(file) + ";"))));
    }

    @Test
    void dependenciesArePinned() {
        var exact = Pattern.compile("[\\w.-]+:[\\w.-]+:\\d[\\w.-]*(:[\\w.-]+)?(@\\w+)?");
        assertNone(Stream.of(Repo.javaFiles("lib"), SCRIPTS, TESTS)
                .flatMap(List::stream)
                .flatMap(file -> Repo.lines(file).stream()
                        .filter(line -> line.startsWith("//DEPS "))
                        .flatMap(line -> Stream.of(line.substring(7).trim().split("[\\s,]+")))
                        .filter(Predicate.not(exact.asMatchPredicate()).or(dep -> dep.contains("SNAPSHOT")))
                        .map(dep -> slashed(file) + ": " + dep)));
    }

    @Test
    void nothingElseLiesAtTheTop() throws Exception {
        var known =
                Set.of("lib", "scripts", "notebooks", "tests", "README.md", "LICENSE", "jbang", "jbang-catalog.json");
        assertNone(tracked()
                .map(file -> file.replaceAll("/.*", ""))
                .distinct()
                .filter(name -> !name.startsWith(".") && !known.contains(name)));
    }

    /// Each room has a page of its own: what it is for, and its rules with the incident behind each.
    @Test
    void everyRoomHasItsPage() {
        assertNone(LIBRARY.stream()
                .filter(file -> file.endsWith("package-info.java"))
                .filter(file -> Repo.lines(file).stream().noneMatch(line -> line.startsWith("/// 1. "))));
    }

    /// Whoever clones the project has nothing else: papers that are not in it are cited by nobody.
    @Test
    void nothingPointsOutsideTheRepository() {
        var papers = Pattern.compile("\\b(" + "DES" + "IGN|FA" + "CTS)\\b");
        assertNone(Stream.of(LIBRARY, SCRIPTS, TESTS)
                .flatMap(List::stream)
                .filter(file -> Repo.lines(file).stream()
                        .anyMatch(line -> papers.matcher(line).find())));
    }

    // --- what the files say ---

    /// The files that a file's //SOURCES lines name, those of the lists it names among them, from the root on.
    private static List<String> listed(String file) {
        var folder = Path.of(file).getParent();
        return Repo.lines(Path.of(file)).stream()
                .filter(line -> line.startsWith("//SOURCES "))
                .map(line -> slashed(folder.resolve(line.substring(10).trim()).normalize()))
                .flatMap(source -> source.endsWith("package-info.java")
                        ? Stream.concat(Stream.of(source), listed(source).stream())
                        : Stream.of(source))
                .toList();
    }

    private static Map<String, JsonNode> aliases() {
        return JsonMapper.shared()
                .readTree(Repo.ROOT.resolve("jbang-catalog.json").toFile())
                .path("aliases")
                .properties()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    static Stream<String> code(Path file) {
        return Repo.lines(file).stream()
                .filter(line -> !line.strip().startsWith("//") && !line.strip().startsWith("*"));
    }

    static String room(Path file) {
        return file.getName(2).toString();
    }

    private static Stream<String> longerThan(int lines, List<Path> files) {
        return files.stream()
                .filter(file -> Repo.lines(file).size() > lines)
                .map(file -> slashed(file) + ": " + Repo.lines(file).size() + " lines, of " + lines + " at most");
    }

    /// What git knows, so that a result left lying about is no offence; in a checkout without git, all there is.
    private static Stream<String> tracked() throws Exception {
        if (Files.exists(Repo.ROOT.resolve(".git"))) {
            var git = new ProcessBuilder("git", "ls-files")
                    .directory(Repo.ROOT.toFile())
                    .redirectErrorStream(true)
                    .start();
            return new String(git.getInputStream().readAllBytes()).lines();
        }
        try (var files = Files.list(Repo.ROOT)) {
            return files.map(file -> file.getFileName().toString()).toList().stream();
        }
    }

    private static String name(Path file) {
        return file.getFileName().toString().replace(".java", "");
    }

    static String slashed(Path file) {
        return file.toString().replace('\\', '/');
    }

    private static void assertSame(Stream<Path> files, List<String> listed) {
        var there = files.map(LayoutTest::slashed).toList();
        assertNone(Stream.of(
                        there.stream().filter(file -> !listed.contains(file)).map(file -> file + " is not listed"),
                        listed.stream()
                                .filter(file -> !there.contains(file))
                                .map(file -> file + " is listed, but not there"),
                        listed.stream()
                                .filter(file -> Collections.frequency(listed, file) > 1)
                                .map(file -> file + " is listed twice"))
                .flatMap(line -> line));
    }

    static void assertNone(Stream<?> offenders) {
        assertNone(offenders.map(Object::toString).toList());
    }

    private static void assertNone(List<String> offenders) {
        if (!offenders.isEmpty()) fail(String.join("\n        ", offenders));
    }
}
