package rekey.copy;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import rekey.clickhouse.Catalog;
import rekey.model.Blocks;
import rekey.model.Mutation;
import rekey.model.Part;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Session;

/// What the live table's owner did to it since the EXCHANGE, and what can't be made again on rows that ran through
/// that and are still in the displaced table: an UPDATE, a DELETE that does not mean the same at another time, a
/// partition that was dropped, emptied or replaced.
///
/// Attached, a deleted row was there again, or had its old value, and no comparison finds that, for both tables have
/// it. So a person is told, once, before such rows are attached; the next run attaches them.
record UntoldChanges(Session session, Direction direction) {
    private static final String STEP = "untold";

    /// What the owner deleted and changed, but for what a person was told of.
    List<Mutation> ofLive() {
        return new OpenDeletes(session, direction)
                .ofLive().stream()
                        .filter(m -> m.deletes().isPresent() || !isTold(changed(m)))
                        .toList();
    }

    /// @param staging has the rows
    /// @param since   mutations of the live table that may have come behind these rows
    /// @throws Trouble.Refused where a person has not been told of one of them, or of a partition
    void mustBeTold(TableName staging, List<Mutation> since) {
        var untold = new ArrayList<String>();
        for (var m : since) if (m.deletes().isEmpty()) untold.add(changed(m));
        var partitions = session.catalog().parts(staging).stream()
                .map(Part::partition)
                .collect(Collectors.toCollection(TreeSet::new));
        var active = Catalog.blocks(session.catalog().parts(direction.to().name(), partitions));
        var own = Marks.read(
                        session.journal().entries(),
                        direction.to().uuid(),
                        direction.from().uuid())
                .carried();
        partitions.stream()
                .filter(p -> own.containsKey(p)
                        && own.get(p)
                                .intersect(active.getOrDefault(p, Blocks.NONE))
                                .isEmpty())
                .forEach(p -> untold.add("Partition " + p + " of "
                        + direction.to().name()
                        + " was dropped, emptied or replaced since the EXCHANGE. Rows of it that were inserted during"
                        + " the EXCHANGE are still in " + direction.from().name() + " alone. The next run attaches"
                        + " them; if they should go too, DELETE them afterwards."));
        tell(untold.stream().filter(what -> !isTold(what)).toList());
    }

    private String changed(Mutation m) {
        return "On " + direction.to().name() + " a mutation was made since the EXCHANGE that can't be made again"
                + " exactly: " + m + ". Rows that were inserted during the EXCHANGE are still in "
                + direction.from().name() + " alone. The next run attaches them as they are; make the same on them by"
                + " hand afterwards.";
    }

    /// The first time it is waited for a person. Where changes keep coming there would be one more each time, so
    /// later ones are told beside the run.
    private void tell(List<String> untold) {
        if (untold.isEmpty()) return;
        var swapped =
                session.journal().last(e -> e.is("swap", Entry.Event.INTENT)).map(Entry::at);
        boolean first =
                session.journal().entries(e -> e.step().equals(STEP) && e.detail() instanceof Detail.ByHand).stream()
                        .noneMatch(e -> swapped.isEmpty() || e.at().isAfter(swapped.get()));
        // in one statement: killed between two, the others would be told beside the run alone
        session.journal().append(STEP, new Detail.ByHand(String.join(" ", untold)));
        if (first) throw new Trouble.Refused(String.join(" ", untold) + " Run again: this message comes once.");
    }

    private boolean isTold(String what) {
        return Entry.all(session.journal().entries(), Detail.ByHand.class)
                .anyMatch(b -> b.what().contains(what));
    }
}
