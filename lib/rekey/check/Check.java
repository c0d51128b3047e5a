package rekey.check;

import rekey.session.Session;

/// One thing that must be so before a migration, while it runs, or right before ingestion is held. It looks and
/// changes nothing.
public interface Check {
    /// In a person's words, such as `disk space`.
    String name();

    When when();

    /// Whether each shard of a cluster is looked at by itself; else all hosts are looked at once.
    default boolean ofEachShard() {
        return true;
    }

    /// Looks at the server now.
    Verdict look(Session session);

    /// When a check is made.
    enum When {
        BEFORE,
        DURING,
        AT_SWAP
    }

    /// What a check says.
    enum Level {
        OK,
        WARNING,
        REFUSAL
    }

    /// @param saw   what is
    /// @param needs what is wanted
    /// @param todo  what a person does about it; empty when all is well
    record Verdict(String name, Level verdict, String saw, String needs, String todo) {
        public static Verdict ok(Check check, String saw, String needs) {
            return new Verdict(check.name(), Level.OK, saw, needs, "");
        }

        public static Verdict warning(Check check, String saw, String needs, String todo) {
            return new Verdict(check.name(), Level.WARNING, saw, needs, todo);
        }

        public static Verdict refusal(Check check, String saw, String needs, String todo) {
            return new Verdict(check.name(), Level.REFUSAL, saw, needs, todo);
        }
    }
}
