package rekey.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.DefinitionDifference;
import rekey.clickhouse.KeeperPaths;
import rekey.clickhouse.ReplicatedEngine;
import rekey.copy.MergeHold;
import rekey.copy.Peers;
import rekey.copy.Replication;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.MadeTables;
import rekey.session.Original;
import rekey.session.Session;

/// Operation 1: a new table with the updated schema.
///
/// Half done may be: the journal's line without the table; the table with a column TTL still on it. A restart tells
/// by the table's own definition, and runs the statements that are left.
///
/// To undo it is to drop the tables and to give the source its settings back, block numbers last: as long as they
/// are on, what was carried can be told. Half undone, a restart finds the journal without UNDONE and does all of it
/// again; each statement says IF EXISTS, or sets what is set.
public record Create() implements Step {
    @Override
    public String name() {
        return "create";
    }

    /// The statements that make the target.
    ///
    /// @param source the old table, whatever its name is
    public static List<String> statements(Session s, Table source, String uuid) {
        var target = s.rewrite().target();
        return Ddl.identified(Ddl.target(source, target, s.keys(source), engine(s, source, uuid)), target, uuid);
    }

    /// Those that are left where it was cut short: they take the column TTLs off that the target still has.
    public static List<String> rest(Session s, TableName target) {
        var still = s.catalog().table(target).columns().stream()
                .filter(col -> !col.ttl().isEmpty())
                .map(col -> col.sql() + " REMOVE TTL")
                .toList();
        return statements(s, s.source(), "").stream()
                .filter(sql -> still.stream().anyMatch(sql::endsWith))
                .toList();
    }

    /// The engine clause of the target. Of a replicated table it has a path in Keeper that was never used before: it
    /// has the target's UUID in it.
    public static String engine(Session s, Table source, String uuid) {
        return ReplicatedEngine.fresh(
                source.engineClause(),
                s.rewrite().engine(),
                source.name(),
                s.rewrite().migration() + "_" + uuid);
    }

    @Override
    public State state(Session s) {
        return switch (Position.of(s)) {
            case Position.NotBegun n ->
                State.of(false, "there is no " + s.rewrite().target());
            case Position.Created c -> {
                if (s.catalog().table(c.target()).columns().stream()
                        .anyMatch(col -> !col.ttl().isEmpty()))
                    yield new State(Phase.UNDER_WAY, c.target() + " still has a column TTL");
                // a target that was refused, or whose maker was killed before he compared it, stands there too: the
                // next run took it as made, and would have filled a table without its DESC
                boolean compared = s.journal()
                        .last(e -> e.detail() instanceof Detail.Created made
                                && made.target().equals(c.targetUuid()))
                        .isPresent();
                yield compared
                        ? State.of(true, c.target() + " exists")
                        : new State(Phase.UNDER_WAY, c.target() + " was not compared with what was intended");
            }
            default -> State.of(true, s.rewrite().source() + " has the new keys");
        };
    }

    @Override
    public void run(Session s) {
        if (state(s).phase() == Phase.DONE) return;
        s.progress().begin(name(), 0);
        s.journal().open();
        var source = s.source();
        var there =
                Position.of(s) instanceof Position.Created c ? Optional.of(c.target()) : Optional.<TableName>empty();
        var uuid = there.isPresent() ? "" : named(s);
        if (Original.find(s.journal().entries()).isEmpty()) s.journal().append(name(), detail(s, source));
        // of a table that is there only the TTLs that are left: the server refuses to remove one twice
        for (var sql : there.isPresent() ? rest(s, there.get()) : anew(s, source, uuid))
            s.server().execute(sql, s.queryId("create"), Ddl.creating(source));
        asIntended(s, source);
        var peers = new Peers(s);
        peers.follow();
        peers.mustHaveOne(s.rewrite().target());
        s.journal()
                .append(
                        name(),
                        new Detail.Created(
                                s.catalog().table(s.rewrite().target()).uuid()));
    }

    /// The server makes of a text what it reads in it, and that need not be what was meant.
    private static void asIntended(Session s, Table source) {
        var target = s.catalog().table(s.rewrite().target());
        var differs = DefinitionDifference.differences(
                source,
                target,
                s.keys(source),
                source.replicated() ? target.engineClause() : s.rewrite().engine());
        if (!differs.isEmpty())
            throw new Trouble.Refused("The new table " + target.name() + " is not as it should be ("
                    + String.join("; ", differs) + "). Nothing was copied. Roll back, which drops it, and report this"
                    + " with SHOW CREATE TABLE " + source.name().sql() + ".");
    }

    /// @return the UUID that the target will have
    /// @throws Trouble.Refused where its name is somebody else's
    private static String named(Session s) {
        var target = s.rewrite().target();
        if (s.catalog().exists(target))
            throw new Trouble.Refused(target + " is there, and this migration has not made it. Nothing was changed."
                    + " Look at what is in it, then rename or drop it, or give this migration another --name.");
        return MadeTables.target(s);
    }

    private static Detail.Creating detail(Session s, Table source) {
        return Original.detail(
                source,
                s.catalog().dependants(source.name()),
                source.replicated() ? Optional.of(new Replication(s).lostParts(source.name())) : Optional.empty());
    }

    /// @throws Trouble.Refused where the new path is another table's: it would be joined, with its rows
    private static List<String> anew(Session s, Table source, String uuid) {
        var path = ReplicatedEngine.of(engine(s, source, uuid));
        if (path.isPresent() && new KeeperPaths(s.server()).knows(path.get()))
            throw new Trouble.Refused("There is a table at " + path.get().path()
                    + " in Keeper already, so nothing was made there: run again, which makes another path.");
        return statements(s, source, uuid);
    }

    @Override
    public void undo(Session s) {
        var at = Position.of(s);
        if (!(at instanceof Position.Created) && !(at instanceof Position.NotBegun)) return;
        var journal = s.journal().entries();
        if (Original.find(journal).isEmpty()) return;
        if (SwapBack.untrailed(s)) {
            new SwapBack().run(s);
            at = Position.of(s);
        }
        if (at instanceof Position.Created c) Trailing.rescue(s, c);
        DetachedRows.refuse(s, s.rewrite().target());
        for (var t : Position.swapNames(s))
            DetachedRows.refuse(s, t); // killed behind an EXCHANGE back, one of them was live
        Staging.dropAll(s);
        var target = s.rewrite().target();
        for (var sql : dropping(s, Position.swapNames(s), Original.of(s)))
            if (sql.equals(Ddl.dropping(target))) new Peers(s).dropTarget(target, sql);
            else s.everywhere("undo-create", sql);
        s.journal().append(name(), new Detail.Bare(Entry.Event.UNDONE));
    }

    /// The statements that drop what was made, and give the source back what is its own.
    ///
    /// @param swapNames names that swaps gave the target, under which it still stands
    public static List<String> dropping(Session s, List<TableName> swapNames, Original original) {
        var out = new ArrayList<>(swapNames.stream().map(Ddl::dropping).toList());
        var target = s.rewrite().target();
        var uuid = s.catalog().uuid(target);
        if (uuid.isEmpty() || MadeTables.isTarget(s.journal().entries(), uuid.get())) out.add(Ddl.dropping(target));
        out.addAll(MergeHold.releasing(original, s.rewrite().source()));
        // block numbers last: while they are on, what was carried can still be told (rule 4)
        out.addAll(original.restore(s.rewrite().source(), Ddl.BLOCK_NUMBERS, Ddl.MUTATIONS_KEPT));
        return out;
    }
}
