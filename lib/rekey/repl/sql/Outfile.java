package rekey.repl.sql;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import rekey.clickhouse.Answer;
import rekey.model.Trouble;
import rekey.repl.line.Statement;
import rekey.repl.line.Token;

/// `INTO OUTFILE 'file' [TRUNCATE | APPEND]`, which is a client's to do, and not the server's.
///
/// @param sql the statement without it
record Outfile(Path file, boolean append, String sql) {

    static Optional<Outfile> of(Statement statement) {
        var words = statement.words();
        for (int i = 0; i + 2 < words.size(); i++) {
            if (!words.get(i).is("INTO")
                    || !words.get(i + 1).is("OUTFILE")
                    || words.get(i + 2).kind() != Token.Kind.STRING) continue;
            int end = i + 3;
            boolean append = false, truncate = false;
            for (;
                    end < words.size()
                            && (words.get(end).is("APPEND") || words.get(end).is("TRUNCATE"));
                    end++) {
                append |= words.get(end).is("APPEND");
                truncate |= words.get(end).is("TRUNCATE");
            }
            var file = Statement.unquoted(words.get(i + 2));
            if (end < words.size()
                            && (words.get(end).is("COMPRESSION")
                                    || words.get(end).is("AND"))
                    || file.matches(".*\\.(gz|br|xz|zst|lz4|bz2|snappy)"))
                throw new Trouble.Usage(
                        "INTO OUTFILE is done here without COMPRESSION and AND STDOUT: name a plain file, such as"
                                + " 'rows.tsv'.");
            int base = statement.words().getFirst().start();
            var text = statement.text();
            var without = text.substring(0, words.get(i).start() - base)
                    + (end < words.size() ? text.substring(words.get(end).start() - base) : "");
            var path = Path.of(file.replaceFirst("^~(?=/)", System.getProperty("user.home")));
            if (Files.exists(path) && !append && !truncate)
                throw new Trouble.Usage(
                        "The file " + path + " exists: name another, or write INTO OUTFILE '...' TRUNCATE or APPEND.");
            return Optional.of(new Outfile(path, append, without));
        }
        return Optional.empty();
    }

    /// As the server wrote it, whatever the format.
    ///
    /// @return bytes written
    long write(Answer answer) {
        try (var out = append
                ? Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                : Files.newOutputStream(file)) {
            return answer.text().transferTo(out);
        } catch (IOException e) {
            throw new Trouble.Failed(
                    "The file " + file + " is not whole (" + e.getClass().getSimpleName() + ": " + e.getMessage()
                            + "): its end says whether the server broke off; else name another.",
                    e);
        }
    }
}
