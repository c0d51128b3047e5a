package rekey.report;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import rekey.model.Amounts;
import rekey.report.facts.WholeStory;
import rekey.session.Detail;
import rekey.session.Entry;

/// What happened, in the order in which it did, as a person tells it afterwards.
final class Timeline {
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

    private Timeline() {}

    /// Each with its time, the time since the first line, of several shards which of them, and what it was.
    static Document.Grid of(WholeStory story) {
        boolean one = story.shards().size() == 1;
        return new Document.Grid(
                one ? List.of("Time", "#Since", "What happened") : List.of("Time", "#Since", "#Shard", "What happened"),
                story.lines(Timeline::said).stream()
                        .map(line -> {
                            var since = Amounts.time(Duration.between(story.begun(), line.at()));
                            return one
                                    ? List.of(clock(line.at()), since, line.said())
                                    : List.of(clock(line.at()), since, line.shards(), line.said());
                        })
                        .toList(),
                false);
    }

    static String clock(Instant at) {
        return CLOCK.format(at);
    }

    /// Empty for what nobody asks for afterwards.
    static String said(Entry e) {
        return switch (e.detail()) {
            case Detail.Locked l -> "Runner " + e.runner() + " begins: " + l.what();
            case Detail.Unlocked u -> "Runner " + e.runner() + " ends: " + u.what();
            case Detail.Planned p -> "The plan is frozen, hash " + first(p.hash(), 12);
            case Detail.Round r ->
                "Round " + r.round() + ": " + Amounts.count(r.rows(), "row") + " in " + Amounts.time(r.took())
                        + (r.late() > 0
                                ? ", " + Amounts.rows(r.late()) + " of them late, for partitions already copied"
                                : "");
            case Detail.Verified v -> "The whole comparison finds no difference";
            case Detail.Poisoned p -> "A DIFFERENCE is found: " + p.difference();
            case Detail.Held h -> "The gate is closed: no batch from Kafka is begun any more";
            case Detail.Resumed r ->
                "Ingestion goes on"
                        + r.held().map(d -> ", held " + d.toMillis() + " ms").orElse("")
                        + (r.byGuard() ? ": its guard reopened it at the deadline" : "");
            case Detail.Exchanging x -> x.back() ? "The tables are exchanged back" : "The tables are exchanged";
            case Detail.Failed f -> (f.stopped() ? "Stopped in " : "FAILED in ") + f.step() + ": " + f.error();
            case Detail.Order(var order, var argument) -> "Order from outside: " + order + " " + argument;
            case Detail.Health h -> h.health();
            case Detail.Adapted a -> a.text() + " from the next chunk on: " + a.why();
            case Detail.PutOff p -> p.why();
            case Detail.LagSaid l -> l.what();
            case Detail.ServerBack b -> "The server is back (" + b.why() + ")";
            case Detail.Replayed r ->
                "A DELETE that was run on the table meanwhile is run on the new one too: " + r.commands();
            case Detail.Dropped d -> "What was dropped or expired in the table meanwhile is gone from the new one too";
            case Detail.Created c -> "The new table is there";
            case Detail.Filled f ->
                "Backfill: " + Amounts.count(f.rows(), "row") + " in " + Amounts.count(f.rounds(), "round")
                        + "; what is left is small";
            case Detail.Paused p -> "Kafka's consumers stand still";
            case Detail.Remained r -> Amounts.count(r.rows(), "row") + " carried while held";
            case Detail.Exchanged x -> "No INSERT older than the exchange runs any more";
            default -> plain(e);
        };
    }

    private static String plain(Entry e) {
        return switch (e.event()) {
            case BEGUN -> e.step().equals("while paused") || e.step().equals("plan") ? "" : e.step() + " begins";
            case DONE -> e.step() + " is done";
            case UNDONE -> e.step() + " is undone";
            case ROLLED_BACK -> "Rolled back";
            case FINALIZED -> "The backup is dropped";
            default -> "";
        };
    }

    private static String first(String text, int n) {
        return text.substring(0, Math.min(n, text.length()));
    }
}
