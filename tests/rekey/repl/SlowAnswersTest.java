package rekey.repl;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.maintainer.ScriptedTerminal;
import rekey.model.TableName;

/// Answers that come late or not at all, and those that are asked for again and again: the person is never kept.
@Tag("repl")
class SlowAnswersTest {
    private static Bed bed;
    /// Takes connections in, and says nothing.
    private static ServerSocket silent;

    @BeforeAll
    static void bed() throws IOException {
        bed = new Bed(100);
        silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        fedBy("silent", silent.getLocalPort());
        fedBy("away", 1);
    }

    private static void fedBy(String name, int port) {
        bed.server.execute("CREATE TABLE " + new TableName(bed.name.database(), name).sql()
                + " (a String) ENGINE = Kafka SETTINGS kafka_broker_list = '127.0.0.1:" + port
                + "', kafka_topic_list = 't', kafka_group_name = 'g', kafka_format = 'JSONEachRow'");
    }

    @AfterAll
    static void drop() throws IOException {
        bed.close();
        silent.close();
    }

    @Test
    void aLateAnswerIsLeftByCtrlC() {
        try (var at = bed.typist()) {
            at.enter("lag silent")
                    .await("Ctrl-C leaves it")
                    .type("\003")
                    .await("Left after", Bed.BEFORE_KAFKA)
                    .await("nothing was changed");
            at.awaitGone("Ctrl-C leaves it").awaitPrompt();
            at.clear().enter("status").await("state      not begun");
        }
    }

    @Test
    void aServerThatSaysNothingIsLeftAtTheBeginningToo() {
        try (var at = ScriptedTerminal.open(80, 24, "--url", "http://127.0.0.1:" + silent.getLocalPort())) {
            at.await("Ctrl-C leaves it")
                    .type("\003")
                    .await("Left after", Bed.SOON)
                    .awaitPrompt();
            at.clear()
                    .enter("tables")
                    .await("Ctrl-C leaves it")
                    .type("\003")
                    .await("Left after", Bed.SOON)
                    .awaitPrompt();
            at.clear()
                    .enter("\\c " + bed.lab.url())
                    .await("Connected to default@")
                    .awaitPrompt();
        }
    }

    @Test
    void aWatchedOneToo() {
        try (var at = bed.typist()) {
            at.enter("\\watch 100ms lag silent")
                    .await("every 100 ms; Ctrl-C ends it")
                    .await("Ctrl-C leaves it")
                    .type("\003")
                    .await("Left after", Bed.BEFORE_KAFKA)
                    .awaitPrompt();
            at.clear().enter("status").await("state      not begun");
        }
    }

    @Test
    void kafkaThatIsAwayIsASentence() {
        try (var at = bed.typist()) {
            at.enter("lag away").await("127.0.0.1:1").awaitPrompt();
            at.clear().enter("consumers away").await("127.0.0.1:1").awaitPrompt();
            // migrations of other tests on the same server have lines in it, too: high enough that none is left for
            // a pager
            at.clear()
                    .resize(80, 200)
                    .enter("now")
                    .await("127.0.0.1:1")
                    .await("out of the ordinary")
                    .awaitPrompt();
            assertTrue(at.screen().lines().allMatch(l -> l.length() <= 80), at::screen);
        }
    }

    /// Nobody is to leave a pager each time.
    @Test
    void aWatchedAnswerHasNoMoreLinesThanFit() {
        try (var at = bed.typist()) {
            at.enter("\\watch 100ms help").await("more lines").type("\003").awaitPrompt();
            at.clear()
                    .enter("\\watch 100ms SELECT number FROM numbers(60);")
                    .await("60. │")
                    .type("\003")
                    .awaitPrompt();
            at.clear().enter("status").await("state      not begun");
        }
    }
}
