package rekey.session;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.Peer;
import rekey.clickhouse.Row;
import rekey.clickhouse.Sql;
import rekey.model.TableName;

/// The journals on a shard's other hosts, which get each line too: what was done is known when one of them is lost.
///
/// What has happened is told by the tables too, so its line may still be on the way when the next thing is begun;
/// what is about to happen may not, and those before it come with it. On a slow disk a line takes 50 ms a host, and
/// a round has three.
final class PeerJournals {
    /// Letters of a statement, of which the server takes 256 KiB.
    private static final int MOST = 100_000;

    static final PeerJournals NONE = new PeerJournals(List.of());

    private final List<Peer> peers;
    private CompletableFuture<Void> sending = CompletableFuture.completedFuture(null);

    PeerJournals(List<Peer> peers) {
        this.peers = List.copyOf(peers);
    }

    void create(String sql) {
        for (var peer : peers) peer.execute(sql, UUID.randomUUID().toString(), Ddl.CREATING);
    }

    /// One that failed keeps none behind it from being sent, and is told of with the next that is waited for.
    ///
    /// @throws RuntimeException what a host said that could not have this line or one before it
    void line(String step, Entry.Event event, String insert) {
        if (peers.isEmpty()) return;
        var before = sending;
        boolean happened = event == Entry.Event.ATTACHED
                || event == Entry.Event.ABANDONED
                || event == Entry.Event.DONE && (step.equals("pause") || step.equals("remaining"));
        if (event.onlyTells() || happened) {
            sending = before.handle((_, failed) -> Optional.ofNullable(failed))
                    .thenAcceptAsync(
                            failed -> {
                                send(insert);
                                failed.ifPresent(PeerJournals::rethrow);
                            },
                            Thread::startVirtualThread);
            return;
        }
        sending = CompletableFuture.completedFuture(null);
        try {
            before.join();
        } catch (CompletionException e) {
            send(insert);
            rethrow(e);
        }
        send(insert);
    }

    private static void rethrow(Throwable failed) {
        var why = failed instanceof CompletionException c && c.getCause() != null ? c.getCause() : failed;
        throw why instanceof RuntimeException r ? r : new CompletionException(why);
    }

    private void send(String insert) {
        HostsInParallel.all(
                peers, peer -> peer.execute(insert, UUID.randomUUID().toString(), ClickHouse.LONG));
    }

    /// The lines of a migration that a host has and another not.
    ///
    /// @return of each the values as they stand in an INSERT, some at a time: one line each is one part each
    static List<List<String>> missing(ClickHouse at, Peer from, TableName table, String migration) {
        var lines = "SELECT toUnixTimestamp64Micro(at) AS us, runner, number, step, event, detail FROM " + table.sql()
                + " WHERE migration = " + Sql.text(migration);
        var exists = "EXISTS TABLE " + table.sql();
        var there = new HashSet<>(at.query(exists).getFirst().flag("result") ? at.query(lines) : List.of());
        var out = new ArrayList<List<String>>();
        if (!from.query(exists).getFirst().flag("result")) return out;
        int length = MOST;
        for (var line : from.query(lines)) {
            if (there.contains(line)) continue;
            var values = values(line, migration);
            length += values.length();
            if (length > MOST) {
                out.add(new ArrayList<>());
                length = values.length();
            }
            out.getLast().add(values);
        }
        return out;
    }

    private static String values(Row line, String migration) {
        return "fromUnixTimestamp64Micro("
                + String.join(
                        ", ",
                        line.number("us") + ")",
                        Sql.text(migration),
                        Sql.text(line.string("runner")),
                        "" + line.number("number"),
                        Sql.text(line.string("step")),
                        Sql.text(line.string("event")),
                        Sql.text(line.string("detail")));
    }
}
