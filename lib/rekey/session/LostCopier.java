package rekey.session;

import java.util.List;
import java.util.Optional;

/// Whether another host of a shard may copy on by itself where the one that copied does not answer.
///
/// Only as long as nobody needs that one: from the first chunk, for by then each host numbers blocks and has the new
/// table, to the first pause, for behind that each host's tables have to be exchanged. What it attached and nobody
/// has fetched is waited for by whoever takes over; what it has of its own is dropped when it is back.
public final class LostCopier {
    private LostCopier() {}

    /// Why none may, as the end of a sentence; empty where one may.
    ///
    /// @param folds whether merges fold the table's rows: parts are the marks then, and merges have to stay held on
    ///              each host for the whole copy
    public static Optional<String> obstacle(List<Entry> journal, boolean folds) {
        if (folds) return Optional.of("merges have to be held on each host while a table of this engine is copied");
        boolean made = false, carried = false, exchanged = false, goesBack = false;
        for (var e : journal)
            switch (e.detail()) {
                case Detail.Creating _ -> made = carried = exchanged = false;
                case Detail.Created _ -> {
                    made = true;
                    carried = false;
                }
                case Detail.Attaching _ -> carried = made;
                case Detail.Exchanging _ -> exchanged = true;
                case Detail.Locked l -> goesBack = l.goesBack();
                default -> {
                    if (e.event() == Entry.Event.ROLLED_BACK
                            || e.event() == Entry.Event.UNDONE
                            || e.event() == Entry.Event.FINALIZED) made = carried = false;
                }
            }
        if (exchanged) return Optional.of("an exchange of the tables was begun");
        if (!carried) return Optional.of("nothing was carried yet");
        if (Entry.pauseInForce(journal).isPresent()) return Optional.of("ingestion was held");
        return goesBack ? Optional.of("a run was going back") : Optional.empty();
    }
}
