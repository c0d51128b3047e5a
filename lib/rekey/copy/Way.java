package rekey.copy;

/// Which way rows go between the live table, under the source's name, and the other one.
public enum Way {
    /// From the old table, which is live, into the target that is filled.
    FORWARD,
    /// Behind the swap: what INSERTs that were running left in the old table goes into the live one.
    BEHIND_SWAP,
    /// From the new table, which is live, back into the old one: rollback's rounds.
    BACK,
    /// The same behind the exchange back: from the target into the old table, which is live again.
    BEHIND_SWAP_BACK;

    /// Whether the live table is the one that is filled: it has rows that came in by themselves.
    public boolean intoLive() {
        return this == BEHIND_SWAP || this == BEHIND_SWAP_BACK;
    }

    /// Between the same two tables, the other way.
    public Way reversed() {
        return switch (this) {
            case FORWARD -> BEHIND_SWAP_BACK;
            case BEHIND_SWAP_BACK -> FORWARD;
            case BACK -> BEHIND_SWAP;
            case BEHIND_SWAP -> BACK;
        };
    }
}
