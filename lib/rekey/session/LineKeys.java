package rekey.session;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import rekey.clickhouse.Row;
import rekey.clickhouse.Sql;
import rekey.model.Rewrite;

/// The keys of the journal's lines where a statement or a list asks for them by name. A key is told by the record
/// that declares it, and one that it does not declare is an error at once: a list of lines asked for `sql` first,
/// and no line has that.
public final class LineKeys {
    /// Too long for a line, and of use only to a restart.
    public static final Set<String> LONG = all(
            of(Detail.Planned.class, "plan", "definition", "rewrite"),
            of(Detail.Creating.class, "planned", "definition", "dependants"),
            of(Detail.Attaching.class, "parts"),
            of(LinePart.Comparison.class, "there"));

    /// What a list of lines leaves out, for it is of use to a restart only.
    public static final Set<String> FOR_RESTART = all(
            of(Detail.Planned.class, "plan", "definition", "rewrite", "hash"),
            of(Detail.Creating.class, "planned", "definition", "dependants"),
            of(Detail.Attaching.class, "parts"),
            of(LinePart.Staged.class, "from", "to", "sum", "xor", "witness"),
            of(Detail.Held.class, "hold"));

    public static final String ERROR = key(Detail.Failed.class, "error");

    private static final String REWRITE = key(Detail.Planned.class, "rewrite");

    /// In SQL: the rewrite of a line as it is written, of one that has it.
    public static final String REWRITE_OF_LINE = "JSONExtractString(detail, " + Sql.text(REWRITE) + ")",
            HAS_REWRITE = "JSONHas(detail, " + Sql.text(REWRITE) + ")";

    /// In SQL: whether a runner takes the migration anew with this line, and whether the host that copies from this
    /// line on says by what names it reads those before.
    static final String SERVER_IS_BACK = has(key(Detail.ServerBack.class, "why") + "\""),
            NAMES_ARE_OTHERS = has(key(Detail.Locked.class, "same").replace("*", ""));

    private LineKeys() {}

    /// @param column that was asked for as [#REWRITE_OF_LINE]
    public static Rewrite rewrite(Row row, String column) {
        return (Rewrite) DetailText.value(Rewrite.class, row.string(column));
    }

    private static String has(String beginning) {
        return "position(detail, '\"" + beginning + "') > 0";
    }

    @SafeVarargs
    private static Set<String> all(Stream<String>... keys) {
        var out = new TreeSet<String>();
        for (var some : keys) some.forEach(out::add);
        return Set.copyOf(out);
    }

    private static Stream<String> of(Class<? extends Record> kind, String... components) {
        return Stream.of(components).map(component -> key(kind, component));
    }

    private static String key(Class<? extends Record> kind, String component) {
        return Arrays.stream(kind.getRecordComponents())
                .filter(c -> c.getName().equals(component))
                .findFirst()
                .map(DetailText::name)
                .orElseThrow(() -> new IllegalStateException("No line has " + component + ": " + kind));
    }
}
