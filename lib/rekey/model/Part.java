package rekey.model;

/// A data part as `system.parts` shows it.
///
/// @param partition the partition's id (not its expression)
/// @param hash      `hash_of_all_files`: the same for a part and for its hard-linked copy in another table, so it
///                  tells which parts of a table are the ones that an ATTACH brought
/// @param bytes     bytes on disk
/// @param masked    whether rows of it were deleted by a lightweight DELETE: it then shows fewer rows than it has
public record Part(
        String name,
        String partition,
        long minBlock,
        long maxBlock,
        long level,
        long rows,
        long bytes,
        String hash,
        boolean masked) {

    public Blocks blocks() {
        return Blocks.of(minBlock, maxBlock);
    }
}
