package rekey.compare;

import rekey.model.Trouble;

/// Which rows are compared: all, or those of a share of the keys, told by a hash of the old sorting key, so that
/// both sides take the same. Saves hashing and grouping, not reading: such keys lie in every granule.
///
/// @param share above 0, up to 1
public record ComparedShare(double share) {
    private static final int OF = 1_000_000;
    public static final ComparedShare ALL = new ComparedShare(1);

    public ComparedShare {
        if (!(share > 0 && share <= 1))
            throw new Trouble.Usage(
                    "--sample " + share + " is no share of the rows: give a number above 0 and up to 1, such as 0.1.");
    }

    public boolean whole() {
        return share == 1;
    }

    /// A condition on a key's hash, to be put behind others; empty for all rows. Hashed once more, so that it is
    /// independent of buckets of the same hash.
    String and(String keyHash) {
        return whole() ? "" : " AND intHash64(" + keyHash + ") % " + OF + " < " + Math.max(1, Math.round(share * OF));
    }

    /// As people say it: `a sample of 10 %`.
    @Override
    public String toString() {
        return whole()
                ? "all rows"
                : "a sample of "
                        + new java.math.BigDecimal(share * 100)
                                .round(new java.math.MathContext(3))
                                .stripTrailingZeros()
                                .toPlainString()
                        + " %";
    }
}
