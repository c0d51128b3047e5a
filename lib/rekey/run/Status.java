package rekey.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rekey.clickhouse.Sql;
import rekey.ingestion.Gate;
import rekey.ingestion.HeldTime;
import rekey.migration.Migration;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Entry;
import rekey.session.Entry.Event;
import rekey.session.Original;
import rekey.session.Session;
import rekey.step.Position;
import rekey.step.Step;

/// Where a migration stands, read from the journal and the server by anyone, while it runs or not.
///
/// @param step       the one that runs, else the next; empty when none is left
/// @param state      `not begun`, `begun` (an operation ended well, others are left), `running`, `paused` (ingestion stands
///                   still and nobody runs), `stopped`, `failed`, `swapped` (waits for finalize), `finalized`,
///                   `rolled back`, `unknown`
/// @param rowsDone   carried into the new table and checked
/// @param bytesDone  on disk, of these
/// @param etaSeconds to the end of the copy; null when not known
/// @param heldMs     how long ingestion stands still by now, or did the last time; null when it never did
/// @param lag        messages that Kafka has and the table has not; null when not known
/// @param error      the last run's, in full; null when it had none
/// @param allowed    the commands that make sense now
/// @param reopen     while ingestion stands still and nobody runs, or past its deadline: the statements that reopen it
/// @param reopenAt   and when its guard does so, if that lives; null otherwise
@JsonInclude(JsonInclude.Include.ALWAYS)
public record Status(String migration, String step, String state, long rowsDone, long rowsTotal, long bytesDone, Long etaSeconds, Long heldMs,
                     Long lag, String error, List<String> allowed, String table, String runner, String since, List<String> reopen, String reopenAt) {
    /// How long after its deadline a runner or its guard may take to open ingestion.
    private static final Duration GRACE = Duration.ofSeconds(5);

    /// @param lag how to look at Kafka; null where it can't be told
    public static Status of(Session session, Migration migration, Long lag) {
        return new Reading(session, migration).status(lag);
    }

    /// Ingestion that stands still though nobody runs, or past the deadline though a runner shows: the server keeps the lock of one whose
    /// machine vanished without a word. What every command says first.
    ///
    /// @param holder   the runner that shows; null for none
    /// @param deadline when the guard reopens it, or should have, in the moment of the swap too; null where the journal knows of no pause
    public record Standstill(TableName table, Instant since, String holder, Instant deadline, List<String> reopen) {
        public String sentence(Instant now) {
            return "INGESTION OF " + table + " STANDS STILL" + (since == null ? "" : " since " + clock(since)) + (holder == null ? " and no runner is there. " : " though the server still shows its runner (" + holder + "). ")
                    + (deadline == null ? "Nobody else reopens it. " : now.isBefore(deadline) ? "Its guard reopens it at " + clock(deadline) + ". "
                            : "Its guard should have reopened it at " + clock(deadline) + ". ")
                    + "To reopen it now: " + String.join("; ", reopen);
        }

        private static String clock(Instant at) {
            return at.toString().replaceFirst("T", " ").replaceFirst("\\..*|Z$", "") + " UTC";
        }
    }

    public static Optional<Standstill> standstill(Session session) {
        var gate = new Gate(session.server(), session.rewrite());
        var gates = gate.standing();
        if (gates.isEmpty()) return Optional.empty();
        Optional<Entry> held = Optional.empty();
        for (var e : session.journal().fresh("event = 'HELD'")) held = Optional.of(e);
        var deadline = held.map(e -> micros(e.get("deadlineUs")));
        var holder = RunLock.holder(session.server(), session.rewrite().source());
        if (holder.isPresent() && deadline.filter(d -> d.plus(GRACE).isBefore(micros("" + HeldTime.now(session.server())))).isEmpty()) return Optional.empty();
        return Optional.of(new Standstill(session.rewrite().source(), held.map(Entry::at).orElse(null), holder.map(RunLock.Holder::toString).orElse(null),
                deadline.orElse(null), gates.stream().map(gate::opening).toList()));
    }

    private static Instant micros(String us) {
        long n = Long.parseLong(us);
        return Instant.ofEpochSecond(n / 1_000_000, n % 1_000_000 * 1000);
    }

    /// The journal and the server, read once.
    private static final class Reading {
        final Session session;
        final Migration migration;
        final List<Entry> journal;
        final Optional<RunLock.Holder> holder;
        final List<TableName> gates;
        Position position;
        String unknown;

        Reading(Session session, Migration migration) {
            this.session = session;
            this.migration = migration;
            journal = session.journal().entries();
            holder = RunLock.holder(session.server(), session.rewrite().source()).filter(h -> journal.stream()
                    .filter(e -> e.event() == Event.LOCKED).reduce((a, b) -> b).map(e -> h.who().startsWith(e.runner() + " ")).orElse(false));
            gates = new Gate(session.server(), session.rewrite()).standing();
            try {
                position = Position.of(session);
            } catch (Trouble.OutcomeUnknown e) {
                unknown = e.getMessage();
            }
        }

        Status status(Long lag) {
            var state = state();
            var standstill = standstill(session);
            long[] done = carried();
            long total = Math.max(done[0], unknown == null && position instanceof Position.Created ? session.source().rows() : done[0]);
            return new Status(migration.name(), step(), state, done[0], total, done[1], eta(done[0], total), held(), lag, error(),
                    allowed(state), session.rewrite().source().toString(), holder.map(RunLock.Holder::toString).orElse(null),
                    journal.isEmpty() ? null : journal.getFirst().at().toString(),
                    standstill.map(Standstill::reopen).orElse(List.of()), standstill.map(Standstill::deadline).map(Instant::toString).orElse(null));
        }

        String state() {
            if (unknown != null) return "unknown";
            if (holder.isPresent()) return "running";
            if (!gates.isEmpty()) return "paused";
            var end = end();
            return switch (position) {
                case Position.Finalized f -> "finalized";
                case Position.Swapped b when Position.trailed(journal) -> "swapped";
                case Position.NotBegun n when last(Event.ROLLED_BACK).isPresent() && error() == null -> "rolled back";
                case Position.NotBegun n when end.isEmpty() -> "not begun";
                default -> end.filter(e -> e.event() != Event.UNLOCKED).isEmpty() ? "begun" : stopped(end.get()) ? "stopped" : "failed";
            };
        }

        /// How the last run ended: UNLOCKED well, FAILED badly, LOCKED without a word.
        Optional<Entry> end() {
            return journal.stream().filter(e -> e.event() == Event.LOCKED || e.event() == Event.UNLOCKED || e.event() == Event.FAILED).reduce((a, b) -> b);
        }

        private static boolean stopped(Entry end) {
            return end.get("exitCode").equals("4");
        }

        String error() {
            if (unknown != null) return unknown;
            if (holder.isPresent()) return null;
            return end().filter(e -> e.event() != Event.UNLOCKED).map(e -> e.event() == Event.FAILED ? e.get("error")
                    : "The run of " + e.runner() + " ended without a word; its last line is of " + last(x -> x.runner().equals(e.runner())).orElse(e).at() + ".").orElse(null);
        }

        String step() {
            if (holder.isPresent()) return last(Event.BEGUN).map(Entry::step).orElse("");
            if (unknown != null) return last(Event.BEGUN).map(Entry::step).orElse("");
            return Plan.left(session, migration).stream().map(Step::name).findFirst().orElse(position instanceof Position.Swapped ? "finalize" : "");
        }

        /// Rows and bytes carried into the table that is or was the target, and what runs now.
        long[] carried() {
            var to = switch (position) {
                case Position.Created c -> c.targetUuid();
                case Position.Swapped b -> session.catalog().uuid(session.rewrite().source()).orElse("");
                case Position.Finalized f -> session.catalog().uuid(session.rewrite().source()).orElse("");
                case null, default -> "";
            };
            long[] sum = new long[2];
            for (var e : journal) {
                if (e.event() != Event.ATTACHED || to.isEmpty() || !e.get("to").equals(to)) continue;
                sum[0] += Long.parseLong(e.get("rows"));
                sum[1] += Long.parseLong(e.get("bytes"));
            }
            if (holder.isPresent() && position instanceof Position.Created) sum[0] += running(session);
            return sum;
        }

        /// At the rate since the running backfill began.
        Long eta(long done, long total) {
            if (holder.isEmpty() || !(position instanceof Position.Created)) return null;
            var begun = last(e -> e.event() == Event.BEGUN && e.step().equals("backfill"));
            if (begun.isEmpty()) return null;
            long before = journal.stream().filter(e -> e.event() == Event.ATTACHED && e.at().isBefore(begun.get().at())).mapToLong(e -> Long.parseLong(e.get("rows"))).sum();
            long ms = HeldTime.now(session.server()) / 1000 - begun.get().at().toEpochMilli();
            return done <= before || ms <= 0 ? null : Math.round((total - done) * (ms / 1000.0) / (done - before));
        }

        Long held() {
            var begun = last(Event.HELD);
            if (begun.isEmpty()) return null;
            var hold = begun.get().get("hold");
            var resumed = last(e -> e.event() == Event.RESUMED && e.get("hold").equals(hold));
            if (resumed.isPresent()) return resumed.get().get("heldMs").isEmpty()
                    ? Duration.between(begun.get().at(), resumed.get().at()).toMillis() : Long.valueOf(resumed.get().get("heldMs"));
            return gates.isEmpty() ? null : HeldTime.now(session.server()) / 1000 - Long.parseLong(begun.get().get("askedUs")) / 1000;
        }

        List<String> allowed(String state) {
            var out = new ArrayList<String>();
            if (unknown != null) return List.of("status");
            if (state.equals("running")) return List.of("status", "stop", "rollback");
            switch (position) {
                case Position.NotBegun n -> out.addAll(List.of("plan", "precheck", "create", "migrate"));
                case Position.Created c -> {
                    out.addAll(List.of("migrate", step(), "verify", "rollback"));
                    if (!gates.isEmpty()) out.add("resume");
                }
                case Position.Exchanged e -> out.addAll(List.of("migrate", "swap", "rollback"));
                case Position.Swapped b -> {
                    if (!step().equals("finalize")) out.addAll(List.of("migrate", step()));
                    out.addAll(List.of("verify", "finalize", "rollback"));
                }
                case Position.Finalized f -> { }
            }
            return List.copyOf(new java.util.LinkedHashSet<>(out));
        }

        Optional<Entry> last(Event event) {
            return last(e -> e.event() == event);
        }

        Optional<Entry> last(java.util.function.Predicate<Entry> which) {
            return journal.stream().filter(which).reduce((a, b) -> b);
        }
    }

    /// Rows that the running copies of a migration have written by now.
    static long running(Session session) {
        return session.server().one("SELECT sum(written_rows) AS n FROM system.processes WHERE query_kind = 'Insert' AND endsWith(query_id, ':copy') AND startsWith(query_id, "
                + Sql.text(session.queryPrefix()) + ")").number("n");
    }
}
