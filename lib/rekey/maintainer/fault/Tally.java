package rekey.maintainer.fault;

/// What came of several cases; controls are not counted, but one that does not come out as it must spoils all.
public final class Tally {
    private int cases, struck, stuck;
    private long lost, doubled;
    private boolean ok = true;

    public void add(Trial.Result result) {
        ok &= result.ok();
        if (result.what().control()) return;
        cases++;
        struck += result.struck() ? 1 : 0;
        stuck += result.stuck().isEmpty() ? 0 : 1;
        lost += result.lost();
        doubled += result.doubled();
    }

    /// The same of a cluster's; a replica that differs from its own counts as lost.
    public void add(ClusterTrial.Result result) {
        ok &= result.ok();
        if (result.what().isControl()) return;
        cases++;
        struck += result.struck() ? 1 : 0;
        stuck += result.stuck().isEmpty() ? 0 : 1;
        lost += result.lost() + result.differs();
        doubled += result.doubled();
    }

    /// Whether nothing has been tried: no case struck, so that none was lost is no news.
    public boolean vacuous() {
        return struck == 0;
    }

    public boolean ok() {
        return ok;
    }

    @Override
    public String toString() {
        return "%d lost, %d doubled, %d stuck (%d cases, %d struck)%s"
                .formatted(
                        lost,
                        doubled,
                        stuck,
                        cases,
                        struck,
                        !ok && lost + doubled + stuck == 0
                                ? "; a control failed, so this shows nothing"
                                : vacuous() ? "; nothing struck, so this shows nothing" : "");
    }
}
