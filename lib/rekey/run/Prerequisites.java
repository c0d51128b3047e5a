package rekey.run;

import java.util.List;
import java.util.Set;
import rekey.check.Check;
import rekey.check.Checks;
import rekey.check.Privileges;
import rekey.check.Quotas;
import rekey.kafka.KafkaAdmin;
import rekey.kafka.KafkaDenied;
import rekey.kafka.KafkaFailed;
import rekey.migration.Migration;
import rekey.model.Trouble;
import rekey.session.HostAway;
import rekey.session.IngestionHosts;
import rekey.session.Session;
import rekey.step.Position;
import rekey.step.Step;
import rekey.step.Steps;

/// What must have been done before an operation that is run by itself, which `migrate` sees to by its order; and
/// what the user of a run that goes on must be able to.
public final class Prerequisites {
    /// Without these the later ones have nothing to work on; the others look for themselves.
    private static final Set<String> NEEDED = Set.of("create", "backfill", "swap");
    private static final Set<String> ANY_TIME = Set.of("verify", "resume");

    private static final Set<String> OF_COPY = Set.of("plan", "backfill", "verify");

    private Prerequisites() {}

    /// @throws Trouble.Refused when an earlier operation is not done
    public static void of(Session session, Migration migration, Step step) {
        if (ANY_TIME.contains(step.name())) return;
        var now = session.glance(); // nothing changes until it begins
        var order = Steps.flat(migration.steps());
        int place = order.stream().map(Step::name).toList().indexOf(step.name());
        for (var earlier : place < 0 ? order : order.subList(0, place)) {
            if (!NEEDED.contains(earlier.name())) continue;
            var state = earlier.state(now);
            if (state.phase() != Step.Phase.DONE)
                throw new Trouble.Refused(step.name() + " comes after " + earlier.name() + ", which is not done ("
                        + state.saw() + "): run " + earlier.name() + " first, or migrate, which does it all.");
        }
    }

    /// While a host is away those steps alone go on that do without it.
    ///
    /// @param left the shards in which it is not done
    /// @throws HostAway before any other
    static void ofHosts(List<Session> left, Step step) {
        if (OF_COPY.contains(step.name())) return;
        for (var s : left)
            if (!s.copying().leftOut().away().isEmpty())
                throw HostAway.needed(
                        s, "what comes next (" + Steps.flat(step).getFirst().name() + ")");
    }

    /// A run that goes on may be another person's, or have other options: what its user may not do is needed at the
    /// gate, or behind the EXCHANGE. All other checks were made before the first change.
    ///
    /// @throws Trouble.Refused where it may not, or Kafka does not let it in
    public static void ofUser(Session s) {
        if (Position.of(s) instanceof Position.Created) mustPass(s, List.of(new Privileges(), new Quotas()));
    }

    /// The same of a way back from the swap: it pauses and exchanges as the way forward does, and whoever goes back
    /// may be another person. One who lacked a right was told in the pause.
    public static void ofUserGoingBack(Session s) {
        if (Position.of(s) instanceof Position.Swapped) mustPass(s, List.of(new Privileges(true)));
    }

    private static void mustPass(Session s, List<Check> checks) {
        for (var v : Checks.look(s, checks))
            if (v.verdict() == Check.Level.REFUSAL)
                throw new Trouble.Refused("Nothing was changed: " + v.name() + ": " + v.saw() + ". " + v.todo());
        if (s.kafkaConfig().isEmpty()) return;
        for (var kafka : IngestionHosts.of(s).groups())
            try (var _ = KafkaAdmin.connect(kafka.brokers(), s.kafkaConfig())) {
                s.progress().note("");
            } catch (KafkaDenied e) {
                throw new Trouble.Refused("Nothing was changed: " + e.getMessage());
            } catch (KafkaFailed e) {
                s.progress().note(e.getMessage()); // it may be back by the time of the swap
            }
    }
}
