package rekey.session;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import rekey.Repo;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// Journals as versions before this one wrote them, one line a line, each file by one run of the operations.
public final class RecordedJournals {
    public static final Path FOLDER = Repo.ROOT.resolve("tests/rekey/session/journals");

    private RecordedJournals() {}

    public static List<Path> files() {
        try (var files = Files.list(FOLDER)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static List<Entry> all() {
        return files().stream().flatMap(file -> read(file).stream()).toList();
    }

    public static List<Entry> read(Path file) {
        var json = JsonMapper.shared();
        var out = new ArrayList<Entry>();
        for (var text : Repo.lines(file)) {
            var line = json.readTree(text);
            out.add(new Entry(
                    Instant.parse(line.path("at").asString()),
                    line.path("runner").asString(),
                    line.path("number").asLong(),
                    line.path("step").asString(),
                    Entry.Event.valueOf(line.path("event").asString()),
                    json.treeToValue(line.path("detail"), new TypeReference<Map<String, String>>() {})));
        }
        return out;
    }

    public static void write(String name, List<Entry> lines) {
        try {
            Files.write(FOLDER.resolve(name + ".jsonl"), (Iterable<String>)
                    lines.stream().map(RecordedJournals::text)::iterator);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Entry e) {
        return JsonMapper.shared()
                .writeValueAsString(new TreeMap<String, Object>(Map.of(
                        "at",
                        e.at().toString(),
                        "runner",
                        e.runner(),
                        "number",
                        e.number(),
                        "step",
                        e.step(),
                        "event",
                        e.event().name(),
                        "detail",
                        new TreeMap<>(e.text()))));
    }

    /// What kind of line it is.
    public static String kind(Entry e) {
        return (e.detail().getClass().getSimpleName() + " " + e.event()
                        + (e.detail() instanceof Detail.Bare ? " " + e.step() : ""))
                .strip();
    }

    /// The keys that each line of a kind has had.
    public static Map<String, List<String>> keys() {
        var out = new TreeMap<String, List<String>>();
        for (var e : all())
            out.merge(
                    kind(e),
                    e.text().keySet().stream().sorted().toList(),
                    (a, b) -> Stream.of(a)
                            .flatMap(List::stream)
                            .filter(b::contains)
                            .toList());
        return out;
    }
}
