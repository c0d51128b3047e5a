package rekey.copy;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import rekey.clickhouse.Sql;
import rekey.model.Blocks;
import rekey.model.Part;
import rekey.model.Table;
import rekey.model.Trouble;
import rekey.session.Session;

/// Rows that somebody attached with numbers of their own, as low as those of carried rows, and that were
/// merged with carried rows before the next round. By their numbers they would count as carried. After
/// the comparison nothing else would have found them: where merges or a TTL drop rows, the number of
/// rows tells nothing.
///
/// Two things tell of them. Of equal rows a ReplacingMergeTree without a version keeps the last, so of the last
/// block that a part was merged from rows stay: where none has its number they have others. And a part that was
/// inserted stores no numbers, for it has one alone; one of a single block that does so was merged before it came.
/// The server shows such a part for some minutes behind its merge.
///
/// @param equal whether the two tables hold the same of what was carried between them; empty where there is no time
///              to ask
record MergedForeignRows(Session session, Direction direction, Optional<Predicate<Direction>> equal) {

    /// @throws Trouble.Refused where rows of such a part were taken for carried ones
    /// @throws Trouble.PutOff  where there is no time now to find out
    void mustNotHideRows(List<Part> parts, Marks marks) {
        var from = direction.from();
        if (!from.replacing() && !expires(from)) return;
        var merged = parts.stream()
                .filter(p -> p.level() > 0 && p.maxBlock() > p.minBlock())
                .filter(p -> {
                    var carried = marks.carried().getOrDefault(p.partition(), Blocks.NONE);
                    return !p.blocks().minus(carried).isEmpty()
                            && !carried.intersect(p.blocks()).isEmpty();
                })
                .toList();
        if (merged.isEmpty()) return;
        var suspect = silent(merged.stream()
                        .filter(p -> !marks.carried().get(p.partition()).contains(p.maxBlock()))
                        .toList())
                .or(() -> numbered(merged, marks));
        if (suspect.isEmpty()) return;
        if (equal.isEmpty())
            throw new Trouble.PutOff("Rows with foreign block numbers may have been attached to " + from.name()
                    + " and merged into part " + suspect.get() + ", so nothing was swapped. That is looked at first.");
        // on the way back all that was carried is compared behind these rounds, and that names the keys
        if (direction.way() == Way.BACK) return;
        if (!equal.get().test(direction))
            throw new Trouble.Refused("Part " + suspect.get() + " of " + from.name()
                    + " was merged with a part whose rows have foreign block numbers: it came from another table, or"
                    + " was detached and attached again. Rows of it were taken for carried ones, and "
                    + direction.to().name() + " lacks them. Nothing was swapped. Copy anew with 'backfill --again', or"
                    + " roll back.");
    }

    private static boolean expires(Table table) {
        return !table.ttl().isEmpty()
                || table.columns().stream().anyMatch(c -> !c.ttl().isEmpty());
    }

    /// A part of which no row has the number of the last block that it was merged from. Where the engine itself may
    /// drop all rows of one (a version, a TTL) that says nothing.
    private Optional<String> silent(List<Part> merged) {
        var from = direction.from();
        if (merged.isEmpty() || !from.versionColumn().isEmpty() || expires(from)) return Optional.empty();
        return session
                .server()
                .query(
                        "SELECT toString(_part) AS rekey_part, max(_block_number) AS rekey_last FROM "
                                + from.name().sql() + " WHERE _part IN "
                                + Sql.list(merged.stream().map(Part::name).collect(Collectors.toSet()))
                                + " GROUP BY rekey_part",
                        session.queryId("count"),
                        Copier.READ)
                .stream()
                .filter(r -> merged.stream()
                        .anyMatch(
                                p -> p.name().equals(r.string("rekey_part")) && r.number("rekey_last") < p.maxBlock()))
                .map(r -> r.string("rekey_part"))
                .findFirst();
    }

    /// A part that one went into which had numbers of its own when it came. One that stands alone in its partition
    /// gets them when it is merged with itself; then it is there without them, too.
    private Optional<String> numbered(List<Part> merged, Marks marks) {
        var name = direction.from().name();
        return session
                .server()
                .query(
                        "SELECT partition_id AS p, min_block_number AS b, argMin(stored, level) AS stored FROM (SELECT"
                                + " partition_id, min_block_number, level, countIf(column = '_block_number') AS stored"
                                + " FROM system.parts_columns WHERE database = " + Sql.text(name.database())
                                + " AND table = " + Sql.text(name.table())
                                + " AND min_block_number = max_block_number AND data_version = min_block_number GROUP"
                                + " BY name, partition_id, min_block_number, level) GROUP BY p, b HAVING stored > 0",
                        session.queryId("count"),
                        Copier.READ)
                .stream()
                .filter(r -> !marks.carried()
                        .getOrDefault(r.string("p"), Blocks.NONE)
                        .contains(r.number("b")))
                .flatMap(r -> merged.stream()
                        .filter(p -> p.partition().equals(r.string("p"))
                                && p.blocks().contains(r.number("b"))))
                .map(Part::name)
                .findFirst();
    }
}
