package rekey.cli.text;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import rekey.run.Amounts;
import rekey.session.Entry;
import rekey.session.Journal;

/// A line of the journal as one for the person who watches, or as JSON.
public final class EventLine {
    /// Too long for a line, and of use only to a restart.
    private static final Set<String> LONG = Set.of("plan", "planned", "definition", "rewrite", "parts", "dependants", "there");

    private EventLine() { }

    /// Empty for what only a restart needs to know.
    public static String text(Entry e) {
        var says = says(e);
        return says.isEmpty() ? "" : "%-10s %s".formatted(e.event() == Entry.Event.RESUMED ? "resume" : e.step().isEmpty() || e.step().equals("round") ? "" : e.step(), says).stripTrailing();
    }

    private static String says(Entry e) {
        return switch (e.event()) {
            case PLANNED -> "checked and frozen, hash " + e.get("hash").substring(0, 12);
            case ROUND -> "round " + e.get("round") + ": " + Amounts.count(number(e, "rows"), "row") + " in " + time(e, "ms")
                    + (number(e, "late") > 0 ? ", " + Amounts.rows(number(e, "late")) + " of them late" : "");
            case HELD -> "no batch from Kafka is begun any more";
            case RESUMED -> "ingestion goes on" + (e.get("heldMs").isEmpty() ? "" : ", held " + time(e, "heldMs"));
            case VERIFIED -> "no difference" + (number(e, "unchanged") > 0 ? "; " + unchanged(e) : "");
            case SAMPLED -> "no difference in " + e.get("sample");
            case POISONED -> "DIFFERENCE: " + e.get("difference");
            case ROLLED_BACK -> "rolled back";
            case FINALIZED -> "the backup is gone";
            case UNDONE -> "undone";
            case DONE -> done(e);
            case INTENT -> e.step().equals("swap") ? "exchanging the tables" : "";
            case NOTE -> note(e);
            default -> "";
        };
    }

    private static String unchanged(Entry e) {
        return number(e, "unchanged") + " of " + Amounts.count(number(e, "partitions"), "partition") + " unchanged since they were compared, and not compared again";
    }

    private static String done(Entry e) {
        return switch (e.step()) {
            case "create" -> "the new table is there";
            case "backfill" -> Amounts.count(number(e, "rows"), "row") + " in " + Amounts.count(number(e, "rounds"), "round") + "; what is left is small";
            case "pause" -> "Kafka's consumers stand still";
            case "remaining" -> Amounts.count(number(e, "rows"), "row") + " carried while held";
            case "swap" -> "no INSERT older than the exchange runs any more";
            case "resume" -> "all is as it was";
            case "optimize" -> Amounts.count(number(e, "partitions"), "partition") + " merged";
            default -> "";
        };
    }

    private static String note(Entry e) {
        if (!e.get("putOff").isEmpty()) return "put off, then tried again: " + e.get("putOff");
        if (!e.get("health").isEmpty()) return e.get("health");
        for (var act : List.of("byHand", "buffer")) if (!e.get(act).isEmpty()) return "LOOK: " + e.get(act);
        if (!e.get("unknownOrder").isEmpty()) return "an order that nobody understands: " + e.get("unknownOrder");
        if (!e.get(Journal.SERVER_BACK).isEmpty()) return "the server is back";
        return "";
    }

    private static long number(Entry e, String key) {
        return e.get(key).isEmpty() ? 0 : Long.parseLong(e.get(key));
    }

    private static String time(Entry e, String key) {
        return Amounts.time(Duration.ofMillis(number(e, key)));
    }

    public static Map<String, String> json(Entry e) {
        var out = new TreeMap<>(e.detail());
        out.keySet().removeAll(LONG);
        out.put("at", e.at().toString());
        out.put("step", e.step());
        out.put("event", e.event().name());
        return out;
    }
}
