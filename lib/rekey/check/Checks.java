package rekey.check;

import java.time.Duration;
import java.util.List;
import rekey.check.Check.Verdict;
import rekey.check.Check.When;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.ServerGone;
import rekey.kafka.KafkaFailed;
import rekey.session.Session;

/// The checks that are made, and how: each looks by itself, and one that may not look says so and stops no other.
public final class Checks {
    private Checks() {}

    /// Before the first change.
    public static List<Check> before() {
        return before("", List.of());
    }

    /// @param lowestVersion the lowest server version that the migration's definition names; empty for none
    /// @param prior         the migrations that it wants to have ended
    public static List<Check> before(String lowestVersion, List<String> prior) {
        return List.of(
                new ServerVersion(lowestVersion),
                new ServerAbilities(),
                new PriorMigrations(prior),
                new OtherMigrations(),
                new Privileges(),
                new Quotas(),
                new RowPolicies(),
                new SessionSettings(),
                new AtomicDatabase(),
                new TableEngine(),
                new TableDefinition(),
                new Replicas(),
                new Macros(),
                new OtherShards(),
                new TableTtl(),
                new LightweightUpdates(When.BEFORE),
                new CleanupMerges(),
                new UnfinishedMutations(),
                new UnstoredColumns(),
                new DetachedParts(),
                new MisplacedRows(),
                new PartitionsPerInsert(),
                new Deduplication(),
                new FoldedRows(),
                new DeduplicationWindow(),
                new TakenNames(),
                new RefreshableViews(When.BEFORE),
                new Dependants(),
                new OtherWriters(),
                new DistributedQueues(),
                new PartsLimit(When.BEFORE),
                new MergeHoldBudget(When.BEFORE),
                new DiskSpace(When.BEFORE),
                new Feeders(When.BEFORE),
                new KafkaViews(),
                new ConsumerGroup(When.BEFORE),
                new KafkaHeadroom(When.BEFORE));
    }

    /// All along. A warning asks to slow down, a refusal to stop.
    public static List<Check> during() {
        return List.of(
                new DiskSpace(When.DURING),
                new ServerMemory(),
                new PartsLimit(When.DURING),
                new MergeHoldBudget(When.DURING),
                new NewMutations(),
                new LightweightUpdates(When.DURING),
                new ColumnsUnchanged(),
                new DefinitionUnchanged(When.DURING),
                new ReplicationQueue(),
                new KafkaHeadroom(When.DURING));
    }

    /// Right before ingestion is held, side by side, for they take a second: what has changed in Kafka since the
    /// migration began.
    public static List<Check> atSwap() {
        return List.of(
                new ConsumerGroup(When.AT_SWAP),
                new KafkaHeadroom(When.AT_SWAP, Duration.ofMillis(500), Duration.ofMinutes(10)));
    }

    /// What each check says, in the list's order.
    ///
    /// @throws ServerGone when the server that is asked does not answer: then no check can look; while nothing runs
    ///                    yet, and right before ingestion is held, also when another host does not
    public static List<Verdict> look(Session session, List<Check> checks) {
        return checks.stream().map(c -> look(session, c)).toList();
    }

    /// What a person gave for Kafka must be right: a wrong password was a warning, and the run found at its swap,
    /// after the whole copy, that it could not look.
    private static Verdict look(Session session, Check check) {
        try {
            return check.look(session);
        } catch (ServerError e) {
            if (e.code() != ServerError.ACCESS_DENIED
                    && e.code() != ServerError.UNKNOWN_TABLE
                    && e.code() != NOT_IMPLEMENTED) throw e;
            return mayNotLook(check, e);
        } catch (KafkaFailed e) {
            return check.when() == Check.When.BEFORE && !session.kafkaConfig().isEmpty()
                    ? Verdict.refusal(
                            check,
                            e.getMessage(),
                            "a Kafka that answers by what --kafka and --kafka-config say",
                            "Put it right; or leave both out, then the lag may not be known.")
                    : mayNotLook(check, e);
        } catch (ServerGone e) {
            // while it runs, a host that is away hides nothing of the others: the copier's full disk was not seen
            if (check.when() != Check.When.DURING || session.everyPeer().size() == 1) throw e;
            session.server().query("SELECT 1");
            return mayNotLook(check, e);
        }
    }

    private static final int NOT_IMPLEMENTED = 48;

    private static Verdict mayNotLook(Check check, RuntimeException e) {
        return Verdict.warning(
                check,
                "can't look: " + e.getMessage(),
                "to look",
                "Let this user look and run again, or make sure of it by hand.");
    }
}
