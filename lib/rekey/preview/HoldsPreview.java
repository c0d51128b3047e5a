package rekey.preview;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import rekey.clickhouse.Ddl;
import rekey.copy.Direction;
import rekey.copy.MergeHold;
import rekey.copy.Way;
import rekey.ingestion.Gate;
import rekey.ingestion.HostGates;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.session.IngestionHosts;
import rekey.session.Original;
import rekey.session.Session;
import rekey.step.MergeHoldRelease;
import rekey.step.Position;

/// How merges and ingestion are held and given back, told.
final class HoldsPreview {
    private HoldsPreview() {}

    /// A table as it will be when its merges have been given back.
    static Table released(Session s, Table held) {
        var own = Foreseen.original(s).settings();
        var settings = new LinkedHashMap<>(held.settings());
        for (var name : List.of(Ddl.HOLD_MERGES, Ddl.FORCED_MERGES)) {
            if (own.containsKey(name)) settings.put(name, own.get(name));
            else settings.remove(name);
        }
        return with(held, settings);
    }

    /// The same under a hold.
    static Table held(Table own) {
        var settings = new LinkedHashMap<>(own.settings());
        settings.put(Ddl.HOLD_MERGES, "1");
        settings.put(Ddl.FORCED_MERGES, "0");
        return with(own, settings);
    }

    private static Table with(Table t, Map<String, String> settings) {
        return new Table(
                t.name(),
                t.uuid(),
                t.engine(),
                t.engineClause(),
                t.keys(),
                t.ttl(),
                settings,
                t.columns(),
                t.storagePolicy(),
                t.rows(),
                t.bytes(),
                t.definition());
    }

    /// What gives merges back behind a moment: none where they fold rows, for there they stay held, see
    /// [rekey.copy.UnmergedParts].
    ///
    /// @param name that the table has by then
    static List<String> releasing(Session s, Table held, TableName name) {
        return held.folds() ? List.of() : MergeHold.releasing(Foreseen.original(s), name);
    }

    /// Where merges fold rows the copy has held them already, unless another run has given them back since.
    static List<String> holding(Direction direction) {
        return List.of(
                (direction.from().folds() ? RoundsPreview.ONLY_WHERE + "merges go on: they" : "-- merges")
                        + " are held, so that what is new lies in small parts",
                MergeHold.sql(direction.from().name()),
                MergeHold.sql(direction.to().name()));
    }

    static List<String> closing(Session s) {
        var intake = IngestionHosts.of(s);
        var out = new ArrayList<>(
                intake.none()
                        ? List.<String>of()
                        : List.of("-- from here on nothing is read from Kafka; the running batches are awaited"));
        var hosts = HostGates.of(s).hosts();
        IntStream.range(0, hosts.size())
                .boxed()
                .flatMap(n -> new Gate(hosts.get(n).server(), s.rewrite())
                        .closing(intake.hosts().get(n).ingestion()).stream())
                .distinct()
                .forEach(out::add);
        if (!intake.none()) out.addAll(intake.flushing());
        return out;
    }

    /// Each gate that there will be.
    static List<String> opening(Session s) {
        int most = IngestionHosts.of(s).hosts().stream()
                .mapToInt(h -> h.ingestion().kafkaTables().size())
                .max()
                .orElse(0);
        return IntStream.rangeClosed(1, most)
                .mapToObj(n -> HostGates.of(s).opening(s.rewrite().gate(n)))
                .toList();
    }

    /// What ends the pause as it stands now: its gates, then the merges that it holds.
    static List<String> ending(Session s) {
        var out = new ArrayList<>(HostGates.of(s).opening());
        out.addAll(releasingSettled(s));
        return out;
    }

    /// Before merges go on it is settled what a dead runner attached: a merge takes away the parts by which it is
    /// told.
    static List<String> releasingSettled(Session s) {
        if (Original.find(s.journal().entries()).isEmpty()) return List.of();
        return Stream.concat(open(s).stream(), releasing(s).stream()).toList();
    }

    private static List<String> open(Session s) {
        var direction =
                switch (Position.of(s)) {
                    case Position.Created c ->
                        new Direction(
                                s.source(),
                                s.catalog().table(c.target()).named(s.rewrite().target()),
                                Way.FORWARD);
                    case Position.Exchanged e ->
                        new Direction(s.source(), s.catalog().table(e.displaced()), Way.BACK);
                    case Position.Swapped b ->
                        new Direction(s.source(), s.catalog().table(b.backup()), Way.BACK);
                    default -> null;
                };
        if (direction == null) return List.of();
        return Stream.of(direction, direction.reversed())
                .flatMap(d -> new RoundsPreview(s, d, true).open().stream())
                .toList();
    }

    /// The statements that give merges back which are held now. A target under the name of its swap has its own name
    /// again by then.
    static List<String> releasing(Session s) {
        return MergeHoldRelease.tables(s).stream()
                .map(held ->
                        held.equals(s.rewrite().source()) ? held : s.rewrite().target())
                .flatMap((TableName held) -> MergeHold.releasing(Original.of(s), held).stream())
                .toList();
    }
}
