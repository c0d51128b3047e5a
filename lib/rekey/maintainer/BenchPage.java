package rekey.maintainer;

import java.util.List;
import java.util.stream.Collectors;

/// What a bench measured, as the table of the pages, column by column.
public final class BenchPage {
    private BenchPage() {}

    /// In Markdown.
    public static String markdown(List<Measured> measured) {
        return """
            | rows | the guide's SQL | rekey | engine's best | rekey / guide | rekey / engine | checks / copy \
            | memory | held |
            | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
            """ + measured.stream().map(BenchPage::row).collect(Collectors.joining());
    }

    private static String row(Measured m) {
        return "| %,d%s | %.1f s | %.1f s | %.1f s | %s | %s | %s | %,d MiB | %s |%n"
                .formatted(
                        m.rows(),
                        m.shape() == BenchShape.GUIDE ? "" : " " + m.shape(),
                        m.guideMs() / 1000.0,
                        m.rekeyMs() / 1000.0,
                        m.engineMs() / 1000.0,
                        m.ranged("rekey/guide"),
                        m.ranged("rekey/engine"),
                        m.ranged("checks/copy"),
                        m.peakBytes() >> 20,
                        m.heldMs() == null ? "" : "%,d ms".formatted(m.heldMs()));
    }
}
