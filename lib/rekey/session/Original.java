package rekey.session;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import rekey.clickhouse.Ddl;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;

/// The source as it was before the first change, from the journal: what an undo puts back and what the end is compared
/// with.
///
/// @param uuid       the old table's identity, by which it is known under any name
/// @param settings   the settings in its definition that rekey changes for a time, where the owner had set them
/// @param dependants the views that were told of its inserts
public record Original(String uuid, String definition, Map<String, String> settings, List<String> dependants) {
    private static final List<String> CHANGED = List.of(Ddl.BLOCK_NUMBERS, Ddl.HOLD_MERGES, Ddl.FORCED_MERGES);

    /// The journal's line for a table as it is now.
    public static Map<String, String> detail(Table source, List<TableName> dependants) {
        var out = new TreeMap<String, String>();
        out.put("uuid", source.uuid());
        out.put("definition", source.definition());
        out.put("dependants", dependants.stream().map(TableName::sql).collect(Collectors.joining(" ")));
        for (var s : CHANGED) if (source.settings().containsKey(s)) out.put("setting." + s, source.settings().get(s));
        return out;
    }

    /// A table as it is now, before a first change.
    public static Original of(Table source, List<TableName> dependants) {
        var settings = new TreeMap<String, String>();
        for (var s : CHANGED) if (source.settings().containsKey(s)) settings.put(s, source.settings().get(s));
        return new Original(source.uuid(), source.definition(), settings, dependants.stream().map(TableName::sql).toList());
    }

    /// Of the attempt that is under way: what came before the last rollback or undone create does not count.
    public static Optional<Original> find(List<Entry> journal) {
        Optional<Original> found = Optional.empty();
        for (var e : journal) {
            if (e.event() == Entry.Event.INTENT && e.step().equals("create") && found.isEmpty()) found = Optional.of(of(e));
            if (e.event() == Entry.Event.ROLLED_BACK || e.event() == Entry.Event.UNDONE && e.step().equals("create")) found = Optional.empty();
        }
        return found;
    }

    public static Original of(Session session) {
        return find(session.journal().entries()).orElseThrow(() -> new Trouble.Failed("The journal " + session.journal().table()
                + " does not say what " + session.rewrite().source() + " was before migration " + session.rewrite().migration() + ": run create first."));
    }

    private static Original of(Entry e) {
        var settings = new TreeMap<String, String>();
        for (var s : CHANGED) if (e.detail().containsKey("setting." + s)) settings.put(s, e.get("setting." + s));
        return new Original(e.get("uuid"), e.get("definition"), settings, e.get("dependants").isEmpty() ? List.of() : List.of(e.get("dependants").split(" (?=`)")));
    }

    /// The statements that give settings back their values from before.
    public List<String> restore(TableName table, String... names) {
        var set = java.util.Arrays.stream(names).filter(settings::containsKey).map(s -> s + " = " + settings.get(s)).toList();
        var unset = java.util.Arrays.stream(names).filter(s -> !settings.containsKey(s)).toList();
        var out = new java.util.ArrayList<String>();
        if (!unset.isEmpty()) out.add("ALTER TABLE " + table.sql() + " RESET SETTING " + String.join(", ", unset));
        if (!set.isEmpty()) out.add("ALTER TABLE " + table.sql() + " MODIFY SETTING " + String.join(", ", set));
        return List.copyOf(out);
    }
}
