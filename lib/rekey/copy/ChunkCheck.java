package rekey.copy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import rekey.clickhouse.UnstoredDefault;
import rekey.model.Part;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Session;

/// Whether the copy of a chunk holds what the source has of it: both sides are summed by the server.
record ChunkCheck(Session session, Direction direction) {
    /// So often two sides are summed between which others keep deleting.
    private static final int LOOKS = 10;

    /// By partition, where they are the same on both sides and there are several: what is known of each is worth
    /// more afterwards than what is known of all. Else all in one, under no name.
    Map<String, Checksum> sums(TableName table, String condition, boolean apart) {
        return Checksum.byPartition(session.server()
                .query(
                        "SELECT " + (apart ? "_partition_id" : "''") + " AS rekey_partition, "
                                + Checksum.columns(direction.to()) + " FROM " + table.sql() + " WHERE " + condition
                                + (apart ? " GROUP BY rekey_partition" : ""),
                        session.queryId("check"),
                        Copier.READ));
    }

    List<Part> parts(Chunk chunk) {
        return session.catalog().parts(direction.from().name(), chunk.slices().keySet());
    }

    /// @param read the parts that were copied; while they stand nothing is summed again
    boolean holdsAll(Chunk chunk, TableName staging, Set<String> read) {
        var condition = chunk.condition();
        return chunk.partNames(parts(chunk)).equals(read)
                || sums(direction.from().name(), condition, false).equals(sums(staging, "1", false))
                || deletedMeanwhile(staging, condition);
    }

    /// Whether a copy differs by rows alone that were deleted meanwhile: the next round deletes them from where they
    /// were carried to.
    boolean deletedMeanwhile(TableName staging, String condition) {
        var open = new OpenDeletes(session, direction);
        var conditions = open.conditions();
        for (int looks = 0; looks < LOOKS && !conditions.isEmpty(); looks++) {
            var spared = OpenDeletes.spared(conditions);
            if (sums(direction.from().name(), condition + " AND " + spared, false)
                    .equals(sums(staging, spared, false))) return true;
            var now = open.conditions();
            if (now.equals(conditions)) return false;
            conditions = now;
        }
        return false;
    }

    Trouble difference(Chunk chunk, Checksum there, Checksum here, boolean still) {
        if (!still)
            return Trouble.PutOff.busy("The parts of " + direction.from().name() + " kept changing while " + chunk
                    + " was copied (there " + there + "; copied " + here + "), so none of it was attached."
                    + " If the run ends with this, run again when its mutations and OPTIMIZEs have ended.");
        var what = "The copy of " + chunk + " differs from " + direction.from().name() + ": there " + there
                + "; copied " + here + ".";
        session.journal().append("attach", new Detail.Poisoned(what));
        var from = session.catalog().table(direction.from().name());
        var unstored = UnstoredDefault.of(session.server(), from);
        if (!unstored.isEmpty())
            return new Trouble.Refused(what + " Nothing was swapped. Its column " + unstored.getFirst()
                    + ", where it has another value at each read: roll back, have it stored ("
                    + String.join("; ", UnstoredDefault.storing(from, unstored)) + "), then run again.");
        return new Trouble.Refused(what + " Nothing was swapped. Look at both with 'verify', then roll back.");
    }
}
