package rekey.session;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import rekey.clickhouse.Ddl;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;

/// The source as it was before the first change, from the journal: what an undo puts back and what the end is
/// compared with.
///
/// @param uuid       the old table's identity, by which it is known under any name
/// @param settings   the settings in its definition that rekey changes for a time, where the owner had set them
/// @param dependants the views that were told of its inserts
/// @param planned    its definition with names for what may change in it; none in the journal of an older version
public record Original(
        String uuid,
        String definition,
        Map<String, String> settings,
        List<String> dependants,
        Optional<Definition> planned) {
    private static final List<String> CHANGED =
            List.of(Ddl.BLOCK_NUMBERS, Ddl.MUTATIONS_KEPT, Ddl.DUE_ONLY, Ddl.HOLD_MERGES, Ddl.FORCED_MERGES);

    /// The journal's line for a table as it is now.
    public static Detail.Creating detail(Table source, List<TableName> dependants) {
        return detail(source, dependants, Optional.empty());
    }

    /// @param lostParts that a replicated table has lost by now
    public static Detail.Creating detail(Table source, List<TableName> dependants, Optional<Long> lostParts) {
        return new Detail.Creating(
                source.uuid(),
                Optional.of(source.name().table()),
                source.definition(),
                Optional.of(Definition.of(source)),
                Encoded.Names.of(dependants),
                lostParts,
                changed(source));
    }

    private static Map<String, String> changed(Table source) {
        var out = new TreeMap<String, String>();
        for (var s : CHANGED)
            if (source.settings().containsKey(s)) out.put(s, source.settings().get(s));
        return out;
    }

    /// A table as it is now, before a first change.
    public static Original of(Table source, List<TableName> dependants) {
        return new Original(
                source.uuid(),
                source.definition(),
                changed(source),
                dependants.stream().map(TableName::sql).toList(),
                Optional.of(Definition.of(source)));
    }

    /// Of the attempt that is under way: what came before the last rollback or undone create does not count.
    public static Optional<Original> find(List<Entry> journal) {
        Optional<Original> found = Optional.empty();
        for (var e : journal) {
            if (e.detail() instanceof Detail.Creating c && found.isEmpty()) found = Optional.of(of(c));
            if (e.event() == Entry.Event.ROLLED_BACK
                    || e.event() == Entry.Event.UNDONE && e.step().equals("create")) found = Optional.empty();
        }
        return found;
    }

    /// Of the last attempt, whether it is under way or was taken back.
    public static Optional<Original> last(List<Entry> journal) {
        return Entry.last(journal, Detail.Creating.class).map(Original::of);
    }

    public static Original of(Session session) {
        return find(session.journal().entries())
                .orElseThrow(() ->
                        new Trouble.Failed("The journal " + session.journal().table() + " does not say what "
                                + session.rewrite().source() + " was before migration "
                                + session.rewrite().migration() + ": run create first."));
    }

    private static Original of(Detail.Creating line) {
        var settings = new TreeMap<>(line.settings());
        settings.keySet().retainAll(CHANGED);
        return new Original(
                line.uuid(), line.definition(), settings, line.dependants().sql(), line.planned());
    }

    /// What somebody has altered in the old table since, one phrase each. The new table does not have
    /// these changes.
    ///
    /// @param now the table under the source's name: of another than the old one nothing is said
    public List<String> changes(Table now) {
        return now.uuid().equals(uuid)
                ? planned.map(then -> then.changes(Definition.of(now))).orElse(List.of())
                : List.of();
    }

    /// @throws Trouble.Refused when the old table was altered
    public void mustBeUnaltered(Table now) {
        var changes = changes(now);
        if (!changes.isEmpty())
            throw new Trouble.Refused(now.name() + " was altered during the migration, and the new table was not ("
                    + String.join("; ", changes) + "; seen at " + Instant.now().truncatedTo(ChronoUnit.SECONDS)
                    + "). Nothing was swapped. Alter it back and run again, or roll back and begin anew.");
    }

    /// The statements that give the live table its own settings when it is final.
    public List<String> settled(TableName live) {
        // a word of its text is enough: what was not set may be reset
        return definition.contains(" TTL ")
                ? restore(live, Ddl.BLOCK_NUMBERS, Ddl.MUTATIONS_KEPT, Ddl.DUE_ONLY)
                : restore(live, Ddl.BLOCK_NUMBERS, Ddl.MUTATIONS_KEPT);
    }

    /// The statements that give settings back their values from before.
    public List<String> restore(TableName table, String... names) {
        var set = java.util.Arrays.stream(names)
                .filter(settings::containsKey)
                .map(s -> s + " = " + settings.get(s))
                .toArray(String[]::new);
        var unset = java.util.Arrays.stream(names)
                .filter(s -> !settings.containsKey(s))
                .toArray(String[]::new);
        var out = new java.util.ArrayList<String>();
        if (unset.length > 0) out.add(Ddl.resetting(table, unset));
        if (set.length > 0) out.add(Ddl.setting(table, set));
        return List.copyOf(out);
    }
}
