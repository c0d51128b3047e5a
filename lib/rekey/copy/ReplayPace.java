package rekey.copy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Tells whether mutations are made on the other table as fast as they come. All that came while the
/// last ones were made are made together, so rekey catches up by itself. It never does where more of
/// them come each time and each time takes longer.
final class ReplayPace {
    /// So often running they must have grown before it is said to be for good.
    static final int TIMES = 8;

    private final List<Integer> made = new ArrayList<>();
    private final List<Duration> took = new ArrayList<>();

    /// @param mutations that were made at one go
    void made(int mutations, Duration in) {
        made.add(mutations);
        took.add(in);
    }

    /// Whether it fell further behind each of the last times, and by now is more than twice as far as it was.
    boolean fallsBehind() {
        int last = made.size() - 1, first = last - TIMES + 1;
        if (first < 0 || made.get(last) <= 2 * made.get(first)) return false;
        for (int i = first + 1; i <= last; i++)
            if (made.get(i) <= made.get(i - 1) || took.get(i).compareTo(took.get(i - 1)) <= 0) return false;
        return true;
    }

    @Override
    public String toString() {
        int first = Math.max(0, made.size() - TIMES);
        return made.get(first) + " mutations took " + took.get(first).toMillis() + " ms, and "
                + (made.size() - first - 1) + " times later " + made.getLast() + " took "
                + took.getLast().toMillis() + " ms";
    }
}
