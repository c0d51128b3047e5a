package rekey.repl.sql;

import java.util.Locale;
import java.util.Map;
import org.jline.reader.CompletingParsedLine;
import org.jline.reader.LineReader;
import org.jline.reader.impl.CompletionMatcherImpl;

/// Offers a name that must stand in backticks also to who has begun it without one.
public final class Names extends CompletionMatcherImpl {
    @Override protected void defaultMatchers(Map<LineReader.Option, Boolean> options, boolean prefix, CompletingParsedLine line, boolean caseInsensitive, int errors, String originalGroupName) {
        super.defaultMatchers(options, prefix, line, caseInsensitive, errors, originalGroupName);
        var begun = (prefix ? line.word().substring(0, Math.min(line.wordCursor(), line.word().length())) : line.word()).toLowerCase(Locale.ROOT);
        if (!begun.isEmpty() && !begun.startsWith("`")) matchers.addFirst(simpleMatcher(name -> unquoted(name.toLowerCase(Locale.ROOT)).startsWith(begun)));
    }

    private static String unquoted(String name) {
        return name.startsWith("`") ? name.substring(1) : name;
    }
}
