package rekey.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import rekey.clickhouse.Row;

/// Lines of a journal by the names that things have on the host that copies now. Those of a host that copied before
/// have its tables' UUIDs, and the definition that it had.
///
/// @param last what is to be read by another name, as if a line said so behind all others
record JournalNames(Map<String, String> last) {
    /// A UUID within a path in Keeper stays: it is a path's name, and the same on all hosts.
    private static final String BY_ITSELF = "(?<![_/])";

    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    /// @param rows  in the order of the lines; `rekey_asked` tells which are wanted
    /// @param entry of a row and its detail
    List<Entry> entries(List<Row> rows, BiFunction<Row, String, Entry> entry) {
        var later = new ArrayDeque<>(List.of(last));
        var out = new ArrayDeque<Entry>();
        for (var r : rows.reversed()) {
            var text = r.string("detail");
            var read = entry.apply(r, text);
            for (var same : later) text = renamed(text, same);
            if (r.flag("rekey_asked")) out.addFirst(text.equals(r.string("detail")) ? read : entry.apply(r, text));
            if (read.detail() instanceof Detail.Locked l && !l.same().isEmpty()) later.addFirst(l.same());
        }
        return List.copyOf(out);
    }

    private static String renamed(String text, Map<String, String> same) {
        var names = new ArrayList<>(same.entrySet());
        // an engine's clause may have a UUID in its path
        names.sort((a, b) -> Boolean.compare(isUuid(a.getKey()), isUuid(b.getKey())));
        for (var name : names)
            text = isUuid(name.getKey())
                    ? text.replaceAll(BY_ITSELF + name.getKey(), name.getValue())
                    : text.replace(name.getKey(), name.getValue());
        return text;
    }

    private static boolean isUuid(String name) {
        return UUID.matcher(name).matches();
    }
}
