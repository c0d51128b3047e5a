package rekey.session;

import java.util.HashSet;
import java.util.Set;

/// Hosts that have a replica and that a run does without.
///
/// @param gone those of which a person said that they never come back
/// @param away those that do not answer in this moment, see [LostCopier]
public record LeftOut(Set<String> gone, Set<String> away) {
    public static final LeftOut NONE = new LeftOut(Set.of(), Set.of());

    public LeftOut {
        gone = Set.copyOf(gone);
        away = Set.copyOf(away);
    }

    public static LeftOut gone(Set<String> hosts) {
        return new LeftOut(hosts, Set.of());
    }

    public Set<String> all() {
        var out = new HashSet<>(gone);
        out.addAll(away);
        return Set.copyOf(out);
    }
}
