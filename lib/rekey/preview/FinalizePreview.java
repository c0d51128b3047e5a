package rekey.preview;

import java.util.ArrayList;
import java.util.List;
import rekey.clickhouse.Ddl;
import rekey.session.Entry;
import rekey.session.Original;
import rekey.session.Session;
import rekey.step.Finalize;
import rekey.step.Position;

/// The end, told.
record FinalizePreview(Finalize step) implements Preview {
    @Override
    public Description describe(Session s) {
        var sql = new ArrayList<>(List.of(Ddl.dropping(s.rewrite().backup())));
        sql.addAll(Finalize.restoring(s, Foreseen.original(s)));
        return described(s, sql);
    }

    private static Description described(Session s, List<String> sql) {
        return new Description(
                "Drop the backup " + s.rewrite().backup() + ": from then on there is no way back.", sql, List.of());
    }

    @Override
    public Description left(Session s) {
        var position = Position.of(s);
        boolean finalized = position instanceof Position.Finalized
                && s.journal().last(Entry.Event.FINALIZED).isEmpty();
        if (!(position instanceof Position.Swapped) && !finalized) return Preview.super.left(s);
        var sql = new ArrayList<String>();
        if (!finalized) sql.add(Ddl.dropping(s.rewrite().backup()));
        Original.find(s.journal().entries()).ifPresent(o -> sql.addAll(Finalize.restoring(s, o)));
        return described(s, sql);
    }
}
