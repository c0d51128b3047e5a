package rekey.model;

/// A data part as `system.parts` shows it.
///
/// @param partition the partition's id (not its expression)
/// @param hash      `hash_of_all_files`: the same for a part and for its hard-linked copy in another table, so it tells
///                  which parts of a table are the ones that an ATTACH brought
/// @param bytes     bytes on disk
public record Part(String name, String partition, long minBlock, long maxBlock, long level, long rows, long bytes, String hash) {

    public Blocks blocks() {
        return Blocks.of(minBlock, maxBlock);
    }
}
