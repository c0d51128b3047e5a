package rekey.maintainer.table;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import rekey.model.Trouble;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// The record of all drawn tables that were run, a JSON object a line, whatever came of them; none is ever changed.
public record TableRecord(Path file) {
    private static final String COMMIT = commit(); // before the first: while they run others may be checked out

    void add(TableTrial.Result result) {
        var line = new LinkedHashMap<String, Object>();
        line.put("table", result.id());
        line.put("seed", result.seed());
        line.put("what", result.table());
        line.put("create", result.create());
        line.put("rows", result.rows());
        line.put("lost", result.lost());
        line.put("doubled", result.doubled());
        line.put("different", result.different());
        line.put("stuck", result.stuck());
        line.put("seconds", result.millis() / 1000);
        line.put("commit", COMMIT);
        try {
            Files.writeString(
                    file,
                    JsonMapper.shared().writeValueAsString(line) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new Trouble.Failed("The record " + file + " can't be written: " + e.getMessage() + ".", e);
        }
    }

    /// What it says in all, in a sentence for the page. A seed draws others when the generator has learnt something:
    /// two are one where their CREATE is the same, too.
    ///
    /// @throws Trouble.Failed when the file can't be read
    public String sentence() {
        try {
            var lines = Files.readAllLines(file).stream()
                    .map(l -> JsonMapper.shared().readValue(l, new TypeReference<Map<String, Object>>() {}))
                    .toList();
            var last = lines.stream()
                    .collect(Collectors.toMap(
                            l -> l.get("table") + " " + l.get("create"), l -> l, (a, b) -> b, LinkedHashMap::new));
            return "%d runs of %d different tables are recorded; in %d runs something was lost, doubled, different or"
                            .formatted(
                                    lines.size(),
                                    last.size(),
                                    lines.stream().filter(TableRecord::failed).count())
                    + " stuck, and "
                    + last.values().stream().filter(TableRecord::failed).count()
                    + " of the tables were not run to their end since.";
        } catch (IOException e) {
            throw new Trouble.Failed("The record " + file + " can't be read: " + e.getMessage() + ".", e);
        }
    }

    private static boolean failed(Map<String, Object> line) {
        return ((Number) line.get("lost")).longValue() + ((Number) line.get("doubled")).longValue() > 0
                || !((List<?>) line.get("different")).isEmpty()
                || !"".equals(line.get("stuck"));
    }

    /// By git; empty in a checkout without it.
    private static String commit() {
        try {
            var git = new ProcessBuilder("git", "rev-parse", "--short", "HEAD")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
