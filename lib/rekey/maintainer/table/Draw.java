package rekey.maintainer.table;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Chance that follows from a seed.
record Draw(SplittableRandom random) {

    /// The same for the same two numbers.
    static Draw of(long seed, long number) {
        return new Draw(new SplittableRandom(seed * 1_000_003 + number));
    }

    boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    int upTo(int n) {
        return random.nextInt(n);
    }

    <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    /// Different ones, in any order.
    <T> List<T> some(List<T> of, int least, int most) {
        return shuffled(of).subList(0, Math.min(of.size(), least + random.nextInt(most - least + 1)));
    }

    <T> List<T> shuffled(List<T> of) {
        var out = new ArrayList<>(of);
        for (int i = out.size(); i > 1; i--) out.add(out.remove(random.nextInt(i)));
        return out;
    }
}
