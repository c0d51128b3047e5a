package rekey.look;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Row;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.session.LineKeys;
import rekey.sheet.OptionalAnswers;

/// A migration that some journal of the server knows, whoever began it.
///
/// @param open it was planned, and neither finalized nor rolled back since
public record KnownMigration(Rewrite rewrite, boolean open) {

    /// Those of every database that this user can see.
    public static List<KnownMigration> of(ClickHouse server) {
        var out = new ArrayList<KnownMigration>();
        for (var r : server.query("SELECT database FROM system.tables WHERE name = 'rekey_journal' ORDER BY database"))
            for (var m : OptionalAnswers.orNone(server, """
                SELECT migration, argMaxIf(%s, (at, number), event = 'PLANNED' AND %s) AS planned,
                       argMaxIf(toString(event), (at, number), event IN ('INTENT', 'PLANNED',
                         'ROLLED_BACK', 'FINALIZED')) AS last
                FROM %s GROUP BY migration ORDER BY migration\
                """.formatted(
                            LineKeys.REWRITE_OF_LINE,
                            LineKeys.HAS_REWRITE,
                            new TableName(r.string("database"), "rekey_journal").sql())))
                rewrite(server, r.string("database"), m)
                        .ifPresent(found -> out.add(new KnownMigration(
                                found, List.of("INTENT", "PLANNED").contains(m.string("last")))));
        return List.copyOf(out);
    }

    /// As it was planned; where a program ran the steps without a plan, the table's name is told from those of its
    /// others.
    private static Optional<Rewrite> rewrite(ClickHouse server, String database, Row line) {
        if (!line.string("planned").isEmpty()) return Optional.of(LineKeys.rewrite(line, "planned"));
        var migration = line.string("migration");
        return new Catalog(server)
                .tablesLike(database, "").stream()
                        .map(TableName::table)
                        .flatMap(t -> Stream.of("_rekey_" + migration, "_backup_" + migration)
                                .filter(t::endsWith)
                                .map(end -> t.substring(0, t.length() - end.length())))
                        .findFirst()
                        .map(t -> new Rewrite(migration, new TableName(database, t), "", "", "", "", ""));
    }

    /// What each table of a migration is in it: `source of 0002_...`, `staging of ...`. The names are those that are
    /// there.
    public Map<TableName, String> roles(Catalog catalog) {
        var out = new TreeMap<TableName, String>();
        var of = " of " + rewrite.migration();
        out.put(rewrite.source(), open ? "source" + of : "");
        for (var t :
                catalog.tablesLike(rewrite.source().database(), rewrite.target().table())) out.put(t, role(t) + of);
        out.put(rewrite.backup(), "backup" + of);
        out.put(rewrite.journal(), "rekey's journal");
        return out;
    }

    private String role(TableName t) {
        if (t.equals(rewrite.target())) return "target";
        return t.table().startsWith(rewrite.stagingPrefix())
                ? "staging"
                : t.table().startsWith(rewrite.gatePrefix()) ? "gate" : "target";
    }
}
