package rekey.maintainer;

import java.util.LinkedHashMap;
import java.util.List;
import rekey.report.plot.Curves;

/// What a bench measured, drawn: seconds against rows.
public final class BenchCurves {
    private BenchCurves() {}

    /// As a PNG.
    public static byte[] png(List<Measured> measured) {
        var curves = new LinkedHashMap<String, List<Double>>();
        curves.put(
                "the guide's SQL",
                measured.stream().map(m -> m.guideMs() / 1000.0).toList());
        curves.put(
                "rekey, each row compared",
                measured.stream().map(m -> m.rekeyMs() / 1000.0).toList());
        curves.put(
                "the bare engine's best, unchecked",
                measured.stream().map(m -> m.engineMs() / 1000.0).toList());
        return Curves.png(
                "Time to rewrite a table",
                "rows",
                "seconds",
                measured.stream().map(Measured::rows).toList(),
                curves);
    }
}
