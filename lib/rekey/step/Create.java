package rekey.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import rekey.clickhouse.Ddl;
import rekey.copy.MergeHold;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.session.Entry;
import rekey.session.Journal;
import rekey.session.Original;
import rekey.session.Session;

/// Operation 1: a new table with the updated schema.
///
/// Half done may be: the journal's line without the table; the table with a column TTL still on it. A restart tells by
/// the table's own definition, and runs the statements that are left.
///
/// To undo it is to drop the tables and to give the source its settings back, block numbers last: as long as they are on,
/// what was carried can be told. Half undone, a restart finds the journal without UNDONE and does all of it again; each
/// statement says IF EXISTS, or sets what is set.
public record Create() implements Step {
    @Override public String name() { return "create"; }

    @Override public Description describe(Session s) {
        var source = s.source();
        var sql = new ArrayList<>(List.of(Journal.create(s.rewrite().journal())));
        sql.addAll(statements(s, source));
        return new Description("Create " + s.rewrite().target() + " with the definition of " + source.name() + " and the new keys.", sql, undoing(s, Position.filled(s)));
    }

    /// Of one that was cut short, the column TTLs that the target still has.
    @Override public Description left(Session s) {
        if (!(Position.of(s) instanceof Position.Created c) || state(s).phase() == Phase.DONE) return Step.super.left(s);
        var still = s.catalog().table(c.target()).columns().stream().filter(col -> !col.ttl().isEmpty()).map(col -> col.sql() + " REMOVE TTL").toList();
        return new Description("Take the column TTLs off " + c.target() + ".", statements(s, s.source()).stream().filter(sql -> still.stream().anyMatch(sql::endsWith)).toList(), describe(s).undo());
    }

    /// @param source the old table, whatever its name is
    static List<String> statements(Session s, Table source) {
        return Ddl.target(source, s.rewrite().target(), s.keys(source), s.rewrite().engine());
    }

    @Override public State state(Session s) {
        return switch (Position.of(s)) {
            case Position.NotBegun n -> State.of(false, "there is no " + s.rewrite().target());
            case Position.Created c -> s.catalog().table(c.target()).columns().stream().anyMatch(col -> !col.ttl().isEmpty())
                    ? new State(Phase.UNDER_WAY, c.target() + " still has a column TTL")
                    : State.of(true, c.target() + " exists");
            default -> State.of(true, s.rewrite().source() + " has the new keys");
        };
    }

    @Override public void run(Session s) {
        if (state(s).phase() == Phase.DONE) return;
        s.progress().begin(name(), 0);
        s.journal().open();
        var source = s.source();
        if (Original.find(s.journal().entries()).isEmpty())
            s.journal().append(name(), Entry.Event.INTENT, Original.detail(source, s.catalog().dependants(source.name())));
        // of a table that is there only the TTLs that are left: the server refuses to remove one twice
        for (var sql : Position.of(s) instanceof Position.Created ? left(s).sql() : statements(s, source)) s.server().execute(sql, s.queryId("create"), Ddl.CREATING);
        s.journal().append(name(), Entry.Event.DONE, Map.of("target", s.catalog().table(s.rewrite().target()).uuid()));
    }

    @Override public void undo(Session s) {
        if (!(Position.of(s) instanceof Position.Created) && !(Position.of(s) instanceof Position.NotBegun)) return;
        var journal = s.journal().entries();
        if (Original.find(journal).isEmpty()) return;
        if (Back.untrailed(s)) new Back().run(s);
        if (Position.of(s) instanceof Position.Created c) Trailing.rescue(s, c);
        Detached.refuse(s, s.rewrite().target());
        for (var t : Position.swapNames(s)) Detached.refuse(s, t);    // killed behind an EXCHANGE back, one of them was live
        Staging.dropAll(s);
        for (var sql : dropping(s, Position.swapNames(s), Original.of(s))) s.execute("undo-create", sql);
        s.journal().append(name(), Entry.Event.UNDONE, Map.of());
    }

    private static List<String> dropping(Session s, List<TableName> swapNames, Original original) {
        var out = new ArrayList<>(swapNames.stream().map(Staging::dropping).toList());
        out.add(Staging.dropping(s.rewrite().target()));
        out.addAll(MergeHold.releasing(original, s.rewrite().source()));
        // block numbers last: while they are on, what was carried can still be told (DESIGN: exactness 6c)
        out.addAll(original.restore(s.rewrite().source(), Ddl.BLOCK_NUMBERS, Ddl.MUTATIONS_KEPT));
        return out;
    }

    @Override public List<String> undoing(Session s, Position at) {
        boolean now = at.equals(Position.of(s)), begun = Original.find(s.journal().entries()).isPresent();
        if (!(at instanceof Position.Created) && !(at instanceof Position.NotBegun && begun)) return List.of();
        var out = new ArrayList<>(now ? Back.statements(s, at) : List.of());
        if (now && at instanceof Position.Created) out.addAll(Trailing.rescuing(s));
        out.add("-- what was made goes");
        out.addAll(dropping(s, now ? Position.swapNames(s).stream().filter(t -> !Swap.namedAgain(s).contains(t)).toList() : List.of(), Original.known(s)));
        return out;
    }
}
