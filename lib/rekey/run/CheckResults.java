package rekey.run;

import java.util.ArrayList;
import java.util.List;
import rekey.check.Check;
import rekey.check.Check.Level;
import rekey.check.Check.Verdict;
import rekey.check.Checks;
import rekey.clickhouse.HostsInParallel;
import rekey.migration.Migration;
import rekey.session.Session;

/// Checks, and what they said.
///
/// @param verdicts in the order in which the checks were made
public record CheckResults(List<Verdict> verdicts) {

    /// The guide's precheck: all that a migration needs before its first change.
    public static CheckResults before(Session session, Migration migration) {
        return of(session, Checks.before(migration.lowestVersion().orElse(""), migration.after()));
    }

    /// The guide's healthcheck: what may go wrong while it runs.
    public static CheckResults during(Session session) {
        return of(session, Checks.during());
    }

    /// All that the first shard's say; of the others, with their host, what is not well.
    private static CheckResults of(Session session, List<Check> checks) {
        var out = new ArrayList<Verdict>(Checks.look(session.alone(), checks));
        var ofShards = checks.stream().filter(Check::ofEachShard).toList();
        for (var verdicts : HostsInParallel.each(
                session.others(),
                s -> Checks.look(s, ofShards).stream()
                        .filter(v -> v.verdict() != Level.OK)
                        .map(v -> new Verdict(
                                v.name(),
                                v.verdict(),
                                "on the shard of " + s.server().endpoint().host() + ": " + v.saw(),
                                v.needs(),
                                v.todo()))
                        .toList())) out.addAll(verdicts);
        return new CheckResults(out);
    }

    public boolean refused() {
        return verdicts.stream().anyMatch(v -> v.verdict() == Level.REFUSAL);
    }

    /// The sentences of one level.
    public List<String> sentences(Level level) {
        return verdicts.stream()
                .filter(v -> v.verdict() == level)
                .map(CheckResults::sentence)
                .toList();
    }

    /// What a person reads where there is no table.
    public static String sentence(Verdict v) {
        return v.name() + ": saw " + v.saw() + "; needs " + v.needs() + "."
                + (v.todo().isEmpty() ? "" : " " + v.todo());
    }
}
