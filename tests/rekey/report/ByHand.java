package rekey.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A person with a runbook and a SQL client: takes the SQL out of its fenced blocks, runs it in the order of the
/// page, and does what the sentence below each block says, in one session. Knows nothing of rekey.
final class ByHand implements AutoCloseable {
    private static final Pattern BLOCK = Pattern.compile("(?m)^#### (\\S+) (.*)$");
    private static final Pattern SQL = Pattern.compile("(?s)```sql\\n(.*?)\\n```");
    private static final int MANY = 500;

    /// One block of the page.
    record Block(String number, String title, List<String> sql, String answer) {}

    /// What a server says that refuses.
    static final class Refused extends RuntimeException {
        Refused(String message) {
            super(message);
        }
    }

    private final HttpClient http = HttpClient.newHttpClient();
    private final String url;
    final Map<String, Block> blocks = new LinkedHashMap<>();

    ByHand(String markdown, String url) {
        this.url = url + "/?wait_end_of_query=1&session_timeout=3600&session_id=" + UUID.randomUUID();
        var page = markdown.substring(markdown.indexOf("\n## By hand"));
        var heads = BLOCK.matcher(page).results().toList();
        for (int i = 0; i < heads.size(); i++) {
            var text = page.substring(
                            heads.get(i).end(),
                            i + 1 < heads.size() ? heads.get(i + 1).start() : page.length())
                    .replaceFirst("(?s)\\n###? .*", "")
                    .strip();
            var sql = SQL.matcher(text)
                    .results()
                    .flatMap(m -> Stream.of(m.group(1).split(";\\n|;$")))
                    .filter(s -> !s.isBlank())
                    .toList();
            var number = heads.get(i).group(1);
            blocks.put(
                    number, new Block(number, heads.get(i).group(2), sql, text.substring(text.lastIndexOf('\n') + 1)));
        }
    }

    /// These blocks, or all blocks of these sections, such as `1` or `B`, as the page tells.
    void follow(String... wanted) {
        for (var one : wanted) {
            var found = blocks.values().stream()
                    .filter(b -> b.number.equals(one) || b.number.startsWith(one + "."))
                    .toList();
            assertTrue(!found.isEmpty(), () -> "the page has no " + one);
            found.forEach(this::follow);
        }
    }

    /// A merge may have joined carried blocks with new ones meanwhile: then the page says to run the block before
    /// once more.
    private void checked(Block block) {
        for (int i = 0; ; i++) {
            try {
                run(block);
                return;
            } catch (Refused e) {
                if (i == 5 || !e.getMessage().contains("run the block before this one again")) throw e;
                var numbers = new ArrayList<>(blocks.keySet());
                one(numbers.get(numbers.indexOf(block.number) - 1));
            }
        }
    }

    void one(String number) {
        follow(blocks.get(number));
    }

    private void follow(Block block) {
        var say = block.answer;
        var other = Pattern.compile("^Run block (\\S+) again (until .*)").matcher(say);
        if (other.find()) {
            repeat(blocks.get(other.group(1)), other.group(2));
        } else if (say.startsWith("Run this block again")) {
            repeat(block, say);
        } else if (say.startsWith("It must end with the error")) {
            try {
                fail("no error: " + run(block));
            } catch (Refused e) {
                assertTrue(e.getMessage().contains("good"), e::getMessage);
            }
        } else if (say.startsWith("Run what it answers")) {
            run(block).lines().forEach(this::send);
        } else if (say.contains("the last answer is `")) {
            assertEquals(quoted(say), run(block), block.number);
        } else if (say.contains("answers no row")) {
            String answer = run(block);
            for (int i = 0; i < 10 && !answer.isEmpty(); i++) answer = run(block);
            assertEquals("", answer, block.number);
        } else if (!block.sql.isEmpty()) { // else it says what to do elsewhere
            assertTrue(say.equals("It worked when there was no error."), () -> block.number + " ends with: " + say);
            checked(block);
        }
    }

    private void repeat(Block block, String until) {
        boolean small = until.contains("is small");
        int differed = 0;
        for (int i = 0; i < MANY; i++) {
            try {
                var answer = run(block);
                if (differed > 1) one("H.4");
                differed = 0;
                if (small ? i > 0 && Long.parseLong(answer) < 3000 : answer.equals(quoted(until))) return;
                Thread.sleep(answer.equals("0") ? 0 : 50);
            } catch (Refused e) {
                if (!e.getMessage().contains("The copy differs") || ++differed == 3) throw e;
                if (differed == 2) one("H.3");
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        fail("block " + block.number + " was run " + MANY + " times, " + until);
    }

    private static String quoted(String sentence) {
        return sentence.substring(sentence.indexOf('`') + 1, sentence.lastIndexOf('`'));
    }

    /// All its statements.
    String run(Block block) {
        return run(block.sql);
    }

    /// @return the last answer
    String run(List<String> sql) {
        String last = "";
        for (var statement : sql) last = send(statement);
        return last;
    }

    /// Those of a block up to a word, that statement included.
    List<String> upTo(String number, String word) {
        var out = new ArrayList<String>();
        for (var statement : blocks.get(number).sql) {
            out.add(statement);
            if (statement.contains(word)) return out;
        }
        throw new IllegalArgumentException(word + " is not in block " + number);
    }

    /// Those of a block from a word on.
    List<String> from(String number, String word) {
        return blocks.get(number).sql.stream().dropWhile(s -> !s.contains(word)).toList();
    }

    String send(String statement) {
        try {
            var answer = http.send(
                    HttpRequest.newBuilder(URI.create(url))
                            .POST(HttpRequest.BodyPublishers.ofString(statement))
                            .build(),
                    BodyHandlers.ofString());
            if (answer.statusCode() != 200) throw new Refused(answer.body().strip() + "\n" + statement);
            return answer.body().strip();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
