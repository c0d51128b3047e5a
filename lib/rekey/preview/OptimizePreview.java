package rekey.preview;

import java.util.List;
import rekey.session.Session;
import rekey.step.Optimize;

/// Operation 7, told.
record OptimizePreview(Optimize step) implements Preview {
    @Override
    public Description describe(Session s) {
        return described(
                s,
                List.of(
                        "-- for each partition that has several parts, one after another",
                        Optimize.sql(s.rewrite().source(), "<partition>")));
    }

    /// After the swap, for each partition that has several parts.
    @Override
    public Description left(Session s) {
        if (!Optimize.swapped(s)) return describe(s);
        return described(
                s,
                Optimize.several(s).stream()
                        .map(p -> Optimize.sql(s.rewrite().source(), p.id()))
                        .toList());
    }

    private static Description described(Session s, List<String> sql) {
        return new Description(
                "Merge each partition of " + s.rewrite().source() + " that has several parts into one.",
                sql,
                List.of());
    }
}
