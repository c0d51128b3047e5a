package rekey.step;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import rekey.clickhouse.Sql;
import rekey.ingestion.HeldTime;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Micros;
import rekey.session.Session;

/// How long hosts had different tables under one name, where the run that exchanged them died in it: from its intent
/// to the moment at which the last host had followed, so a little more than it was. A run that comes behind its
/// exchange has noted it more exactly.
public final class HostsApart {
    private HostsApart() {}

    /// Where hosts differ now: until each has followed.
    public static void until(List<Session> shards, Consumer<Session> followed) {
        boolean differ = shards.stream()
                .anyMatch(s -> unnoted(s).filter(e -> made(e, Position.of(s))).isPresent() && differ(s));
        Shards.all(shards, followed);
        if (differ) note(shards);
    }

    /// Nothing, where all was noted, or shards still differ: then the exchange of the others is to come.
    static void note(List<Session> shards) {
        if (shards.getFirst().everyHost().size() == 1) return;
        if (shards.stream().allMatch(s -> unnoted(s).isEmpty())) return;
        var at = Shards.each(shards, Position::of); // once: behind an EXCHANGE ingestion is held for it
        var begun = shards.stream()
                .flatMap(s -> unnoted(s).filter(e -> made(e, at.get(shards.indexOf(s)))).stream())
                .map(Entry::at)
                .min(Comparator.naturalOrder());
        if (begun.isEmpty() || at.stream().map(HostsApart::swapped).distinct().count() > 1) return;
        var now = Micros.instant(HeldTime.now(shards.getFirst().server()));
        Shards.all(shards, s -> s.journal().append("swap", new Detail.Apart(Duration.between(begun.get(), now))));
    }

    /// The intent of the last exchange, where that was not noted.
    private static Optional<Entry> unnoted(Session s) {
        Entry last = null;
        for (var e : s.journal().entries())
            if (e.detail() instanceof Detail.Exchanging) last = e;
            else if (e.detail() instanceof Detail.Apart) last = null;
        return Optional.ofNullable(last);
    }

    /// Whether the exchange of an intent was made.
    private static boolean made(Entry intent, Position at) {
        boolean back = ((Detail.Exchanging) intent.detail()).back();
        return swapped(at) && !back || at instanceof Position.Created && back;
    }

    private static boolean swapped(Position at) {
        return at instanceof Position.Exchanged || at instanceof Position.Swapped;
    }

    /// A table is the same on two hosts when its path in Keeper is.
    private static boolean differ(Session s) {
        var live = s.rewrite().source();
        var path = "SELECT zookeeper_path AS p FROM system.replicas WHERE database = " + Sql.text(live.database())
                + " AND table = " + Sql.text(live.table());
        var here = s.server().query(path).stream().map(r -> r.string("p")).toList();
        return s.peers().stream()
                .anyMatch(peer -> !peer.query(path).stream()
                        .map(r -> r.string("p"))
                        .toList()
                        .equals(here));
    }
}
