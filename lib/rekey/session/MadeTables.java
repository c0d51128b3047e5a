package rekey.session;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import rekey.model.Rewrite;
import rekey.model.TableName;

/// Which tables a migration has made: those that its journal names by name and by UUID. A name that begins as one of
/// its own may be anybody's (a table `src_rekey_m_staging_precious` was dropped for its prefix, and so was the
/// target of a migration `m_staging_x`), so a search by prefix lists candidates and decides nothing.
///
/// A UUID is chosen before the CREATE, which names it: killed behind the CREATE, its table is known all the same.
/// The target's stands in a line of the journal. A staging table's follows from its runner and its name, which is
/// used once: a line for each would cost as much as a small chunk, and any line of that runner names all
/// of its tables.
public final class MadeTables {
    /// The step of the line that names a target before it is made.
    private static final String STEP = "create-target";

    private MadeTables() {}

    /// The UUID of a table that a runner makes under a name that is used once.
    public static String uuid(String runner, TableName name) {
        return UUID.nameUUIDFromBytes(("rekey:" + runner + ":" + name).getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    /// Notes the UUID that the next target will have.
    public static String target(Session s) {
        var uuid = UUID.randomUUID().toString();
        s.journal().append(STEP, new Detail.Naming(uuid, s.rewrite().target().table()));
        return uuid;
    }

    /// The UUIDs of all targets that were made, or were about to be.
    public static Set<String> targets(List<Entry> journal) {
        var out = new HashSet<String>();
        for (var e : journal) e.detail().namedTarget().ifPresent(out::add);
        return out;
    }

    /// Whether a table that has the target's own name is the target.
    public static boolean isTarget(List<Entry> journal, String uuid) {
        return targets(journal).contains(uuid) || unnamed(journal);
    }

    /// An older version wrote the target's UUID down when it was made: killed in between, only the name tells.
    private static boolean unnamed(List<Entry> journal) {
        boolean named = false, unnamed = false;
        for (var e : journal) {
            if (e.is(STEP, Entry.Event.INTENT)) named = true;
            if (e.is("create", Entry.Event.INTENT) || e.is("backfill", Entry.Event.UNDONE)) unnamed = !named;
            if (e.is("create", Entry.Event.DONE)) unnamed = false;
            if (e.event() == Entry.Event.ROLLED_BACK || e.is("create", Entry.Event.UNDONE)) named = unnamed = false;
        }
        return unnamed;
    }

    /// Whether a table is a staging table of one of this migration's runners.
    public static boolean isStaging(List<Entry> journal, Rewrite rewrite, TableName table, String uuid) {
        var runners = new HashSet<String>();
        var older = new HashSet<String>();
        for (var e : journal) {
            runners.add(e.runner());
            if (e.detail() instanceof Detail.Locked l && !l.byUuid()) older.add(e.runner());
        }
        return runners.stream().anyMatch(r -> uuid.equals(uuid(r, table)))
                || older.stream().anyMatch(r -> isNumbered(table, rewrite.staging(r + "_")));
    }

    private static boolean isNumbered(TableName table, TableName prefix) {
        return table.table().startsWith(prefix.table())
                && table.table().substring(prefix.table().length()).matches("\\d+");
    }
}
