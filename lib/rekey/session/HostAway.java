package rekey.session;

import java.util.stream.Collectors;
import rekey.model.Trouble;

/// A host is away that the run did without, and can't any more. Whoever finds it back goes on with all hosts.
public final class HostAway extends Trouble.Failed {
    private final boolean there;

    private HostAway(Session s, boolean there, String what) {
        super("Host " + names(s) + what);
        this.there = there;
    }

    /// Whether Keeper has it: then it may answer in a moment.
    public boolean there() {
        return there;
    }

    private static String names(Session s) {
        return s.copying().leftOut().away().stream().sorted().collect(Collectors.joining(", "));
    }

    private static String orGone(Session s) {
        return "; or say --host-is-gone "
                + s.copying().leftOut().away().stream().sorted().collect(Collectors.joining(","))
                + " if it never comes back.";
    }

    /// What every host has to take part in.
    public static HostAway needed(Session s, String what) {
        return new HostAway(
                s,
                false,
                " does not answer, and " + what + " is for all hosts, so nothing more was changed. What was carried"
                        + " stays. Run again when it is back" + orGone(s));
    }

    /// It copied, and no other may in its place.
    ///
    /// @param why as [LostCopier#obstacle] says it
    public static HostAway irreplaceable(Session s, String why) {
        return new HostAway(
                s,
                false,
                " does not answer, and no other host copies on by itself, for " + why + ". Nothing was changed. Run"
                        + " again when it is back" + orGone(s));
    }

    /// A cut between this machine and that host alone: it may still attach.
    public static HostAway active(Session s) {
        return new HostAway(
                s,
                true,
                " does not answer, and by Keeper it is active, so no other host copies in its place: this machine"
                        + " alone can't reach it, or it has just come back. Nothing was changed. Run again; if it is"
                        + " elsewhere name its address with --host-map.");
    }

    /// It may merge, and takes rows.
    public static HostAway returned(Session s) {
        return new HostAway(
                s,
                true,
                " was away and is active again by Keeper, so nothing more was carried without it. Run again, which"
                        + " goes on with all hosts; if it is elsewhere name its address with --host-map.");
    }
}
