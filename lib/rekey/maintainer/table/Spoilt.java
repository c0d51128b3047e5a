package rekey.maintainer.table;

import java.util.List;

/// What is done to a migrated table behind its back, by which the judge proves itself; one after the other, each
/// taken back before the next.
enum Spoilt {
    SETTING(
            "a setting dropped",
            "RESET SETTING merge_with_ttl_timeout",
            "MODIFY SETTING merge_with_ttl_timeout = 7200"),
    INDEX("an index dropped", "DROP INDEX i0", "ADD INDEX i0 c0 TYPE minmax GRANULARITY 1"),
    ALTERED("a row altered", "UPDATE c0 = c0 + 1 WHERE seq = 4242", "UPDATE c0 = c0 - 1 WHERE seq = 4242"),
    DOUBLED("a row doubled", "", ""),
    DELETED("a row deleted", "DELETE WHERE seq = 4242", "");

    final String words;
    private final String does, undoes;

    /// @param does   behind ALTER TABLE and its name
    /// @param undoes likewise; empty where the next one does
    Spoilt(String words, String does, String undoes) {
        this.words = words;
        this.does = does;
        this.undoes = undoes;
    }

    List<String> doing(String table) {
        return does.isEmpty()
                ? List.of("INSERT INTO " + table + " SELECT * FROM " + table + " WHERE seq = 4242")
                : List.of("ALTER TABLE " + table + " " + does);
    }

    List<String> undoing(String table) {
        return undoes.isEmpty() ? List.of() : List.of("ALTER TABLE " + table + " " + undoes);
    }

    /// Whether that was found, and nothing else.
    boolean isFound(TableJudge.Found found) {
        return switch (this) {
            case DELETED -> found.lost() == 1 && found.doubled() == 0;
            case DOUBLED -> found.lost() == 0 && found.doubled() == 1;
            case ALTERED -> only(found, "column c0");
            case SETTING -> only(found, "setting merge_with_ttl_timeout");
            case INDEX -> only(found, "columns");
        };
    }

    private static boolean only(TableJudge.Found found, String what) {
        return found.lost() + found.doubled() == 0
                && found.different().size() == 1
                && found.different().getFirst().startsWith(what);
    }
}
