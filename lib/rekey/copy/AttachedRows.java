package rekey.copy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import rekey.clickhouse.Ddl;
import rekey.model.Blocks;
import rekey.model.Part;
import rekey.session.LinePart;
import rekey.session.Session;

/// Tells by a chunk's rows whether it was attached, where its parts are gone, for example merged by
/// somebody's OPTIMIZE. After the swap the filled table is the live one, and can't be dropped to
/// begin anew.
record AttachedRows(Session session, Direction direction) {

    /// The blocks by which all rows of a chunk came into the filled table, or none of them did.
    ///
    /// @param fresh the parts that have rows which came into it since
    /// @return none for an attach that has not happened; empty where rows tell nothing either: there are some of
    ///         the chunk, or more, its rows are no longer those that were copied, or rows may have been deleted or
    ///         displaced since
    Optional<Map<String, Blocks>> blocks(LinePart.Staged intent, List<Part> fresh) {
        if (!"1".equals(direction.to().settings().get(Ddl.BLOCK_NUMBERS))) return Optional.empty();
        var carried = new Checksum(intent.rows(), intent.sum(), intent.xor());
        if (!whole(intent, carried).equals(sum(chunk(intent)))) return Optional.empty();
        var found = sum(there(intent));
        if (found.equals(carried)) return Optional.of(numbers(there(intent)));
        return found.rows() == 0 && whole(intent, fresh) ? Optional.of(Map.of()) : Optional.empty();
    }

    /// Of all rows of the chunk: some may have stayed out, see [NewerRows].
    private static Checksum whole(LinePart.Staged intent, Checksum carried) {
        return intent.whole().map(w -> new Checksum(w.rows(), w.sum(), w.xor())).orElse(carried);
    }

    /// Whether no row of the filled table can be gone or changed since. A mutation's part has one number
    /// more in its name.
    private boolean whole(LinePart.Staged intent, List<Part> fresh) {
        long seen = intent.mutations().orElseGet(() -> intent.witness().table());
        return !direction.collapses()
                && direction.to().ttl().isEmpty()
                && direction.to().columns().stream().allMatch(c -> c.ttl().isEmpty())
                && fresh.stream()
                        .allMatch(p -> p.name().endsWith("_" + p.minBlock() + "_" + p.maxBlock() + "_" + p.level()))
                && session.catalog().mutations(direction.to().name()).stream().noneMatch(m -> m.number() > seen);
    }

    /// What stands behind FROM for the rows of the chunk in the table that was read.
    String chunk(LinePart.Staged intent) {
        return direction.from().name().sql() + " WHERE "
                + Chunk.of(intent.slices()).condition();
    }

    /// The same for those of them that came into the filled table since.
    String there(LinePart.Staged intent) {
        return direction.to().name().sql() + " WHERE "
                + intent.witness().condition() + " AND " + hash()
                + " IN (SELECT " + hash() + " FROM " + chunk(intent) + ")";
    }

    private String hash() {
        return Checksum.hash(
                direction.to().storedColumns().stream().map(Checksum::value).toList());
    }

    private Checksum sum(String fromWhere) {
        return Checksum.of(session.server()
                .query(
                        "SELECT " + Checksum.columns(hash()) + " FROM " + fromWhere,
                        session.queryId("trace"),
                        Copier.READ)
                .getFirst());
    }

    private Map<String, Blocks> numbers(String fromWhere) {
        var out = new TreeMap<String, Blocks>();
        for (var r : session.server()
                .query(
                        "SELECT DISTINCT _partition_id AS rekey_partition, _block_number AS rekey_block FROM "
                                + fromWhere,
                        session.queryId("trace"),
                        Copier.READ))
            out.merge(
                    r.string("rekey_partition"),
                    Blocks.of(r.number("rekey_block"), r.number("rekey_block")),
                    Blocks::plus);
        return out;
    }
}
