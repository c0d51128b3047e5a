package rekey.run;

import java.util.List;
import rekey.check.Check.Level;
import rekey.check.Check.Verdict;
import rekey.check.Checks;
import rekey.migration.Migration;
import rekey.session.Session;

/// Checks, and what they said.
///
/// @param verdicts in the order in which the checks were made
public record Checking(List<Verdict> verdicts) {

    /// The guide's precheck: all that a migration needs before its first change.
    public static Checking before(Session session, Migration migration) {
        return new Checking(Checks.look(session, Checks.before(migration.lowestVersion().orElse(""), migration.after())));
    }

    /// The guide's healthcheck: what may go wrong while it runs.
    public static Checking during(Session session) {
        return new Checking(Checks.look(session, Checks.during()));
    }

    public boolean refused() {
        return verdicts.stream().anyMatch(v -> v.verdict() == Level.REFUSAL);
    }

    /// The sentences of one level.
    public List<String> sentences(Level level) {
        return verdicts.stream().filter(v -> v.verdict() == level).map(Checking::sentence).toList();
    }

    /// What a person reads where there is no table.
    public static String sentence(Verdict v) {
        return v.name() + ": saw " + v.saw() + "; needs " + v.needs() + "." + (v.todo().isEmpty() ? "" : " " + v.todo());
    }
}
