package rekey.session;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rekey.model.Blocks;
import rekey.model.Rewrite;

/// What a line of the journal says beside its event: a record for each kind of line, with types. Its components and
/// their names in the journal are declared here and nowhere else: [DetailText] reads and writes them by that.
/// [Entry#event] and [Entry#step] tell which record it is; a NOTE is told by a key.
/// A component that an older version did not write is optional. A new key is a new component, optional for the same
/// reason; a name that was once written is never changed, and never used for something else.
public sealed interface Detail {
    /// The UUID of the target that a line names.
    default Optional<String> namedTarget() {
        return switch (this) {
            case Naming n -> Optional.of(n.target);
            case Created c -> Optional.of(c.target);
            case Filled f -> Optional.of(f.target);
            case Exchanging x -> x.target.filter(t -> !t.isEmpty());
            default -> Optional.empty();
        };
    }

    default Entry.Event event() {
        return getClass().getAnnotation(LineOf.class).value();
    }

    /// Of one pause: the journal's name for it.
    sealed interface OfHold {
        String hold();
    }

    record Bare(Entry.Event event) implements Detail {}

    /// @param since   from when on this run is spoken to
    /// @param byUuid  this runner names its tables by UUID; one of an older version did not
    /// @param threads the limits it began with
    /// @param copier  of this shard of a cluster, `copiers` of all; `gone` are hosts that never come back, `away`
    ///                those that did not answer
    /// @param same    what this host calls things that lines before name as the host did which copied then
    @LineOf(Entry.Event.LOCKED)
    record Locked(
            String what,
            @Key("sinceUs") Optional<Instant> since,
            boolean byUuid,
            Optional<Integer> threads,
            @Key("chunk") Optional<Long> chunkRows,
            @Key("max-held") Optional<Duration> maxHeld,
            Optional<String> nice,
            Optional<String> copier,
            Optional<Encoded.Words> copiers,
            Optional<Encoded.Words> gone,
            Optional<Encoded.Words> away,
            @Key("same.*") Map<String, String> same)
            implements Detail {
        /// By the name it has for who changes it; empty where an older version did not say.
        public String limit(String name) {
            return switch (name) {
                case "threads" -> threads.map(String::valueOf).orElse("");
                case "chunk" -> chunkRows.map(String::valueOf).orElse("");
                case "max-held" -> maxHeld.map(d -> "" + d.toMillis()).orElse("");
                case "nice" -> nice.orElse("");
                default -> "";
            };
        }

        public boolean goesBack() {
            return what.equals("rollback") || what.startsWith("undo-");
        }

        public Locked(String what) {
            this(what, Optional.empty(), true, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        }

        /// On one host.
        public Locked(
                String what,
                Optional<Instant> since,
                boolean byUuid,
                Optional<Integer> threads,
                Optional<Long> chunkRows,
                Optional<Duration> maxHeld,
                Optional<String> nice) {
            this(
                    what,
                    since,
                    byUuid,
                    threads,
                    chunkRows,
                    maxHeld,
                    nice,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Map.of());
        }
    }

    @LineOf(Entry.Event.UNLOCKED)
    record Unlocked(String what) implements Detail {}

    /// @param plan as JSON
    @LineOf(Entry.Event.PLANNED)
    record Planned(String hash, Definition definition, String plan, Optional<Rewrite> rewrite) implements Detail {}

    /// @param step     that was under way
    /// @param exitCode 4 for a run that was stopped; the first versions did not say
    @LineOf(Entry.Event.FAILED)
    record Failed(String error, String step, Optional<Integer> exitCode) implements Detail {
        public Failed(String error, String step, int exitCode) {
            this(error, step, Optional.of(exitCode));
        }

        public boolean stopped() {
            return exitCode.equals(Optional.of(4));
        }
    }

    /// The old table, as it was before the first change.
    /// @param dependants as they stand in a statement
    /// @param lostParts  that a replicated table had lost by then
    /// @param settings   of those that rekey changes for a time, the ones that its owner had set
    @LineOf(value = Entry.Event.INTENT, step = "create")
    record Creating(
            String uuid,
            Optional<String> sourceTable,
            String definition,
            Optional<Definition> planned,
            Encoded.Names dependants,
            Optional<Long> lostParts,
            @Key("setting.*") Map<String, String> settings)
            implements Detail {}

    /// The UUID that the next target will have.
    @LineOf(value = Entry.Event.INTENT, step = "create-target")
    record Naming(String target, String name) implements Detail {}

    @LineOf(value = Entry.Event.DONE, step = "create")
    record Created(String target) implements Detail {}

    /// Of a chunk that is attached.
    sealed interface OfChunk extends Between {
        LinePart.Staged chunk();

        @Override
        default String from() {
            return chunk().from();
        }

        @Override
        default String to() {
            return chunk().to();
        }
    }

    /// @param read the parts it was read from, by name and hash; `parts` are the staging table's, by what they hold
    /// @param sums of each partition, where there are several: its id, rows, sum and xor
    @LineOf(value = Entry.Event.INTENT, step = "attach")
    record Attaching(
            LinePart.Staged chunk,
            Encoded.Words parts,
            Optional<Encoded.Words> read,
            Optional<String> columns,
            Optional<Encoded.Words> sums)
            implements Detail, OfChunk {}

    /// @param own  the blocks that it has in the table that was filled
    /// @param came the parts that it came as, where merges fold rows
    @LineOf(Entry.Event.ATTACHED)
    record Attached(LinePart.Staged chunk, Map<String, Blocks> own, long bytes, Optional<Encoded.Words> came)
            implements Detail, OfChunk {}

    @LineOf(Entry.Event.ABANDONED)
    record Abandoned(LinePart.Staged chunk, Map<String, Blocks> own, long bytes) implements Detail, OfChunk {}

    /// @param number of the mutation of the table that is read
    /// @param own    of the one by which it was made on the other, 0 for none; `untold` where both held the same
    @LineOf(Entry.Event.REPLAYED)
    record Replayed(String from, String to, long number, long own, String commands, boolean untold)
            implements Detail, Between {}

    @LineOf(Entry.Event.DROPPED)
    record Dropped(String from, String to, String why, Map<String, Blocks> slices, Map<String, Blocks> own)
            implements Detail, Between {}

    @LineOf(Entry.Event.ROUND)
    record Round(
            String from,
            String to,
            int round,
            long rows,
            long late,
            Optional<Long> behind,
            @Key("ms") Duration took) implements Detail, Between {}

    @LineOf(value = Entry.Event.DONE, step = "backfill")
    record Filled(String target, int rounds, long rows) implements Detail {}

    @LineOf(Entry.Event.HELD)
    record Held(
            String hold,
            @Key("askedUs") Instant asked,
            @Key("deadlineUs") Instant deadline) implements Detail, OfHold {}

    /// @param since     nothing is read from Kafka
    /// @param committed by the consumer groups
    @LineOf(value = Entry.Event.DONE, step = "pause")
    record Paused(
            String hold,
            @Key("sinceUs") Instant since,
            @Key("askedUs") Instant asked,
            Optional<String> committed) implements Detail, OfHold {}

    /// @param by the runner or its guard
    @LineOf(Entry.Event.RESUMED)
    record Resumed(
            String hold,
            String by,
            @Key("heldMs") Optional<Duration> held,
            @Key("pauseMs") Optional<Duration> paused,
            @Key("resumedUs") Optional<Instant> resumed,
            Optional<String> why)
            implements Detail, OfHold {
        public boolean byGuard() {
            return by.equals("guard");
        }
    }

    @LineOf(value = Entry.Event.DONE, step = "remaining")
    record Remained(long rows) implements Detail {}

    /// @param as    the name that the table which is to be live has for this moment
    /// @param hosts both tables' UUIDs on each other host
    @LineOf(value = Entry.Event.INTENT, step = "swap")
    record Exchanging(
            Optional<String> source,
            Optional<String> target,
            String as,
            boolean back,
            @Key("host.*") Map<String, String> hosts)
            implements Detail {}

    @LineOf(value = Entry.Event.DONE, step = "swap")
    record Exchanged(String displaced, @Key("lateVisibleMs") Optional<Duration> lateVisible) implements Detail {}

    /// Of what waited in Kafka; versions before it was read said that ingestion was resumed, and no more.
    @LineOf(value = Entry.Event.DONE, step = "resume")
    record Drained(
            Optional<Long> waited,
            Optional<Long> left,
            @Key("drainMs") Optional<Duration> drain) implements Detail {
        public Drained(long waited, long left, Duration drain) {
            this(Optional.of(waited), Optional.of(left), Optional.of(drain));
        }
    }

    @LineOf(value = Entry.Event.DONE, step = "optimize")
    record Optimized(int partitions) implements Detail {}

    /// @param by what it is known by
    @LineOf(Entry.Event.COMPARED)
    record Compared(
            String from,
            String to,
            String partition,
            String seal,
            Optional<String> by,
            long rows,
            String sum,
            String xor)
            implements Detail, Between {}

    @LineOf(Entry.Event.VERIFIED)
    record Verified(LinePart.Comparison comparison) implements Detail {}

    @LineOf(Entry.Event.SAMPLED)
    record Sampled(LinePart.Comparison comparison) implements Detail {}

    @LineOf(Entry.Event.POISONED)
    record Poisoned(String difference, Optional<LinePart.Comparison> comparison) implements Detail {
        public Poisoned(String difference) {
            this(difference, Optional.empty());
        }
    }

    @LineOf(Entry.Event.CONTROL)
    record Order(String order, String argument) implements Detail {}

    /// @param heldLag the lag at moments of a hold
    @LineOf(Entry.Event.SAMPLE)
    record Sample(
            Optional<Long> lag,
            Optional<String> throttled,
            @Key("live.rows") Optional<Long> liveRows,
            @Key("live.parts") Optional<Encoded.Counts> liveParts,
            @Key("target.rows") Optional<Long> targetRows,
            @Key("target.parts") Optional<Encoded.Counts> targetParts,
            @Key("backup.rows") Optional<Long> backupRows,
            @Key("backup.parts") Optional<Encoded.Counts> backupParts,
            Optional<Encoded.Readings> heldLag)
            implements Detail {}

    /// For people, and for a few who look whether it was said.
    sealed interface Note extends Detail {}

    /// How long a step took.
    @LineOf(value = Entry.Event.NOTE, by = "ms")
    record Took(@Key("ms") Duration took) implements Note {}

    @LineOf(value = Entry.Event.NOTE, by = "putOff")
    record PutOff(@Key("putOff") String why) implements Note {}

    /// This runner's server was away and forgot its lock: it takes the migration anew.
    @LineOf(value = Entry.Event.NOTE, by = "serverBack")
    record ServerBack(@Key("serverBack") String why) implements Note {}

    @LineOf(value = Entry.Event.NOTE, by = "health")
    record Health(String health) implements Note {}

    /// How many chunks may be under way from now on.
    ///
    /// @param now     at most `threads`
    /// @param threads as they were said
    /// @param why     what the healthcheck saw
    @LineOf(value = Entry.Event.NOTE, by = "lanes")
    record Adapted(@Key("lanes") int now, int threads, String why) implements Note {
        public boolean fewer() {
            return now < threads;
        }

        /// As `1 of 2 threads`.
        public String text() {
            return now + " of " + threads + " threads";
        }

        /// What the last run may have under way now; empty where that is what was said.
        public static Optional<Adapted> last(List<Entry> journal) {
            return journal.stream()
                    .filter(e -> e.detail() instanceof Adapted || e.event() == Entry.Event.LOCKED)
                    .reduce((a, b) -> b)
                    .flatMap(e -> e.detail() instanceof Adapted a && a.fewer() ? Optional.of(a) : Optional.empty());
        }
    }

    @LineOf(value = Entry.Event.NOTE, by = "text")
    record Text(String text) implements Note {}

    /// The journal's local copy can't be written.
    @LineOf(value = Entry.Event.NOTE, by = "noCopy")
    record NoCopy(@Key("noCopy") String why) implements Note {}

    /// What is left to its owner.
    @LineOf(value = Entry.Event.NOTE, by = "byHand")
    record ByHand(@Key("byHand") String what) implements Note {}

    @LineOf(value = Entry.Event.NOTE, by = "unknownOrder")
    record UnknownOrder(@Key("unknownOrder") String order) implements Note {}

    /// How long the hosts differed in an exchange.
    @LineOf(value = Entry.Event.NOTE, by = "apartMs")
    record Apart(@Key("apartMs") Duration apart) implements Note {}

    /// What a trailing round brought, and how long it was not to be seen.
    @LineOf(value = Entry.Event.NOTE, by = "lateVisibleMs")
    record CameLate(@Key("lateVisibleMs") Duration lateVisible, long rows) implements Note {}

    /// A Buffer table that could not be flushed.
    @LineOf(value = Entry.Event.NOTE, by = "buffer")
    record Unflushed(@Key("buffer") String what) implements Note {}

    /// Kafka's offsets were changed in a pause.
    @LineOf(value = Entry.Event.NOTE, by = "moved")
    record Moved(@Key("moved") String what, String hold) implements Note, OfHold {}

    /// What is said of a lag that can't be seen, or does not come down.
    @LineOf(value = Entry.Event.NOTE, by = "lag")
    record LagSaid(@Key("lag") String what) implements Note {}

    /// Messages were skipped, or are read again: said once.
    @LineOf(value = Entry.Event.NOTE, by = "offsets")
    record OffsetsBroken(@Key("offsets") String what) implements Note {}
}
