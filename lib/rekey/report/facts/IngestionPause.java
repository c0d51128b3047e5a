package rekey.report.facts;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Entry.Event;

/// One time in which ingestion stood still, from the journal's lines, by the server's clock.
///
/// @param asked  when the gate was closed
/// @param since  the end of the first consumer's last batch; held counts from here
/// @param until  the return of the statement that reopened ingestion; null while it stands still
/// @param heldMs as journaled; null where a guard reopened it, or it stands still
/// @param by     who reopened it: `runner` or `guard`
/// @param shares what the time went into, in its order; together they are `heldMs`
public record IngestionPause(
        String id, Instant asked, Instant since, Instant until, Long heldMs, String by, List<Share> shares) {

    /// @param ms rounded so that the sum of all is that of the whole
    public record Share(String what, Instant from, Instant to, long ms) {}

    /// All holds of a journal.
    ///
    /// @param exchanges when each exchange's last statement had returned, as far as the server's query log tells
    public static List<IngestionPause> of(List<Entry> journal, List<Instant> exchanges) {
        var out = new ArrayList<IngestionPause>();
        for (int i = 0; i < journal.size(); i++)
            if (journal.get(i).detail() instanceof Detail.Held held)
                out.add(of(held, journal.subList(i + 1, journal.size()), exchanges));
        return List.copyOf(out);
    }

    private static IngestionPause of(Detail.Held held, List<Entry> after, List<Instant> exchanges) {
        var id = held.hold();
        var stopped = after.stream()
                .filter(e -> e.detail() instanceof Detail.Paused p && p.hold().equals(id))
                .findFirst();
        var end = after.stream()
                .filter(e -> e.detail() instanceof Detail.Resumed r && r.hold().equals(id))
                .findFirst();
        var resumed = end.map(e -> (Detail.Resumed) e.detail());
        var since = stopped.map(e -> ((Detail.Paused) e.detail()).since())
                .filter(at -> at.isAfter(Instant.EPOCH))
                .orElse(held.asked());
        var until = end.map(e -> resumed.get().resumed().orElse(e.at())).orElse(null);
        var heldMs =
                resumed.flatMap(Detail.Resumed::held).map(Duration::toMillis).orElse(null);
        var shares = until == null || stopped.isEmpty()
                ? List.<Share>of()
                : shares(since, stopped.get().at(), until, after, exchanges);
        return new IngestionPause(
                id,
                held.asked(),
                since,
                until,
                heldMs,
                resumed.map(Detail.Resumed::by).orElse(""),
                shares);
    }

    /// The journal's lines are written by the runner's clock set to the server's, so they may be off by a few ms:
    /// they are kept within the hold.
    private static List<Share> shares(
            Instant since, Instant stopped, Instant until, List<Entry> after, List<Instant> exchanges) {
        var carried = first(after, until, e -> e.is("remaining", Event.DONE) || e.event() == Event.ROUND);
        var last = after.stream()
                .filter(e -> !e.at().isAfter(until) && (e.is("remaining", Event.DONE) || e.event() == Event.ROUND))
                .reduce((a, b) -> b);
        var exchange = first(after, until, e -> e.is("swap", Event.INTENT));
        var out = new ArrayList<Share>();
        var at = add(out, since, "last batches", since, Optional.of(stopped), until);
        if (carried.isPresent()) at = add(out, since, "last round", at, last.map(Entry::at), until);
        if (exchange.isPresent()) at = add(out, since, "last look", at, exchange.map(Entry::at), until);
        var from = at;
        var exchanged = exchanges.stream()
                .filter(x -> exchange.isPresent() && x.isAfter(from) && x.isBefore(until))
                .findFirst();
        if (exchanged.isPresent()) at = add(out, since, "exchange", at, exchanged, until);
        add(
                out,
                since,
                exchange.isEmpty() ? "reopening" : exchanged.isEmpty() ? "exchange and reopening" : "look, reopening",
                at,
                Optional.of(until),
                until);
        return List.copyOf(out);
    }

    private static Optional<Entry> first(List<Entry> after, Instant until, java.util.function.Predicate<Entry> which) {
        return after.stream().filter(e -> !e.at().isAfter(until)).filter(which).findFirst();
    }

    private static Instant add(
            List<Share> out, Instant since, String what, Instant from, Optional<Instant> to, Instant until) {
        var end = to.filter(t -> t.isAfter(from))
                .filter(t -> t.isBefore(until))
                .orElse(to.filter(t -> t.isAfter(from)).isPresent() ? until : from);
        if (end.isAfter(from))
            out.add(new Share(
                    what,
                    from,
                    end,
                    Duration.between(since, end).toMillis()
                            - Duration.between(since, from).toMillis()));
        return end;
    }
}
