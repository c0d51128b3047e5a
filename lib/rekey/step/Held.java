package rekey.step;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.IntStream;
import rekey.clickhouse.Ddl;
import rekey.copy.Direction;
import rekey.copy.MergeHold;
import rekey.ingestion.Gate;
import rekey.model.Table;
import rekey.session.Entry;
import rekey.session.Original;
import rekey.session.Session;

/// The statements by which merges and ingestion are held and given back, as they are printed before they run; and those for a hold that came late.
public final class Held {
    private Held() { }

    /// A table as it will be when its merges have been given back.
    static Table released(Session s, Table held) {
        var own = Original.known(s).settings();
        var settings = new LinkedHashMap<>(held.settings());
        for (var name : List.of(Ddl.HOLD_MERGES, Ddl.FORCED_MERGES)) {
            if (own.containsKey(name)) settings.put(name, own.get(name));
            else settings.remove(name);
        }
        return new Table(held.name(), held.uuid(), held.engine(), held.engineClause(), held.keys(), held.ttl(), settings, held.columns(), held.storagePolicy(), held.rows(), held.bytes(), held.definition());
    }

    static List<String> holding(Direction direction) {
        return List.of("-- merges are held, so that what is new lies in small parts", MergeHold.sql(direction.from().name()), MergeHold.sql(direction.to().name()));
    }

    static List<String> closing(Session s) {
        var ingestion = s.catalog().ingestion(s.rewrite().source());
        var out = new ArrayList<>(ingestion.none() ? List.<String>of() : List.of("-- from here on nothing is read from Kafka; the running batches are awaited"));
        out.addAll(new Gate(s.server(), s.rewrite()).closing(ingestion));
        return out;
    }

    /// Each gate that there will be.
    static List<String> opening(Session s) {
        return IntStream.rangeClosed(1, s.catalog().ingestion(s.rewrite().source()).kafkaTables().size()).mapToObj(n -> new Gate(s.server(), s.rewrite()).opening(s.rewrite().gate(n))).toList();
    }

    /// The statements that give merges back which are held now.
    static List<String> releasing(Session s) {
        var out = new ArrayList<String>();
        if (Original.find(s.journal().entries()).isEmpty()) return out;
        if (MergeHold.held(s.source())) out.addAll(MergeHold.releasing(Original.of(s), s.rewrite().source()));
        if (Position.of(s) instanceof Position.Created c && MergeHold.held(s.catalog().table(c.target()))) out.addAll(MergeHold.releasing(Original.of(s), s.rewrite().target()));
        return out;
    }

    /// A hold whose statement came after all had been taken back: its runner had died, and the statement was still on the way (in the
    /// fault matrix m1.82 it was late by a second). Given back before anything is begun, which would take it for the owner's own.
    public static void releaseLate(Session s) {
        for (var sql : releasingLate(s)) s.execute("release-merges", sql);
    }

    /// The statements that do so; none where there is no such hold.
    public static List<String> releasingLate(Session s) {
        var journal = s.journal().entries(e -> e.step().equals("create") || e.event() == Entry.Event.ROLLED_BACK);
        var last = Original.last(journal).filter(o -> Original.find(journal).isEmpty() && !"1".equals(o.settings().get(Ddl.HOLD_MERGES)));
        var table = s.catalog().find(s.rewrite().source()).filter(t -> MergeHold.held(t) && "0".equals(t.settings().get(Ddl.FORCED_MERGES)));
        if (last.isEmpty() || table.isEmpty() || !table.get().uuid().equals(last.get().uuid())) return List.of();
        return MergeHold.releasing(last.get(), table.get().name());
    }
}
