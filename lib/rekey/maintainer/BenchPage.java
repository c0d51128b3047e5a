package rekey.maintainer;

import java.util.List;
import java.util.stream.Collectors;

/// What a bench measured, as a table of the pages.
public final class BenchPage {
    private BenchPage() {}

    /// In Markdown.
    public static String markdown(List<Measured> measured) {
        return """
            | table | rows | rekey / the guide's SQL | rekey / the engine's best | checks / copy, CPU | most memory | \
            written / had | ingestion held |
            | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
            """ + measured.stream().map(BenchPage::row).collect(Collectors.joining());
    }

    private static String row(Measured m) {
        return "| %s | %,d | %s | %s | %s | %,d MiB | %.1f | %s |%n"
                .formatted(
                        m.shape(),
                        m.rows(),
                        m.ranged("rekey/guide"),
                        m.ranged("rekey/engine"),
                        m.ranged("checks/copy"),
                        m.peakBytes() >> 20,
                        m.amplification(),
                        m.heldMs() == null ? "" : "%,d ms".formatted(m.heldMs()));
    }
}
