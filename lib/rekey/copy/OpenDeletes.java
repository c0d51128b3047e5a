package rekey.copy;

import java.util.List;
import java.util.stream.Stream;
import rekey.model.Mutation;
import rekey.model.Table;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.ReplayedMutations;
import rekey.session.Session;

/// DELETEs that were made on one of two tables and not yet on the other. Where DELETEs keep coming there
/// is always one. So a comparison leaves out the rows that they take, on both sides. These rows go from
/// both tables in the end, and all other rows must be the same.
///
/// It is exact because rows are carried in blocks that all of these DELETEs reach, or that none of them does, or,
/// into the live table, with a note of which they reach: see [MutationReplay].
public record OpenDeletes(Session session, Direction direction) {

    /// How many seconds behind its intent an EXCHANGE comes at most: it is asked again for two minutes.
    private static final long LONGEST = 300;

    /// Those of the one table that were not made on the other, in their order; none as long as nothing was carried.
    private List<Mutation> of(Direction carried) {
        var journal = session.journal().entries();
        var upTo = ReplayedMutations.upTo(
                carried.intoLive() && !underWay().isEmpty() ? beforeTheExchange(journal) : journal,
                carried.from().uuid(),
                carried.to().uuid());
        return upTo.isEmpty()
                ? List.of()
                : session.catalog().mutations(carried.from().name()).stream()
                        .filter(m -> m.number() > upTo.getAsLong() && !m.isOurs())
                        .toList();
    }

    /// What rekey deletes from the live table, because it was deleted from the displaced one, and has not ended: the
    /// one has these rows still, and the other has not. No round waits for it, for ingestion may be held.
    public List<Mutation> underWay() {
        return session.catalog().mutations(session.rewrite().source()).stream()
                .filter(m -> m.isOurs() && !m.done())
                .toList();
    }

    /// Behind it DELETEs are made on the live table.
    private static List<Entry> beforeTheExchange(List<Entry> journal) {
        int last = 0;
        for (int i = 0; i < journal.size(); i++) if (journal.get(i).is("swap", Entry.Event.INTENT)) last = i;
        return last == 0 ? journal : journal.subList(0, last);
    }

    /// What its writers deleted from the live table since it is live, or changed in it, where that is the one that
    /// is filled.
    List<Mutation> ofLive() {
        return direction.intoLive()
                ? of(direction.reversed()).stream().filter(m -> !m.harmless()).toList()
                : List.of();
    }

    /// The conditions by which they delete; none where there are none, or what was done is no DELETE.
    public List<String> conditions() {
        return conditions(mutations());
    }

    /// The same of those that were asked for before.
    public static List<String> conditions(List<Mutation> mutations) {
        return mutations.stream().flatMap(m -> m.deletes().stream()).distinct().toList();
    }

    /// The DELETEs themselves, each with its number on the table that it was made on.
    public List<Mutation> mutations() {
        return Stream.concat(ofRead().stream(), ofLive().stream())
                .filter(m -> m.deletes().isPresent())
                .toList();
    }

    /// Those that a round will make on the other table. What somebody deletes from a displaced table by its name
    /// stays its own.
    private List<Mutation> ofRead() {
        var all = of(direction);
        if (!direction.intoLive()) return all;
        long reopened = reopened();
        return all.stream().filter(m -> m.second() <= reopened).toList();
    }

    /// The first moment that is known to be behind the last EXCHANGE, by the server's clock in seconds: what is made
    /// on the displaced table from then on was meant for it. A guard may have opened ingestion before.
    long reopened() {
        long second = Long.MAX_VALUE;
        for (var e : session.journal().entries()) {
            // no EXCHANGE comes later; behind a runner that died somebody may have deleted from the backup for room
            if (e.is("swap", Entry.Event.INTENT)) second = e.at().getEpochSecond() + LONGEST;
            boolean behind =
                    switch (e.detail()) {
                        case Detail.Resumed r -> r.by().equals("runner");
                        case Detail.Exchanged x -> true;
                        case Detail.Attached a ->
                            a.between(direction.from().uuid(), direction.to().uuid());
                        default -> false;
                    };
            if (behind) second = Math.min(second, e.at().getEpochSecond());
        }
        return second;
    }

    /// Where a DELETE is made on parts by their blocks, one that was merged with a newer one in this moment was left
    /// out.
    static boolean noneLeft(Session session, Table to, List<Mutation> made) {
        var conditions = conditions(made);
        return conditions.isEmpty()
                || session.server()
                                .query(
                                        "SELECT count() AS rekey_rows FROM "
                                                + to.name().sql() + " WHERE "
                                                + Mutation.matching(conditions),
                                        session.queryId("count"),
                                        Copier.READ)
                                .getFirst()
                                .number("rekey_rows")
                        == 0;
    }

    /// A condition for the rows that none of them takes.
    public static String spared(List<String> conditions) {
        return conditions.isEmpty() ? "1" : "NOT " + Mutation.matching(conditions);
    }
}
