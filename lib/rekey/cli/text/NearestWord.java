package rekey.cli.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jline.utils.Levenshtein;

/// What a mistyped word may have meant, by the keystrokes between two words; JLine counts them. picocli's own
/// suggestions go by pairs of letters. Of 639 words that were each one keystroke off a command they left the right
/// one out 21 times (to `hep` they were `repl`, `shell` and `report`), and this one never. To `select` and to
/// `hello` they name three commands each, where nothing is near: the shell would take SQL for a mistyped command.
public final class NearestWord {
    private NearestWord() {}

    /// Words a few keystrokes apart, or begun so; the nearest first, three at most.
    ///
    /// @param among in small letters
    public static List<String> of(String word, Stream<String> among) {
        var lower = word.toLowerCase();
        int far = Math.max(1, word.length() / 3);
        var near = new ArrayList<>(among.filter(n -> n.length() > 2
                        && (Levenshtein.distance(n, lower) <= far || lower.length() > 2 && n.startsWith(lower)))
                .toList());
        near.sort(Comparator.comparingInt(n -> Levenshtein.distance(n, lower)));
        return near.subList(0, Math.min(3, near.size()));
    }
}
