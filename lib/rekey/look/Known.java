package rekey.look;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.model.Rewrite;
import rekey.model.TableName;
import tools.jackson.databind.json.JsonMapper;

/// A migration that some journal of the server knows, whoever began it.
///
/// @param open it was planned, and neither finalized nor rolled back since
public record Known(Rewrite rewrite, boolean open) {

    /// Those of every database that this user can see.
    public static List<Known> of(ClickHouse server) {
        var out = new ArrayList<Known>();
        for (var r : server.query("SELECT database FROM system.tables WHERE name = 'rekey_journal' ORDER BY database"))
            for (var m : Visible.orNone(server, """
                    SELECT argMaxIf(JSONExtractString(detail, 'rewrite'), (at, number), event = 'PLANNED' AND JSONHas(detail, 'rewrite')) AS rewrite,
                           argMaxIf(toString(event), (at, number), event IN ('PLANNED', 'ROLLED_BACK', 'FINALIZED')) = 'PLANNED' AS open
                    FROM %s GROUP BY migration HAVING notEmpty(rewrite) ORDER BY migration""".formatted(new TableName(r.string("database"), "rekey_journal").sql())))
                out.add(new Known(JsonMapper.shared().readValue(m.string("rewrite"), Rewrite.class), m.flag("open")));
        return List.copyOf(out);
    }

    /// What each table of a migration is in it: `source of 0002_...`, `staging of ...`. The names are those that are there.
    public Map<TableName, String> roles(Catalog catalog) {
        var out = new TreeMap<TableName, String>();
        var of = " of " + rewrite.migration();
        out.put(rewrite.source(), open ? "source" + of : "");
        for (var t : catalog.tablesLike(rewrite.source().database(), rewrite.target().table())) out.put(t, role(t) + of);
        out.put(rewrite.backup(), "backup" + of);
        out.put(rewrite.journal(), "rekey's journal");
        return out;
    }

    private String role(TableName t) {
        if (t.equals(rewrite.target())) return "target";
        return t.table().startsWith(rewrite.stagingPrefix()) ? "staging" : t.table().startsWith(rewrite.gatePrefix()) ? "gate" : "target";
    }
}
