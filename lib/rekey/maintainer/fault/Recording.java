package rekey.maintainer.fault;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import rekey.lab.ClusterShape;
import rekey.model.Trouble;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// The record of all cases that were run, a JSON object a line; a line is added as soon as a case has ended,
/// whatever came of it, and none is ever changed.
public record Recording(Path file) {
    private static final Pattern CHOSEN = Pattern.compile("\\d+\\.\\d+");
    private static final String COMMIT = commit(); // before the first case: while they run others may be checked out

    /// Adds a line, with the commit that was run.
    public void add(Trial.Result result) {
        var what = result.what();
        var line = new LinkedHashMap<String, Object>();
        line.put("case", what.id());
        what.drawnFrom().ifPresent(seed -> line.put("seed", seed));
        line.put("fault", what.fault().name());
        line.put("moment", what.moment().toString());
        line.put("engine", what.engine());
        line.put("then", what.then());
        line.put("struck", result.struck());
        line.put("lost", result.lost());
        line.put("doubled", result.doubled());
        line.put("stuck", result.stuck());
        line.put("seconds", result.millis() / 1000);
        add(line);
    }

    /// The same of a case on a cluster, whose name begins with the cluster's shape: `1x2/7.3`. A replica that
    /// differs from its own counts as a lost row.
    public void add(ClusterShape shape, ClusterTrial.Result result) {
        var what = result.what();
        var line = new LinkedHashMap<String, Object>();
        line.put("case", shape.shards() + "x" + shape.replicas() + "/" + what.id());
        line.put("fault", what.killed().name());
        line.put("moment", what.delayMs() + " ms into " + what.step() + (what.back() ? " (back)" : " (on)"));
        line.put("engine", "ReplicatedReplacingMergeTree");
        line.put("then", what.then());
        line.put("struck", result.struck());
        line.put("lost", result.lost() + result.differs());
        line.put("doubled", result.doubled());
        line.put("stuck", result.stuck());
        line.put("seconds", result.millis() / 1000);
        add(line);
    }

    private void add(Map<String, Object> line) {
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

    /// What a record says in all.
    ///
    /// @param runs   cases run, each time counted
    /// @param cases  different ones
    /// @param random those of them that chance chose
    /// @param seeds  from which it did
    /// @param struck those in which what was to go wrong did
    /// @param failed those that struck and in which something was lost, doubled or stuck; each was repaired or is
    ///               open
    /// @param open   cases whose last run was such a one
    public record Totals(
            long runs,
            long cases,
            long random,
            List<Long> seeds,
            long struck,
            long lost,
            long doubled,
            long stuck,
            long failed,
            List<String> open) {
        /// The sentence for the lab's page.
        public String sentence() {
            return ("%d runs of %d cases are recorded, %d of these chosen by chance from %s; in %d runs the fault "
                            + "struck: %d lost, %d doubled, %d stuck%s")
                    .formatted(
                            runs,
                            cases,
                            random,
                            (seeds.size() == 1 ? "seed " : "seeds ")
                                    + seeds.stream().map(String::valueOf).collect(Collectors.joining(", ")),
                            struck,
                            lost,
                            doubled,
                            stuck,
                            failed == 0
                                    ? "."
                                    : ", all in %d %s told of below; run again, %s"
                                            .formatted(
                                                    failed,
                                                    failed == 1 ? "run" : "runs",
                                                    open.isEmpty()
                                                            ? "none of these cases fails."
                                                            : open.size() + " of these cases fail still."));
        }
    }

    /// @throws Trouble.Failed when the file can't be read
    public Totals totals() {
        try {
            var lines = Files.readAllLines(file).stream()
                    .map(l -> JsonMapper.shared().readValue(l, new TypeReference<Map<String, Object>>() {}))
                    .toList();
            var last = lines.stream()
                    .collect(Collectors.toMap(
                            l -> (String) l.get("case"), Recording::failed, (a, b) -> b, LinkedHashMap::new));
            var chosen = lines.stream()
                    .filter(l -> CHOSEN.matcher((String) l.get("case")).matches())
                    .toList();
            return new Totals(
                    lines.size(),
                    last.size(),
                    chosen.stream().map(l -> l.get("case")).distinct().count(),
                    chosen.stream()
                            .map(l -> ((Number) l.get("seed")).longValue())
                            .distinct()
                            .sorted()
                            .toList(),
                    lines.stream().filter(l -> (boolean) l.get("struck")).count(),
                    sum(lines, "lost"),
                    sum(lines, "doubled"),
                    lines.stream().filter(l -> !"".equals(l.get("stuck"))).count(),
                    lines.stream().filter(Recording::failed).count(),
                    last.entrySet().stream()
                            .filter(Map.Entry::getValue)
                            .map(Map.Entry::getKey)
                            .toList());
        } catch (IOException e) {
            throw new Trouble.Failed("The record " + file + " can't be read: " + e.getMessage() + ".", e);
        }
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

    private static boolean failed(Map<String, Object> line) {
        return ((Number) line.get("lost")).longValue() > 0
                || ((Number) line.get("doubled")).longValue() > 0
                || !"".equals(line.get("stuck"));
    }

    private static long sum(List<Map<String, Object>> lines, String key) {
        return lines.stream().mapToLong(l -> ((Number) l.get(key)).longValue()).sum();
    }
}
