package rekey.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import rekey.clickhouse.Sql;
import rekey.ingestion.HeldTime;
import rekey.ingestion.HostGates;
import rekey.migration.Migration;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Entry.Event;
import rekey.session.IngestionHosts;
import rekey.session.Session;
import rekey.step.Position;
import rekey.step.Step;
import rekey.step.Trailing;

/// Where a migration stands, read from the journal and the server by anyone, while it runs or not.
///
/// @param step       the one that runs, else the next; empty when none is left
/// @param state      in a word or two
/// @param rowsDone   carried into the new table and checked
/// @param percent    of the rows, as the line of the run says it; null where none is told, as in a round
/// @param bytesDone  on disk, of these
/// @param etaSeconds to the end of the copy; null when not known
/// @param etaWhy     why it is not known, of a copy that runs; null otherwise
/// @param heldMs     how long ingestion stands still by now, or did the last time; null when it never did
/// @param lag        messages that Kafka has and the table has not; null when not known
/// @param error      the last run's, in full; null when it had none
/// @param allowed    the commands that make sense now
/// @param reopen     while ingestion stands still and nobody runs, or past its deadline: the statements
///                   that reopen it
/// @param reopenAt   and when its guard does so, if that lives; null otherwise
/// @param fed        whether anything feeds the table from Kafka
/// @param hosts      on a cluster, what each host has; rows are those of all shards then, and where the migration
///                   stands is said of the shard that is furthest behind
/// @param apartMs    how long hosts had different tables under one name in the last exchange; null where
///                   there was none
/// @param threads    how many chunks may be under way now and why, where the healthcheck of the run lets it have
///                   fewer than was said; null otherwise
@JsonInclude(JsonInclude.Include.ALWAYS)
public record Status(
        String migration,
        String step,
        MigrationState state,
        long rowsDone,
        long rowsTotal,
        Integer percent,
        long bytesDone,
        Long etaSeconds,
        String etaWhy,
        Long heldMs,
        Long lag,
        String error,
        List<String> allowed,
        String table,
        String runner,
        String since,
        List<String> reopen,
        String reopenAt,
        boolean fed,
        List<HostStatus> hosts,
        Long apartMs,
        String threads) {
    /// With Kafka's lag, which is asked meanwhile.
    public static Status withLag(Session session, Migration migration) {
        var there = session.answering();
        return of(session, there, migration, Lag.asked(there));
    }

    /// @param lag messages; null where they can't be told
    public static Status of(Session session, Migration migration, Long lag) {
        return of(session, session.answering(), migration, () -> lag);
    }

    private static Status of(Session session, Session there, Migration migration, Supplier<Long> lag) {
        var shards = there.shards().stream()
                .map(s -> new Reading(s.glance(), migration))
                .toList();
        var behind =
                shards.stream().min(Comparator.comparingInt(Reading::place)).orElseThrow();
        var hosts = HostStatus.of(session, there);
        return behind.status(lag.get(), shards, hosts);
    }

    /// One of which nothing is known but that it is there.
    ///
    /// @param why in a sentence
    public static Status unreadable(String migration, String why) {
        return new Status(
                migration,
                "",
                MigrationState.UNKNOWN,
                0,
                0,
                null,
                0,
                null,
                null,
                null,
                null,
                why,
                List.of("status"),
                "",
                null,
                null,
                List.of(),
                null,
                false,
                List.of(),
                null,
                null);
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
            holder = RunLock.holder(session)
                    .filter(h -> journal.stream()
                            .filter(e -> e.event() == Event.LOCKED)
                            .reduce((a, b) -> b)
                            .map(e -> h.who().startsWith(e.runner() + " "))
                            .orElse(false));
            gates = HostGates.of(session).standing();
            try {
                position = Position.of(session);
            } catch (Trouble.OutcomeUnknown e) {
                unknown = e.getMessage();
            }
        }

        /// How far it is on its way; one of which nothing is known comes first.
        int place() {
            return switch (position) {
                case null -> 0;
                case Position.NotBegun n -> 1;
                case Position.Created c -> 2;
                case Position.Exchanged e -> 3;
                case Position.Swapped b -> Position.trailed(journal) ? 5 : 4;
                case Position.Finalized f -> 6;
            };
        }

        private long total(long done) {
            return Math.max(
                    done,
                    unknown == null && position instanceof Position.Created
                            ? session.source().rows()
                            : done);
        }

        Status status(Long lag, List<Reading> shards, List<HostStatus> hosts) {
            var state = state();
            var standstill = Standstill.of(session);
            var done = new long[2];
            long total = 0;
            for (var shard : shards) {
                var own = shard.carried();
                done[0] += own[0];
                done[1] += own[1];
                total += shard.total(own[0]);
            }
            var left = left(done[0], total);
            return new Status(
                    migration.name(),
                    step(),
                    state,
                    done[0],
                    total,
                    percent(done[0], total),
                    done[1],
                    left.seconds(),
                    left.why(),
                    held(),
                    lag,
                    error(),
                    allowed(state),
                    session.rewrite().source().toString(),
                    holder.map(RunLock.Holder::toString).orElse(null),
                    journal.isEmpty() ? null : journal.getFirst().at().toString(),
                    standstill.map(Standstill::reopen).orElse(List.of()),
                    standstill.map(Standstill::deadline).map(Instant::toString).orElse(null),
                    lag != null || !IngestionHosts.of(session).none(),
                    hosts,
                    Entry.last(journal, Detail.Apart.class)
                            .map(a -> a.apart().toMillis())
                            .orElse(null),
                    holder.flatMap(h -> Detail.Adapted.last(journal))
                            .map(a -> a.text() + ": " + a.why())
                            .orElse(null));
        }

        MigrationState state() {
            if (unknown != null) return MigrationState.UNKNOWN;
            if (holder.isPresent()) return MigrationState.RUNNING;
            if (!gates.isEmpty()) return MigrationState.PAUSED;
            var end = end();
            return switch (position) {
                case Position.Finalized f -> MigrationState.FINALIZED;
                case Position.Swapped b when Position.trailed(journal) -> MigrationState.SWAPPED;
                case Position.NotBegun n
                when last(Event.ROLLED_BACK).isPresent() && error() == null -> MigrationState.ROLLED_BACK;
                case Position.NotBegun n when end.isEmpty() -> MigrationState.NOT_BEGUN;
                default ->
                    end.filter(e -> e.event() != Event.UNLOCKED).isEmpty()
                            ? MigrationState.BEGUN
                            : stopped(end.get()) ? MigrationState.STOPPED : MigrationState.FAILED;
            };
        }

        /// How the last run ended: UNLOCKED well, FAILED badly, LOCKED without a word.
        Optional<Entry> end() {
            return journal.stream()
                    .filter(e -> e.event() == Event.LOCKED || e.event() == Event.UNLOCKED || e.event() == Event.FAILED)
                    .reduce((a, b) -> b);
        }

        private static boolean stopped(Entry end) {
            return end.detail() instanceof Detail.Failed f && f.stopped();
        }

        String error() {
            if (unknown != null) return unknown;
            if (holder.isPresent()) return null;
            return end().filter(e -> e.event() != Event.UNLOCKED && !asked(e))
                    .map(e -> e.detail() instanceof Detail.Failed f
                            ? f.error()
                            : "The run of " + e.runner() + " ended without a word; its last line is of "
                                    + last(x -> x.runner().equals(e.runner()))
                                            .orElse(e)
                                            .at() + ".")
                    .or(() -> Position.byHand(session))
                    .or(() -> Trailing.uncarried(session).map(rows -> rows + ": migrate carries them."))
                    .orElse(null);
        }

        /// A stop that somebody asked for is no error.
        private static boolean asked(Entry end) {
            return end.detail() instanceof Detail.Failed f
                    && f.stopped()
                    && f.error().matches("(?s)Stopped by (the operator|Ctrl-C)\\b.*");
        }

        String step() {
            if (holder.isPresent()) return last(Event.BEGUN).map(Entry::step).orElse("");
            if (unknown != null) return last(Event.BEGUN).map(Entry::step).orElse("");
            return Plan.left(session, migration).stream()
                    .map(Step::name)
                    .findFirst()
                    .orElse(position instanceof Position.Swapped ? "finalize" : "");
        }

        /// Rows and bytes carried into the table that is or was the target, and what runs now.
        long[] carried() {
            var to =
                    switch (position) {
                        case Position.Created c -> c.targetUuid();
                        case Position.Swapped b ->
                            session.catalog().uuid(session.rewrite().source()).orElse("");
                        case Position.Finalized f ->
                            session.catalog().uuid(session.rewrite().source()).orElse("");
                        case null, default -> "";
                    };
            long[] sum = new long[2];
            for (var e : journal)
                if (e.detail() instanceof Detail.Attached a && !to.isEmpty() && a.to().equals(to)) {
                    sum[0] += a.chunk().rows();
                    sum[1] += a.bytes();
                }
            if (holder.isPresent() && position instanceof Position.Created) sum[0] += running(session);
            return sum;
        }

        /// After the first round nobody knows how much still comes, so no share of it is told. Nor is one of the
        /// copy while another step is at work, of whose own share the run's line tells.
        Integer percent(long done, long total) {
            boolean another = List.of("verify", "optimize").contains(step());
            if (total == 0
                    || holder.isPresent()
                            && (another || position instanceof Position.Created && TimeLeft.inRounds(journal)))
                return null;
            return (int) Math.min(100, done * 100 / total);
        }

        /// Null seconds where none is told, and why.
        TimeLeft left(long done, long total) {
            if (holder.isEmpty() || !(position instanceof Position.Created c)) return TimeLeft.NONE;
            var step = step();
            if (!step.equals("backfill") && !step.equals("verify")) return TimeLeft.NONE;
            var now = Instant.ofEpochMilli(HeldTime.now(session.server()) / 1000);
            return step.equals("verify")
                    ? TimeLeft.ofComparison(journal, c.targetUuid(), done, now)
                    : TimeLeft.of(journal, c.targetUuid(), done, total, now);
        }

        /// The last time, unless that was an earlier attempt's while one runs that has not come to its own.
        Long held() {
            var begun = last(Event.HELD);
            if (begun.isEmpty() || gates.isEmpty() && earlier(begun.get())) return null;
            var hold = (Detail.Held) begun.get().detail();
            var resumed =
                    last(e -> e.detail() instanceof Detail.Resumed r && r.hold().equals(hold.hold()));
            if (resumed.isPresent())
                return ((Detail.Resumed) resumed.get().detail())
                        .held()
                        .orElseGet(() ->
                                Duration.between(begun.get().at(), resumed.get().at()))
                        .toMillis();
            return gates.isEmpty()
                    ? null
                    : HeldTime.now(session.server()) / 1000 - hold.asked().toEpochMilli();
        }

        private boolean earlier(Entry held) {
            return holder.isPresent()
                    && position instanceof Position.Created
                    && last(Event.LOCKED)
                            .filter(e -> !e.runner().equals(held.runner()))
                            .isPresent();
        }

        List<String> allowed(MigrationState state) {
            var out = new ArrayList<String>();
            if (unknown != null) return List.of("status");
            if (state == MigrationState.RUNNING) return List.of("status", "stop", "rollback");
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
                case Position.Finalized f -> {}
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
        return session.server()
                .one("SELECT sum(written_rows) AS n FROM system.processes WHERE query_kind = 'Insert' AND"
                        + " endsWith(query_id, ':copy') AND startsWith(query_id, "
                        + Sql.text(session.queryPrefix()) + ")")
                .number("n");
    }
}
