package rekey.maintainer.fault;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// What happened in a case, each line with the seconds since it began. Threads may share it.
final class CaseLog {
    private final Instant begun = Instant.now();
    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    void add(String line) {
        lines.add("%6.2f  %s".formatted(millis() / 1000.0, line));
    }

    long millis() {
        return Duration.between(begun, Instant.now()).toMillis();
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    /// What a tool said last on its standard error.
    String lastError() {
        return lines().reversed().stream()
                .filter(line -> line.contains("  ! "))
                .findFirst()
                .orElse("no error");
    }
}
