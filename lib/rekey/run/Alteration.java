package rekey.run;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import rekey.check.Check.Level;
import rekey.check.OtherMigrations;
import rekey.clickhouse.KeyText;
import rekey.clickhouse.ServerError;
import rekey.model.Keys;
import rekey.model.Table;
import rekey.model.Trouble;
import rekey.session.Session;
import rekey.step.Position;

/// Takes a cheaper way: sends the server's own ALTER on each shard. Nothing of rekey's stays behind. The
/// only way back is another ALTER.
public record Alteration(Session session, CheaperWay way) {

    /// The ALTER that brings the keys that are asked for.
    ///
    /// @param added      columns that it is to add, as `name type`
    /// @param projection whether a projection is wanted in place of new keys
    /// @throws Trouble.Refused where the server has none that does, with the reason; or while a
    ///         migration is under way
    public static Alteration of(Session session, List<String> added, boolean projection) {
        var source = session.source();
        free(session);
        var there =
                added.stream().map(CheaperWay::name).filter(n -> has(source, n)).toList();
        if (!there.isEmpty())
            throw new Trouble.Refused(source.name() + " has a column " + there.getFirst()
                    + " already, and the server appends only columns to a sorting key that the same ALTER adds: run"
                    + " plan with --order-by, and migrate.");
        var wanted = added.isEmpty() ? session.keys(source) : longer(session, source);
        return CheaperWay.of(session, source, wanted, added).stream()
                .filter(way -> way.by().equals("projection") == projection)
                .findFirst()
                .map(way -> new Alteration(session, way))
                .orElseThrow(() -> new Trouble.Refused(why(source, wanted, added, projection)));
    }

    private static void free(Session session) {
        if (!(Position.of(session) instanceof Position.NotBegun))
            throw new Trouble.Refused("Migration " + session.rewrite().migration() + " of "
                    + session.rewrite().source()
                    + " is under way: end it first, with migrate and finalize, or with rollback.");
        var others = new OtherMigrations().look(session);
        if (others.verdict() == Level.REFUSAL) throw new Trouble.Refused(others.saw() + ". " + others.todo());
    }

    private static boolean has(Table source, String column) {
        return source.columns().stream().anyMatch(c -> c.name().equals(column));
    }

    /// Of columns that are not there yet the server can't be asked.
    private static Keys longer(Session session, Table source) {
        var orderBy = new KeyText(session.server()).plain(session.rewrite().orderBy());
        return new Keys(
                source.keys().partitionBy(),
                source.keys().primaryKey(),
                orderBy,
                source.keys().sampleBy());
    }

    private static String why(Table source, Keys wanted, List<String> added, boolean projection) {
        var differs = source.keys().differences(wanted);
        var to = " Run plan with the same keys: it says what a migration needs.";
        if (differs.isEmpty()) return source.name() + " has these keys already: nothing is to be altered.";
        if (projection)
            return source.collapses()
                    ? "A projection does not serve " + source.engine() + ": queries by FINAL pass it over." + to
                    : "No projection can stand for these keys: one has a sorting key, without directions." + to;
        if (differs.stream().anyMatch(d -> d.key().equals("partition key")))
            return "No ALTER changes a partition key: the server keeps it for good." + to;
        if (!source.keys().orderBy().equals(wanted.orderBy()))
            return added.isEmpty()
                    ? "No ALTER brings ORDER BY (" + wanted.orderBy()
                            + "): the server appends only columns that the same"
                            + " ALTER adds (--add-column), and takes off what stands after the primary key." + to
                    : "The server appends the columns that an ALTER adds after the sorting key as it is: write"
                            + " --order-by '"
                            + source.keys().orderBy() + ", "
                            + String.join(
                                    ", ", added.stream().map(CheaperWay::name).toList())
                            + "'.";
        return "SAMPLE BY " + wanted.sampleBy() + " is not in the primary key ("
                + source.keys().primaryKey() + "), and the server wants it there." + to;
    }

    /// Sends it.
    ///
    /// @throws Trouble.Refused where the server refuses it, in its own words
    public void run() {
        free(session); // somebody may have begun a migration while the question stood
        for (var shard : session.shards())
            for (var sql : way.sql())
                try {
                    shard.server().execute(sql, UUID.randomUUID().toString(), Map.of("mutations_sync", "0"));
                } catch (ServerError e) {
                    throw new Trouble.Refused("The server refuses " + sql + ": " + e.getMessage());
                }
    }
}
