package rekey.copy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import rekey.model.Blocks;
import rekey.model.Part;
import rekey.model.Table;
import rekey.model.Trouble;
import rekey.session.Session;

/// How rekey tells which rows of a table came since the last round. There are two ways: numbers of
/// blocks that each row keeps, and parts that are not merged meanwhile.
public sealed interface Arrivals permits BlockNumbers, UnmergedParts {

    /// The one that is exact for a table.
    static Arrivals of(Session session, Table table) {
        return table.folds() ? new UnmergedParts(session) : new BlockNumbers(session);
    }

    /// Why it is this one, for the plan.
    static String why(Table table) {
        return table.folds()
                ? "parts: a merged row of " + table.engine() + " keeps an older block number, so merges of "
                        + table.name() + " are held while it is copied, and what came since a round is told by its"
                        + " parts, exactly"
                : "_block_number: exact, for each row of " + table.engine()
                        + " keeps the number of the block it came in, through merges and mutations";
    }

    /// What was carried and is gone from the active parts, by partition.
    static Map<String, Blocks> missing(Map<String, Blocks> carried, Map<String, Blocks> active) {
        var missing = new TreeMap<String, Blocks>();
        carried.forEach((partition, blocks) ->
                missing.put(partition, blocks.minus(active.getOrDefault(partition, Blocks.NONE))));
        missing.values().removeIf(Blocks::isEmpty);
        return missing;
    }

    /// @param active by partition
    /// @param wayOn  what is to be done, in sentences
    /// @throws Trouble.Refused where the table has patch parts
    static void mustHaveNoPatches(Table table, Map<String, Blocks> active, String wayOn) {
        active.keySet().stream().filter(p -> p.startsWith("patch-")).findFirst().ifPresent(p -> {
            throw new Trouble.Refused(table.name() + " got a lightweight UPDATE during the migration (partition " + p
                    + "), which changes rows that were carried and leaves no mutation to wait for. " + wayOn);
        });
    }

    /// Makes it exact on the source, before anything is carried. May be made twice.
    void enable();

    /// Looks whether what has been carried can still be told from what came since.
    ///
    /// @param swapped whether it is the live table of a way back
    /// @param carried by partition
    /// @param active  by partition, the blocks of the active parts now
    /// @return blocks that were carried and are gone from the table, by partition; see [VanishedBlocks]
    /// @throws Trouble.Refused when rows may have been changed or renumbered behind rekey's back
    Map<String, Blocks> vanished(Table table, boolean swapped, Map<String, Blocks> carried, Map<String, Blocks> active);

    /// The partitions of which what was carried can't be told any more from the rest, or is no longer as
    /// it was carried.
    ///
    /// @param parts the active ones of the table that is read
    Set<String> merged(Direction direction, List<Part> parts);
}
