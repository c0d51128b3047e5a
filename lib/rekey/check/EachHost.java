package rekey.check;

import java.util.function.Function;
import rekey.check.Check.Level;
import rekey.check.Check.Verdict;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.Peer;
import rekey.model.Trouble;
import rekey.session.Session;

/// Asks every host of a shard the same question. Each host gets all that is attached, but may not have
/// the room that the copier has, and its users, settings, views and consumers are its own. The copier's
/// answer stands, unless another host's is worse; then that host is named.
final class EachHost {
    private EachHost() {}

    static Verdict worst(Check check, Session session, Function<ClickHouse, Verdict> look) {
        var worst = look.apply(session.server());
        var needs = worst.needs();
        for (var said : HostsInParallel.each(session.peers(), peer -> there(check, peer, look, needs)))
            if (said.verdict().compareTo(worst.verdict()) > 0) worst = said;
        return worst;
    }

    private static Verdict there(Check check, Peer peer, Function<ClickHouse, Verdict> look, String needs) {
        Verdict said;
        try {
            said = look.apply(peer.server());
        } catch (Trouble.Failed e) {
            said = Verdict.warning(check, "can't look: " + e.getMessage(), needs, "Look at it by hand.");
        }
        return said.verdict() == Level.OK
                ? said
                : new Verdict(
                        said.name(),
                        said.verdict(),
                        "on host " + peer.name() + " " + said.saw(),
                        said.needs(),
                        said.todo());
    }
}
