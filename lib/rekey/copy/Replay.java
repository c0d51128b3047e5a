package rekey.copy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import rekey.model.Mutation;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Entry;
import rekey.session.Replayed;
import rekey.session.Session;

/// Mutations that others make on a table while it is carried. A DELETE is made on the other table too, so that erasing a
/// person's data goes on through a migration of days; what can't be made again exactly stops the migration.
///
/// It is exact because a mutation changes rows of blocks below its own number only, and is looked for after the parts of a
/// round were listed: whatever has been carried by then is of lower blocks, and the same condition means the same rows.
/// It is awaited on the one table before it is made on the other, so rows of lower blocks that are carried later come
/// without what it deleted. Killed in between it is made again, which changes nothing.
///
/// What can't be made again may have been made on the other table by its owner: then both hold the same.
///
/// @param equal whether the two tables hold the same of what was carried between them; empty where there is no time to ask
record Replay(Session session, Direction direction, Optional<Predicate<Direction>> equal) {

    /// Takes account of every mutation that was not seen before.
    ///
    /// @param held whether ingestion stands still: then there is no time for it
    /// @return whether there were any: then the parts must be listed anew
    /// @throws Trouble.Refused when one can't be made on the other table
    /// @throws Trouble.PutOff  when there is no time for it now
    boolean catchUp(boolean held) {
        var upTo = Replayed.upTo(session.journal().entries(), direction.from().uuid(), direction.to().uuid());
        var fresh = session.catalog().mutations(direction.from().name()).stream().filter(m -> m.number() > upTo.orElse(0)).toList();
        if (fresh.isEmpty()) return false;
        // may take its time, and changes nothing that is carried: rekey's own MATERIALIZE TTL after a swap is one
        if (upTo.isPresent() && fresh.stream().allMatch(Mutation::harmless)) {
            note(fresh, 0);
            return true;
        }
        if (direction.to().name().equals(session.rewrite().source())) {
            tooLate(fresh);
            return false;
        }
        if (held || upTo.isPresent() && MergeHold.held(direction.from())) throw new Trouble.PutOff("A mutation was made on " + direction.from().name()
                + " in this moment, so nothing was swapped: " + fresh.getLast() + ". It is taken account of first.");
        awaitDone(fresh.getLast().number());
        if (upTo.isPresent()) again(fresh);
        note(fresh, newest());
        return true;
    }

    static String deleting(TableName to, String condition) {
        return "ALTER TABLE " + to.sql() + " DELETE WHERE " + condition + " SETTINGS mutations_sync = 0";
    }

    /// The statements by which the next round would make again what it finds now; none where one of them can't be made again.
    List<String> due() {
        var upTo = Replayed.upTo(session.journal().entries(), direction.from().uuid(), direction.to().uuid());
        if (upTo.isEmpty() || direction.to().name().equals(session.rewrite().source())) return List.of();
        var fresh = session.catalog().mutations(direction.from().name()).stream().filter(m -> m.number() > upTo.getAsLong()).toList();
        if (fresh.stream().anyMatch(m -> !m.harmless() && m.deletes().isEmpty())) return List.of();
        return fresh.stream().flatMap(m -> m.deletes().stream()).map(condition -> deleting(direction.to().name(), condition)).toList();
    }

    private void awaitDone(long number) {
        while (true) {
            var open = session.catalog().mutations(direction.from().name()).stream().filter(m -> m.number() <= number && !m.done()).toList();
            if (open.isEmpty()) return;
            session.progress().note("waiting for the mutation " + open.getFirst() + (open.getFirst().failure().isEmpty() ? "" : ", which fails: " + open.getFirst().failure()));
            session.control().sleep(200);
        }
    }

    private void again(List<Mutation> fresh) {
        var unclear = fresh.stream().filter(m -> !m.harmless() && m.deletes().isEmpty()).findFirst();
        if (unclear.isPresent() && (equal.isEmpty() || !equal.get().test(direction))) throw new Trouble.Refused("A mutation was made on " + direction.from().name()
                + " during the migration that can't be made again exactly on rows that were already carried: " + unclear.get() + ". Nothing was swapped. "
                + (direction.to().name().equals(session.rewrite().backup()) ? "Make the same on " + direction.to().name() + " by hand, all of these in this order: " + said(fresh) + "; then roll back again: where both tables hold the same it goes on."
                : "Undo the backfill and migrate again, or roll back."));
        if (unclear.isPresent()) return;
        for (var m : fresh) m.deletes().ifPresent(condition -> {
            session.progress().note("making on " + direction.to().name() + " too: " + m);
            session.execute("replay", deleting(direction.to().name(), condition));
        });
        while (session.catalog().mutations(direction.to().name()).stream().anyMatch(m -> !m.done())) session.control().sleep(100);
        session.progress().note("");
    }

    /// Of the table that is filled, so that the way back does not take rekey's own for somebody's.
    private long newest() {
        return session.catalog().mutations(direction.to().name()).stream().mapToLong(Mutation::number).max().orElse(0);
    }

    private void note(List<Mutation> fresh, long own) {
        session.journal().append("round", Entry.Event.REPLAYED, Map.of("from", direction.from().uuid(), "to", direction.to().uuid(),
                "number", "" + fresh.getLast().number(), "own", "" + own, "commands", said(fresh)));
    }

    /// The live table already has rows that such a mutation would not have changed.
    private void tooLate(List<Mutation> fresh) {
        var real = fresh.stream().filter(m -> !m.harmless()).toList();
        if (!real.isEmpty()) session.journal().append("", Entry.Event.NOTE, Map.of("byHand", "In the moment of the swap a mutation was made on the displaced table "
                + direction.from().name() + " and not on " + direction.to().name() + ": " + said(real) + ". Make it there by hand."));
        note(fresh, 0);
    }

    private static String said(List<Mutation> mutations) {
        return mutations.stream().map(Mutation::toString).collect(Collectors.joining("; "));
    }
}
