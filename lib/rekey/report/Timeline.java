package rekey.report;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Stream;
import rekey.run.Amounts;
import rekey.session.Entry;
import rekey.session.Journal;

/// What happened, in the order in which it did, as a person tells it afterwards.
final class Timeline {
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

    private Timeline() { }

    /// Each with its time, the time since the first line, and what it was.
    static List<List<String>> of(Story story) {
        return story.lines().stream().flatMap(e -> said(e).isEmpty() ? Stream.empty()
                : Stream.of(List.of(clock(e.at()), Amounts.time(java.time.Duration.between(story.begun(), e.at())), said(e)))).toList();
    }

    static String clock(Instant at) {
        return CLOCK.format(at);
    }

    private static String said(Entry e) {
        return switch (e.event()) {
            case LOCKED -> "Runner " + e.runner() + " begins: " + e.get("what");
            case UNLOCKED -> "Runner " + e.runner() + " ends: " + e.get("what");
            case PLANNED -> "The plan is frozen, hash " + first(e.get("hash"), 12);
            case BEGUN -> e.step().equals("while paused") || e.step().equals("plan") ? "" : e.step() + " begins";
            case DONE -> done(e);
            case ROUND -> "Round " + e.get("round") + ": " + Amounts.count(Story.number(e, "rows"), "row") + " in " + Amounts.time(java.time.Duration.ofMillis(Story.number(e, "ms")))
                    + (Story.number(e, "late") > 0 ? ", " + Amounts.rows(Story.number(e, "late")) + " of them late, for partitions already copied" : "");
            case VERIFIED -> "The whole comparison finds no difference";
            case POISONED -> "A DIFFERENCE is found: " + e.get("difference");
            case HELD -> "The gate is closed: no batch from Kafka is begun any more";
            case RESUMED -> "Ingestion goes on" + (e.get("heldMs").isEmpty() ? "" : ", held " + e.get("heldMs") + " ms") + (e.get("by").equals("guard") ? ": its guard reopened it at the deadline" : "");
            case INTENT -> e.step().equals("swap") ? (e.get("back").isEmpty() ? "The tables are exchanged" : "The tables are exchanged back") : "";
            case FAILED -> (e.get("exitCode").equals("4") ? "Stopped in " : "FAILED in ") + e.get("step") + ": " + e.get("error");
            case CONTROL -> "Order from outside: " + e.get("order") + " " + e.get("argument");
            case UNDONE -> e.step() + " is undone";
            case ROLLED_BACK -> "Rolled back";
            case FINALIZED -> "The backup is dropped";
            case NOTE -> Stream.of("health", "putOff", "lag").map(e::get).filter(t -> !t.isEmpty()).findFirst().orElse(e.get(Journal.SERVER_BACK).isEmpty() ? "" : "The server is back (" + e.get(Journal.SERVER_BACK) + ")");
            case REPLAYED -> "A DELETE that was run on the table meanwhile is run on the new one too" + (e.get("command").isEmpty() ? "" : ": " + e.get("command"));
            case DROPPED -> "What was dropped or expired in the table meanwhile is gone from the new one too";
            default -> "";
        };
    }

    private static String done(Entry e) {
        return switch (e.step()) {
            case "create" -> "The new table is there";
            case "backfill" -> "Backfill: " + Amounts.count(Story.number(e, "rows"), "row") + " in " + Amounts.count(Story.number(e, "rounds"), "round") + "; what is left is small";
            case "pause" -> "Kafka's consumers stand still";
            case "remaining" -> Amounts.count(Story.number(e, "rows"), "row") + " carried while held";
            case "swap" -> "No INSERT older than the exchange runs any more";
            default -> e.step() + " is done";
        };
    }

    private static String first(String text, int n) {
        return text.substring(0, Math.min(n, text.length()));
    }
}
