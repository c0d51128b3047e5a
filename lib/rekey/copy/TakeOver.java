package rekey.copy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Peer;
import rekey.model.TableName;
import rekey.session.CopyingHost;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.MadeTables;
import rekey.session.Session;

/// Another host of a shard copies from now on, for it was told to, or the one before is away or never comes back.
///
/// It is made in this order, by who has the lock:
/// 1. Lines of the journal that other hosts have are fetched: one that was away through a whole run knew nothing of
///    a swap, and took it back on all hosts.
/// 2. Tables take the names that they have on the host before, or where that is gone on the one that came furthest
///    in an exchange: by the new one's own names a swap would be taken back without its rows.
/// 3. All that any host acknowledged of each table is waited for. An attach that the new host can't see yet would be
///    made again, and doubled when the parts arrive.
/// 4. Staging tables of the host before are dropped: nobody asks for their names on another host. Where it was away
///    they are dropped by the first run that has it again.
public record TakeOver(Session session) {

    /// Before statements of a dead runner are ended, for it is known by its lines.
    ///
    /// @param what is to be run
    /// @throws rekey.session.HostAway where a host is away that it needs
    public void fetch(String what) {
        CopyingHost.mustBeKnown(session);
        if (session.copying().before().isPresent()) {
            session.peers().forEach(session.journal()::fetch);
            session.journal().readsOwn();
        }
        new LeftOutHosts(session).mustBeSpared(what);
    }

    /// @param dropping whether the backup is being dropped, see [Peers#follow(boolean)]
    /// @param undoing  whether the target is being dropped: what only the lost host had of it is waited for in vain
    /// @return what the journal's names are on this host, see [CopyingHost#same()]; run again it does what is left
    public Map<String, String> begin(boolean dropping, boolean undoing) {
        var copying = session.copying();
        if (copying.before().isEmpty()) {
            dropStaging(undoing && neverSwapped());
            return Map.of();
        }
        var before = session.peers().stream()
                .filter(p -> p.name().equals(copying.before().get()))
                .findFirst();
        var peers = new Peers(session);
        var all = Stream.concat(Stream.of(new Peer(copying.name(), session.server())), session.peers().stream())
                .toList();
        var truth = before.orElseGet(() -> furthest(peers, all));
        // what others have besides is left over from a run that they were away from
        var names = peers.named(truth);
        peers.follow(names, all.stream().filter(p -> p != truth).toList(), dropping);
        var same = CopyingHost.same(session, before);
        boolean spare = undoing && before.isEmpty() && neverSwapped();
        var tables = names.paths().entrySet().stream()
                .filter(t -> !spare || !CopyingHost.isTarget(session.rewrite(), t.getValue()))
                .map(t -> session.rewrite().source().sibling(t.getKey()))
                .toList();
        for (TableName table : tables) {
            peers.awaitFetched(table);
            peers.awaitSame(table);
        }
        dropStaging(undoing && neverSwapped());
        return same;
    }

    /// Then each row of the target is in the source.
    private boolean neverSwapped() {
        boolean swapped = false;
        for (var e : session.journal().entries()) {
            if (e.detail() instanceof Detail.Creating) swapped = false;
            if (e.detail() instanceof Detail.Exchanging) swapped = true;
        }
        return !swapped;
    }

    /// Of an exchange, or one back, that some of the hosts made and others not.
    private Peer furthest(Peers peers, List<Peer> all) {
        var swap = Entry.last(session.journal().entries(), Detail.Exchanging.class);
        if (swap.isEmpty()) return all.getFirst();
        return all.stream()
                .filter(host -> isExchanged(peers, host) != swap.get().back())
                .findFirst()
                .orElse(all.getFirst());
    }

    private boolean isExchanged(Peers peers, Peer host) {
        return Optional.ofNullable(
                        peers.named(host).paths().get(session.rewrite().source().table()))
                .filter(path -> CopyingHost.isTarget(session.rewrite(), path))
                .isPresent();
    }

    /// Those of a host that copied before, also of one that was away since. An attach may stand in its queue yet
    /// that takes the parts from there: with them gone they would be lost on all hosts.
    private void dropStaging(boolean undoing) {
        var journal = session.journal().entries();
        boolean settled = false;
        for (var host : session.peers())
            for (var left : new Catalog(host.server())
                    .identities(
                            session.rewrite().source().database(),
                            session.rewrite().stagingPrefix())
                    .entrySet()) {
                if (!MadeTables.isStaging(journal, session.rewrite(), left.getKey(), left.getValue())) continue;
                if (!settled) awaitAttached(undoing);
                settled = true;
                host.execute(Ddl.dropping(left.getKey()), session.queryId("drop-staging"), Map.of());
            }
    }

    /// Nobody needs what is attached to a target that is being dropped.
    private void awaitAttached(boolean undoing) {
        var peers = new Peers(session);
        peers.named(new Peer(session.copying().name(), session.server()))
                .paths()
                .forEach((name, path) -> {
                    if (!undoing || !CopyingHost.isTarget(session.rewrite(), path))
                        peers.awaitAttached(session.rewrite().source().sibling(name));
                });
    }
}
