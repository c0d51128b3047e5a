package rekey.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import rekey.clickhouse.Peer;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.session.Session;

/// Of a cluster, what a person types for each host of each shard, in the order that is safe. The migration itself is
/// typed once, on one machine: rekey speaks to all hosts, and by hand a replicated table can't be rewritten. What is
/// typed host by host is the look before and after, and what helps where a host, or rekey's machine, is lost.
///
/// @param jbang a command of rekey's, with the options that find this migration
record RunbookHosts(Session session, Function<String, String> jbang) {
    /// @param copies whether it is the one of its shard that does
    private record Host(int shard, String name, String address, boolean copies) {}

    /// None where there is one host only.
    List<String> sections() {
        if (session.everyPeer().size() == 1) return List.of();
        var source = session.rewrite().source();
        var replica = "database = " + Sql.text(source.database()) + " AND table = " + Sql.text(source.table());
        var name = "database = " + Sql.text(source.database()) + " AND name = " + Sql.text(source.table());
        boolean replicated = session.source().replicated();
        return Stream.of(
                        "## Host by host",
                        "The migration is typed once, on a machine that reaches every host. Below is what is typed for"
                            + " each host: the looks before and after it, and what helps when something is lost. Add"
                            + " port and user of yours.",
                        table(),
                        "### 1. Before, on each host in any order",
                        !replicated
                                ? ""
                                : onEach("SELECT total_replicas, active_replicas, is_readonly, absolute_delay,"
                                        + " queue_size, lost_part_count FROM system.replicas WHERE " + replica),
                        !replicated
                                ? ""
                                : "It is well when both numbers of replicas are those of the host's shard, and the"
                                        + " others are 0; a delay and a queue may be small instead. A host that answers"
                                        + " otherwise is mended before anything is typed on the machine of rekey.",
                        onEach(
                                replicated
                                        ? "SELECT macro, substitution FROM system.macros"
                                        : "SHOW CREATE TABLE " + source.sql()),
                        !replicated
                                ? "It is well when every host answers the same definition."
                                : "It is well when each host has the macros that the table's engine names, and no two"
                                        + " hosts of a shard are one replica by them.",
                        "### 2. The migration, on one machine",
                        "```\n" + jbang.apply("migrate") + " --dry-run\n" + jbang.apply("migrate") + "\n```",
                        """
                        It changes the hosts in this order, of each shard by itself and all shards side by side:

                        - settings and holds of merges: on the others first, on the one that copies last;
                        - the new table: on the one that copies first, then on the others, as replicas of it;
                        - rows: on the one that copies alone; the others fetch its parts;
                        - the pause: on all hosts at once, for they read as one consumer group; so is the reopening;
                        - the exchange: on the one that copies first, then on the others of its shard.\
                        """,
                        "### 3. After the swap, on each host in any order",
                        onEach("SELECT sorting_key, partition_key, sampling_key FROM system.tables WHERE " + name),
                        "They are the new keys on every host. Where one still has the old keys, type the migration"
                            + " again: it finishes that host. Don't exchange tables there by hand, for it is not known"
                            + " there which rows came meanwhile.",
                        replicated
                                ? onEach("SYSTEM SYNC REPLICA " + source.sql(), "SELECT count() FROM " + source.sql())
                                        + "\n\nHosts of one shard answer the same as soon as nobody writes."
                                : "",
                        "### 4. If a host is lost",
                        lost(),
                        "A host whose server only restarts needs nothing: it is waited for. `--host-is-gone` is your"
                            + " word that the host never comes back with the data that it has: stop its server first."
                            + " When the migration is final, its replicas are taken out of Keeper on another host of"
                            + " its shard, and made anew on the new one.",
                        "### 5. If ingestion stands still and no rekey is at hand",
                        "On each host, in any order; each line that it answers is a statement to be run on that same"
                                + " host:",
                        onEach(gates(source)),
                        "Ingestion goes on where no host has such a table any more. Then, on a machine of rekey, " + "`"
                                + jbang.apply("status") + "` says where the migration stands.")
                .filter(text -> !text.isEmpty())
                .toList();
    }

    private List<Host> hosts() {
        var out = new ArrayList<Host>();
        var shards = session.shards();
        for (int n = 0; n < shards.size(); n++) {
            var s = shards.get(n);
            int shard = n + 1;
            var address = s.server().endpoint().host();
            out.add(new Host(shard, s.copying().ofSeveral() ? s.copying().name() : bare(address), address, true));
            for (Peer p : s.peers())
                out.add(new Host(shard, p.name(), p.endpoint().host(), false));
        }
        return out;
    }

    private static String bare(String address) {
        return address.replaceFirst(":\\d+$", "");
    }

    private String table() {
        return "| shard | host | rekey speaks to it at | |\n| --- | --- | --- | --- |\n"
                + hosts().stream()
                        .map(h -> "| " + h.shard + " | " + h.name + " | " + h.address + " | "
                                + (h.copies ? "copies" : "fetches") + " |")
                        .collect(Collectors.joining("\n"));
    }

    /// A line for each host, to be pasted into a shell.
    private String onEach(String... sql) {
        return hosts().stream()
                .flatMap(h -> Stream.of(sql).map(q -> "clickhouse-client --host " + h.name + " --query " + quoted(q)))
                .collect(Collectors.joining("\n", "```\n", "\n```"));
    }

    /// For a shell: names in backticks would be commands there.
    private static String quoted(String sql) {
        return "'" + sql.replace("'", "'\\''") + "'";
    }

    private String lost() {
        return "| lost | what to type |\n| --- | --- |\n"
                + Stream.concat(
                                hosts().stream().map(this::lost),
                                Stream.of("| the machine of rekey | on another one that"
                                        + " reaches all hosts, by whichever of them: `" + jbang.apply("status")
                                        + "`, then `"
                                        + jbang.apply("migrate") + "` or `" + jbang.apply("rollback") + "` |"))
                        .collect(Collectors.joining("\n"));
    }

    private String lost(Host h) {
        boolean alone = hosts().stream().filter(o -> o.shard == h.shard).count() == 1;
        if (alone) return "| " + h.name + " | nothing helps until it is back: its shard has no other host |";
        return "| " + h.name + " | "
                + (h.copies
                        ? "from the first chunk to the first pause nothing: another host of shard " + h.shard
                                + " copies on. Else"
                        : "it is waited for;")
                + " where it never comes back: `" + jbang.apply("migrate") + " --host-is-gone " + h.name + "` |";
    }

    private String gates(TableName source) {
        return "SELECT " + Sql.text("DROP TABLE IF EXISTS " + TableName.quote(source.database()) + ".`")
                + " || name || '` SYNC;' FROM system.tables WHERE"
                + " database = " + Sql.text(source.database()) + " AND startsWith(name, "
                + Sql.text(session.rewrite().gatePrefix()) + ")";
    }
}
