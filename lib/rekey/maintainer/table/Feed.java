package rekey.maintainer.table;

/// The way in which rows come to a drawn table while it is migrated.
enum Feed {
    /// None do.
    NONE(true),
    /// One writer's INSERTs.
    ONE(true),
    /// Those of three writers.
    SEVERAL(false),
    /// INSERTs that the server gathers.
    ASYNC(false),
    /// A view of a table that keeps nothing.
    VIEW(true),
    /// A Buffer table before it.
    BUFFER(true),
    /// One writer's INSERTs, and DELETEs among them.
    DELETES(true),
    /// Kafka, a topic of one partition.
    KAFKA(true);

    /// Whether rows come in the order in which they were sent.
    final boolean inOrder;

    Feed(boolean inOrder) {
        this.inOrder = inOrder;
    }
}
