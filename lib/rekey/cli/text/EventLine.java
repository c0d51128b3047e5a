package rekey.cli.text;

import java.util.Map;
import java.util.TreeMap;
import rekey.model.Amounts;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.LineKeys;
import rekey.session.LinePart;

/// A line of the journal as one for the person who watches, or as JSON.
public final class EventLine {
    private EventLine() {}

    /// Empty for what only a restart needs to know.
    public static String text(Entry e) {
        var says = says(e);
        return says.isEmpty()
                ? ""
                : "%-10s %s"
                        .formatted(
                                e.event() == Entry.Event.RESUMED
                                        ? "resume"
                                        : e.step().isEmpty() || e.step().equals("round") ? "" : e.step(),
                                says)
                        .stripTrailing();
    }

    private static String says(Entry e) {
        return switch (e.detail()) {
            case Detail.Planned p -> "checked and frozen, hash " + p.hash().substring(0, 12);
            case Detail.Round r ->
                "round " + r.round() + ": " + Amounts.count(r.rows(), "row") + " in " + Amounts.time(r.took())
                        + (r.late() > 0 ? ", " + Amounts.rows(r.late()) + " of them late" : "")
                        + r.behind()
                                .filter(n -> n > 0)
                                .map(n -> "; " + Amounts.count(n, "row") + " left out, for their keys have newer ones")
                                .orElse("");
            case Detail.Held h -> "no batch from Kafka is begun any more";
            case Detail.Resumed r ->
                "ingestion goes on"
                        + r.held().map(d -> ", held " + Amounts.time(d)).orElse("");
            case Detail.Verified v ->
                "no difference" + (v.comparison().unchanged() > 0 ? "; " + unchanged(v.comparison()) : "");
            case Detail.Sampled s ->
                "no difference in " + s.comparison().sample().orElse("a sample");
            case Detail.Poisoned p -> "DIFFERENCE: " + p.difference();
            case Detail.Exchanging x -> "exchanging the tables";
            case Detail.Created c -> "the new table is there";
            case Detail.Filled f ->
                Amounts.count(f.rows(), "row") + " in " + Amounts.count(f.rounds(), "round")
                        + "; what is left is small";
            case Detail.Paused p -> "Kafka's consumers stand still";
            case Detail.Remained r -> Amounts.count(r.rows(), "row") + " carried while held";
            case Detail.Exchanged x ->
                "no INSERT older than the exchange runs any more"
                        + x.lateVisible()
                                .filter(d -> d.toMillis() > 0)
                                .map(d -> "; what others wrote in that moment was visible " + Amounts.time(d)
                                        + " later at most")
                                .orElse("");
            case Detail.Drained d ->
                d.left()
                        .filter(n -> n > 0)
                        .map(n -> "ingestion is open; " + Amounts.count(n, "message") + " not read yet")
                        .orElse("ingestion is open");
            case Detail.Optimized o -> Amounts.count(o.partitions(), "partition") + " merged";
            case Detail.PutOff p -> "put off, then tried again: " + p.why();
            case Detail.Health h -> h.health();
            case Detail.Adapted a -> a.text() + " from the next chunk on: " + a.why();
            case Detail.ByHand b -> "LOOK: " + b.what();
            case Detail.NoCopy n -> "LOOK: " + n.why();
            case Detail.Unflushed u -> "LOOK: " + u.what();
            // a batch that fails again and again was journaled, and nobody was told
            case Detail.LagSaid l -> l.what();
            case Detail.UnknownOrder o -> "an order that nobody understands: " + o.order();
            case Detail.ServerBack b -> "the server is back";
            default ->
                switch (e.event()) {
                    case ROLLED_BACK -> "rolled back";
                    case FINALIZED -> "the backup is gone";
                    case UNDONE -> "undone";
                    default -> "";
                };
        };
    }

    private static String unchanged(LinePart.Comparison c) {
        return c.unchanged() + " of " + Amounts.count(c.partitions(), "partition")
                + " unchanged since they were compared, and not compared again";
    }

    public static Map<String, String> json(Entry e) {
        var out = new TreeMap<>(e.text());
        out.keySet().removeAll(LineKeys.LONG);
        out.put("at", e.at().toString());
        out.put("step", e.step());
        out.put("event", e.event().name());
        return out;
    }
}
