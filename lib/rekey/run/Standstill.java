package rekey.run;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import rekey.ingestion.HeldTime;
import rekey.ingestion.HostGates;
import rekey.model.TableName;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Micros;
import rekey.session.Session;

/// Ingestion that stands still though nobody runs, or past the deadline though a runner shows: the server keeps
/// the lock of one whose machine vanished without a word. What every command says first.
///
/// @param holder   the runner that shows; null for none
/// @param deadline when the guard reopens it, or should have, in the moment of the swap too; null where the
///                 journal knows of no pause
public record Standstill(TableName table, Instant since, String holder, Instant deadline, List<String> reopen) {
    /// How long after its deadline a runner or its guard may take to open ingestion.
    private static final Duration GRACE = Duration.ofSeconds(5);

    public String sentence(Instant now) {
        return "INGESTION OF " + table + " STANDS STILL" + (since == null ? "" : " since " + clock(since))
                + (holder == null
                        ? " and no runner is there. "
                        : " though the server still shows its runner (" + holder + "). ")
                + (deadline == null
                        ? "Nobody else reopens it. "
                        : now.isBefore(deadline)
                                ? "Its guard reopens it at " + clock(deadline) + ". "
                                : "Its guard should have reopened it at " + clock(deadline) + ". ")
                + "To reopen it now: " + String.join("; ", reopen);
    }

    private static String clock(Instant at) {
        return at.toString().replaceFirst("T", " ").replaceFirst("\\..*|Z$", "") + " UTC";
    }

    /// Empty where ingestion goes on, or is held by a runner that has its time.
    public static Optional<Standstill> of(Session asked) {
        var session = asked.answering();
        var gate = HostGates.of(session);
        var gates = gate.standing();
        if (gates.isEmpty()) return Optional.empty();
        var held = session.journal().fresh("event = 'HELD'").stream().reduce((a, b) -> b);
        var deadline =
                held.flatMap(e -> Entry.last(List.of(e), Detail.Held.class)).map(Detail.Held::deadline);
        var holder = RunLock.holder(session);
        if (holder.isPresent()
                && deadline.filter(d -> d.plus(GRACE).isBefore(Micros.instant(HeldTime.now(session.server()))))
                        .isEmpty()) return Optional.empty();
        return Optional.of(new Standstill(
                session.rewrite().source(),
                held.map(Entry::at).orElse(null),
                holder.map(RunLock.Holder::toString).orElse(null),
                deadline.orElse(null),
                gates.stream().map(gate::opening).toList()));
    }
}
