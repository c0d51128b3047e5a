package rekey.step;

import java.time.Duration;
import java.util.List;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.HostsInParallel;
import rekey.copy.AsyncInsertQueue;
import rekey.copy.Peers;
import rekey.model.Mutation;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.ReplayedMutations;
import rekey.session.Session;

/// The exchange of a shard's tables, whose intent has been written down.
///
/// If the server goes away in between, the UUIDs tell a restart how far it came. The table to be exchanged is looked
/// at once more under its new name, under which no older statement knows it.
///
/// @param filled     the table's own name
/// @param once       the name that the table which is to be live has for this moment alone
/// @param uuid       that table's
/// @param live       the live table, as it was looked at before: between the flush and the EXCHANGE each question
///                   more is time in which the server's queue takes INSERTs that it will refuse
/// @param statements those of [Swap#exchanging]
record Exchange(Session session, TableName filled, TableName once, String uuid, Table live, List<String> statements) {
    /// Behind a flush that took no longer, what was looked at right before it still holds: a pause is looked at as
    /// long as it has a second left.
    private static final Duration QUICK = Duration.ofMillis(500);

    /// Host by host. It is not one moment on a cluster: an INSERT through a host that has not exchanged lands in the
    /// old table, and is carried by rounds behind it. How long hosts differed at most is noted.
    static void all(List<Exchange> shards) {
        shards.getFirst().session.control().fence();
        HostsInParallel.all(shards, Exchange::named);
        long flushing = System.nanoTime();
        long begun;
        try {
            HostsInParallel.all(
                    shards,
                    each -> AsyncInsertQueue.flush(
                            each.session, each.session.rewrite().source()));
            HostsInParallel.all(
                    shards.stream().filter(each -> each.live.folds()).toList(), Exchange::mustHaveNoneOpen);
            begun = System.nanoTime();
            if (begun - flushing > QUICK.toNanos()) {
                // the guard may have opened ingestion meanwhile, or another runner have taken over
                HostsInParallel.all(shards, each -> StandingPause.mustStand(each.session));
                shards.getFirst().session.control().fence();
                begun = System.nanoTime();
            }
        } catch (Trouble.PutOff e) {
            // what is tried again knows the table by its own name, and on other hosts it has no other
            HostsInParallel.all(shards, each -> each.session.execute("swap", Ddl.renaming(each.once, each.filled)));
            throw e;
        }
        HostsInParallel.all(shards, Exchange::exchanged);
        long apart = (System.nanoTime() - begun) / 1_000_000;
        var s = shards.getFirst().session;
        if (s.everyHost().size() == 1) return;
        HostsInParallel.all(
                shards, each -> each.session.journal().append("swap", new Detail.Apart(Duration.ofMillis(apart))));
    }

    private void named() {
        session.execute("swap", statements.getFirst());
        if (!session.catalog().uuid(once).orElse("").equals(uuid))
            throw new Trouble.PutOff("Another statement has exchanged or renamed "
                    + session.rewrite().source()
                    + " in this moment, so nothing more was changed: run again, it goes on from where the"
                    + " tables stand.");
    }

    /// Where merges fold rows a mutation can't be made again behind the exchange, and is left to a person. A DELETE
    /// came half a second before one, on a busy machine, behind the last round: its rows were there again.
    ///
    /// @throws Trouble.PutOff where one came since the last round
    private void mustHaveNoneOpen() {
        long upTo = ReplayedMutations.upTo(session.journal().entries(), live.uuid(), uuid)
                .orElse(0);
        var open = session.catalog().mutations(live.name()).stream()
                .filter(m -> m.number() > upTo && !m.isOurs() && !m.harmless())
                .map(Mutation::toString)
                .toList();
        if (!open.isEmpty())
            throw Trouble.PutOff.busy("A mutation was made on " + live.name() + " right before its exchange, so nothing"
                    + " was swapped: " + String.join("; ", open)
                    + ". The next try carries what it changed. Where they keep"
                    + " coming, let them rest for the moment of the swap.");
    }

    private void exchanged() {
        for (var sql : statements.subList(2, statements.size())) session.execute("swap", sql);
        new Peers(session).follow();
    }
}
