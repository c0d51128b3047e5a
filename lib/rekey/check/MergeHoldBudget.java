package rekey.check;

import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.PartsBudget;
import rekey.model.Amounts;
import rekey.model.Table;
import rekey.session.Session;

/// Where merges fold rows they are held for the whole copy: the parts that INSERTs bring meanwhile stay below half
/// of what delays or refuses INSERTs.
public record MergeHoldBudget(When when) implements Check {
    /// Compressed bytes a second and thread, as two slow cores copy; and so many seconds for rounds and the swap.
    private static final long COPIED = 20L << 20, ROUNDS = 120;
    /// At so much of a limit, in percent, a run is stopped that did not give merges back by itself.
    private static final int STOP = 75;

    @Override
    public String name() {
        return "held merges";
    }

    @Override
    public Verdict look(Session session) {
        var source = session.source();
        var needs = "parts to stay below half of parts_to_delay_insert and max_parts_in_total while merges are held";
        if (!source.folds())
            return Verdict.ok(this, "merges of " + source.engine() + " are not held for a copy", needs);
        long copy = source.bytes() / (COPIED * session.limits().threads()) + ROUNDS;
        return EachHost.worst(this, session, host -> look(host, source, copy, needs));
    }

    /// @param copy seconds that it is expected to take
    private Verdict look(ClickHouse host, Table source, long copy, String needs) {
        var budget = PartsBudget.of(host, source);
        if (when == When.DURING) {
            boolean full = budget.limit() > 0 && budget.parts() * 100 >= budget.limit() * STOP
                    || budget.total() > 0 && budget.all() * 100 >= budget.total() * STOP;
            return full
                    ? Verdict.refusal(
                            this,
                            budget.toString(),
                            needs,
                            "Merges are given back; what they fold is copied anew. Run again at a quieter time, or"
                                    + " write in larger blocks.")
                    : Verdict.ok(this, budget.toString(), needs);
        }
        if (budget.spent())
            return Verdict.refusal(
                    this, budget.toString(), needs, "Let the merges catch up (look at system.merges), then run again.");
        var rate = PartsBudget.Rate.of(host, source.name());
        var seconds = budget.seconds(rate);
        var saw = budget + "; " + rate.fullest() + " new parts in its fullest partition and " + rate.all()
                + " in all within " + Amounts.rows(rate.seconds()) + " s (" + rate.by() + ")"
                + seconds.map(s -> ": merges can be held for " + Amounts.rows(s) + " s")
                        .orElse("")
                + "; the copy takes about " + Amounts.rows(copy) + " s";
        return seconds.filter(s -> s < copy).isPresent()
                ? Verdict.refusal(
                        this,
                        saw,
                        needs,
                        "Write in larger and fewer blocks, run at a quieter time, or raise parts_to_delay_insert and"
                                + " parts_to_throw_insert of " + source.name() + " for the migration.")
                : Verdict.ok(this, saw, needs);
    }
}
