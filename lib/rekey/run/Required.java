package rekey.run;

import java.util.ArrayList;
import java.util.List;
import rekey.model.Keys.Difference;
import rekey.session.Session;

/// The guide's `is_required`: whether the table still has its old schema, and in what it differs from
/// what is wanted.
///
/// @param table   the live table
/// @param differs the keys that differ, as the server formats them; empty when nothing is to be done
public record Required(boolean required, String migration, String table, List<Difference> differs) {

    public static Required of(Session session) {
        var source = session.source();
        var differs = new ArrayList<>(source.keys().differences(session.keys(source)));
        var engine = session.rewrite().engine();
        if (!engine.isEmpty()
                && !engine.replace(" ", "").equals(source.engineClause().replace(" ", "")))
            differs.add(new Difference("engine", source.engineClause(), engine));
        return new Required(
                !differs.isEmpty(), session.rewrite().migration(), source.name().toString(), List.copyOf(differs));
    }
}
