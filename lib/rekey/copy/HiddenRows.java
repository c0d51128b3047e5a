package rekey.copy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import rekey.clickhouse.Sql;
import rekey.model.Blocks;
import rekey.model.Part;
import rekey.model.Trouble;
import rekey.session.Session;

/// Rows of parts that are carried whole, and that the copy did not read: a row policy hides them, or they have
/// foreign block numbers, by which they were taken for carried.
///
/// Where one part of a chunk is carried in part, each of the others is counted by itself. As long as that was one
/// question for all of a chunk, nothing was asked there, and a part of another table that was attached behind the
/// comparison was noted as carried without one of its rows; `finalize` dropped them with the backup.
record HiddenRows(Session session, Direction direction) {
    /// So often the parts are looked at between which others keep mutating.
    private static final int LOOKS = 10;

    /// @param here   what was copied
    /// @param active the parts of its partitions
    boolean areIn(Chunk chunk, Checksum here, List<Part> active) {
        return chunk.whole()
                ? here.rows() != chunk.rows()
                : areInParts(chunk, active).orElse(false);
    }

    /// The same of a chunk whose parts were mutated since it was planned, as they are now. A mutation of other rows
    /// gives a part another name and leaves its rows as they are: as long as nothing was asked then, rows with
    /// foreign block numbers were noted as carried beside any DELETE.
    ///
    /// @return empty where they were mutated again at each look
    Optional<Boolean> areInMutated(Chunk chunk) {
        for (int looks = 0; looks < LOOKS; looks++) {
            var found = areInParts(
                    chunk,
                    session.catalog()
                            .parts(direction.from().name(), chunk.slices().keySet()));
            if (found.isPresent()) return found;
        }
        return Optional.empty();
    }

    /// @return empty where the parts changed meanwhile
    private Optional<Boolean> areInParts(Chunk chunk, List<Part> active) {
        var whole = active.stream()
                .filter(p -> !p.masked()
                        && p.rows() > 0
                        && p.blocks()
                                .minus(chunk.slices().getOrDefault(p.partition(), Blocks.NONE))
                                .isEmpty())
                .collect(Collectors.toMap(Part::name, Part::rows));
        if (whole.isEmpty() || read(chunk, whole).equals(whole)) return Optional.of(false);
        var now =
                session.catalog().parts(direction.from().name(), chunk.slices().keySet());
        return chunk.partNames(now).equals(chunk.partNames(active)) ? Optional.of(true) : Optional.empty();
    }

    private Map<String, Long> read(Chunk chunk, Map<String, Long> whole) {
        return session
                .server()
                .query(
                        "SELECT toString(_part) AS rekey_part, count() AS rekey_rows FROM "
                                + direction.from().name().sql() + " WHERE _part IN " + Sql.list(whole.keySet())
                                + " AND " + chunk.condition() + " GROUP BY rekey_part",
                        session.queryId("count"),
                        Copier.READ)
                .stream()
                .collect(Collectors.toMap(r -> r.string("rekey_part"), r -> r.number("rekey_rows")));
    }

    /// @throws Trouble.Refused where they have foreign block numbers, with what to do
    Trouble refused(Chunk chunk, Checksum here) {
        var from = direction.from().name();
        chunk.slices().keySet().forEach(new ForeignBlockNumbers(session, from)::refuse);
        return new Trouble.Refused("The parts of " + chunk + " hold " + chunk.rows() + " rows, and a SELECT from "
                + from + " shows " + here.rows()
                + " of them: a row policy or a setting of user '"
                + session.server().endpoint().user()
                + "' hides rows. Nothing was copied of it; run as a user who sees every row.");
    }
}
