package rekey.session;

import java.util.Optional;

/// How many chunks of a shard may be under way now: as many as `threads` says, and fewer where its healthcheck saw
/// that the server has too much to do. Half as many at each look that finds so; one more when several looks in a row
/// found all well. Where one more was too many, twice as many looks are waited for the next time: else a copy that
/// fits the memory with one chunk would try the second every quarter of a minute.
///
/// It says how many chunks are under way and nothing of their order: they begin, and are attached, as they were
/// planned. What is under way goes on to its end.
public final class Lanes {
    private static final int LOOKS = 3, MOST_LOOKS = 60;

    private final Control control;
    private int allowed = Integer.MAX_VALUE, well, needed = LOOKS;
    private boolean grown;
    private String why = "";

    /// @param control whose `threads` are the most
    public Lanes(Control control) {
        this.control = control;
    }

    /// At least one.
    public synchronized int now() {
        return Math.min(control.limits().threads(), allowed);
    }

    /// A look found that there is too much.
    ///
    /// @param why what it saw
    /// @return what has changed by it
    public synchronized Optional<Detail.Adapted> scarce(String why) {
        well = 0;
        if (now() == 1) return Optional.empty();
        if (grown) needed = Math.min(MOST_LOOKS, 2 * needed);
        grown = false;
        allowed = now() / 2;
        this.why = why;
        return Optional.of(as());
    }

    /// A look found nothing.
    ///
    /// @return what has changed by it
    public synchronized Optional<Detail.Adapted> well() {
        if (++well < needed) return Optional.empty();
        well = 0;
        if (grown) needed = LOOKS; // one more was not too many
        grown = fewer().isPresent();
        if (!grown) return Optional.empty();
        allowed = now() + 1;
        why = "all is well";
        return Optional.of(as());
    }

    /// Who copies has said how many: that counts at once, whatever was seen before.
    ///
    /// @return what has changed by it, as far as a look had changed it
    public synchronized Optional<Detail.Adapted> asSaid() {
        boolean was = allowed != Integer.MAX_VALUE;
        allowed = Integer.MAX_VALUE;
        well = 0;
        needed = LOOKS;
        grown = false;
        why = "as it was said";
        return was ? Optional.of(as()) : Optional.empty();
    }

    /// Empty where there are as many as `threads` says.
    public synchronized Optional<Detail.Adapted> fewer() {
        return Optional.of(as()).filter(Detail.Adapted::fewer);
    }

    private Detail.Adapted as() {
        return new Detail.Adapted(now(), control.limits().threads(), why);
    }
}
