package rekey.maintainer.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import rekey.lab.ClusterShape;

/// Which cases are run, and how many at a time.
public final class CaseOptions {
    @Option(names = "--seed", defaultValue = "1", description = "what the cases follow from (default ${DEFAULT-VALUE})")
    long seed;

    @Option(names = "--count", defaultValue = "0", description = "so many cases by chance; default: the whole matrix")
    int count;

    @Option(
            names = "--from",
            defaultValue = "1",
            description = "begin with the case of this number (default ${DEFAULT-VALUE})")
    int from;

    @Option(names = "--case", description = "only this one, by the name it was printed with; several times for several")
    String[] ids;

    @Option(
            names = "--jobs",
            defaultValue = "0",
            description = "labs side by side; what comes of a case does not depend on it; default: half the cores")
    int jobs;

    @Option(
            names = "--within",
            paramLabel = "TIME",
            description = "begin no case after so long, for the rest another time; 9m, say (default: run all)")
    Duration within;

    /// The controls first.
    public List<Case> cases() {
        var cases = new ArrayList<>(Case.controls());
        cases.addAll(Case.chosen(ids, seed, from, count));
        return List.copyOf(cases);
    }

    /// Those of a cluster.
    List<ClusterCase> cases(ClusterShape shape) {
        var cases = new ArrayList<>(List.of(ClusterCase.control()));
        cases.addAll(ClusterCase.chosen(ids, seed, from, count, shape));
        return List.copyOf(cases);
    }

    /// In words.
    public String chosen() {
        return ids == null ? "seed " + seed : String.join(", ", ids);
    }

    int labs() {
        return jobs > 0 ? jobs : Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    }

    Duration within() {
        return within == null ? Duration.ofDays(365) : within;
    }
}
