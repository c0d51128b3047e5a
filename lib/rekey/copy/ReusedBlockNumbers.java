package rekey.copy;

import java.util.HashMap;
import java.util.List;
import rekey.clickhouse.Sql;
import rekey.model.Part;
import rekey.model.Trouble;
import rekey.session.Session;

/// A block number that the server has given twice, so that new rows were taken for carried ones.
///
/// A plain table counts on from the highest block that it has when it is loaded. Behind a DROP of that one a server
/// that is started anew gives its number again, and so does a `DETACH TABLE` and `ATTACH TABLE` (ran on 26.7), of
/// which no start time tells: the dropped rows were live after the swap and the new ones were not. A part never
/// changes, so one of the name of a part that was read and of another hash is such a part. A replicated table has
/// its numbers from Keeper.
record ReusedBlockNumbers(Session session, Direction direction) {

    /// @param active the parts of the table that is read
    /// @throws Trouble.Refused where one is not the part that was read under its name
    void mustNotBeIn(List<Part> active) {
        if (direction.from().replicated()) return;
        var read = new HashMap<String, String>();
        for (var chunk : CheckedChunk.all(session.journal().entries(), direction))
            for (var part : chunk.read()) {
                int end = part.lastIndexOf('/');
                read.put(part.substring(0, end), part.substring(end + 1));
            }
        active.stream()
                .filter(p -> !read.getOrDefault(p.name(), p.hash()).equals(p.hash()))
                .findFirst()
                .ifPresent(p -> {
                    throw new Trouble.Refused("Part " + p.name() + " of "
                            + direction.from().name()
                            + " is not the one that was carried under this name: the table was detached and attached"
                            + " after a DROP of its last part, and the server gave the block's number again. Nothing"
                            + " more was carried. " + wayOn(p));
                });
    }

    /// Behind an exchange the table that is read is displaced, and the one that is filled is live: there is nothing
    /// to copy anew.
    private String wayOn(Part part) {
        var from = direction.from().name();
        var drop = "ALTER TABLE " + from.sql() + " DROP PART " + Sql.text(part.name());
        return switch (direction.way()) {
            case FORWARD -> "Copy anew with 'backfill --again', or roll back.";
            case BACK -> "INSERT its rows anew, drop that part, and roll back again.";
            case BEHIND_SWAP, BEHIND_SWAP_BACK ->
                "INSERT its rows into the live table: INSERT INTO "
                        + direction.to().name().sql() + " SELECT * FROM " + from.sql() + " WHERE _part = "
                        + Sql.text(part.name()) + "; then drop that part: " + drop + "; then run again.";
        };
    }
}
