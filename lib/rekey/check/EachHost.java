package rekey.check;

import java.util.function.Function;
import rekey.check.Check.Level;
import rekey.check.Check.Verdict;
import rekey.clickhouse.ClickHouse;
import rekey.model.Trouble;
import rekey.session.Session;

/// Asks every host of a shard the same question. Each host gets all that is attached, but may not have
/// the room that the copier has. The copier's answer stands, unless another host's is worse; then that
/// host is named.
final class EachHost {
    private EachHost() {}

    static Verdict worst(Check check, Session session, Function<ClickHouse, Verdict> look) {
        var worst = look.apply(session.server());
        for (var peer : session.peers()) {
            Verdict said;
            try {
                said = look.apply(peer.server());
            } catch (Trouble.Failed e) {
                said = Verdict.warning(check, "can't look: " + e.getMessage(), worst.needs(), "Look at it by hand.");
            }
            if (said.verdict() != Level.OK && said.verdict().compareTo(worst.verdict()) > 0)
                worst = new Verdict(
                        said.name(),
                        said.verdict(),
                        "on host " + peer.name() + " " + said.saw(),
                        said.needs(),
                        said.todo());
        }
        return worst;
    }
}
