package rekey.check;

import java.util.Arrays;
import rekey.clickhouse.ClickHouse;
import rekey.session.Session;

/// The server is at least as new as the migration's definition wants.
///
/// @param lowest such as `21.6`; empty where the definition names none
public record ServerVersion(String lowest) implements Check {
    @Override
    public String name() {
        return "server version";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        var needs = lowest.isEmpty() ? "any" : "at least " + lowest;
        var copiers = version(session.server());
        return EachHost.worst(this, session, host -> look(host, needs, copiers));
    }

    private static String version(ClickHouse host) {
        return host.one("SELECT version() AS v").string("v");
    }

    private Verdict look(ClickHouse host, String needs, String copiers) {
        var version = version(host);
        if (atLeast(version, lowest) && !version.equals(copiers))
            return Verdict.warning(
                    this,
                    version + ", and the host that copies has " + copiers,
                    needs + ", the same on all hosts",
                    "End the upgrade first: hosts of two versions may merge the new table's parts otherwise.");
        return atLeast(version, lowest)
                ? Verdict.ok(this, version, needs)
                : Verdict.refusal(
                        this, version, needs, "Upgrade ClickHouse to " + lowest + " or later, then run again.");
    }

    /// Compares number by number; what a version leaves out counts as 0.
    static boolean atLeast(String version, String lowest) {
        int[] is = numbers(version), wanted = numbers(lowest);
        int length = Math.max(is.length, wanted.length);
        return Arrays.compare(Arrays.copyOf(is, length), Arrays.copyOf(wanted, length)) >= 0;
    }

    private static int[] numbers(String version) {
        return Arrays.stream(version.split("[^0-9]+"))
                .filter(n -> !n.isEmpty())
                .mapToInt(Integer::parseInt)
                .toArray();
    }
}
