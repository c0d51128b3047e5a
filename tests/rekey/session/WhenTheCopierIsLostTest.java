package rekey.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// At each line of a migration that went forth and back: whether another host may copy on by itself.
@Tag("journal")
class WhenTheCopierIsLostTest {
    private static final String NOTHING = "nothing was carried yet",
            MAY = "",
            BACK = "a run was going back",
            HELD = "ingestion was held",
            EXCHANGE = "an exchange of the tables was begun";

    private static List<Entry> journal() {
        return RecordedJournals.read(RecordedJournals.FOLDER.resolve("kafka.jsonl"));
    }

    /// The copy was dropped and made anew, a pause passed its deadline, the swap was taken back and made again.
    @Test
    void fromTheFirstChunkToThePause() {
        var journal = journal();
        var said = new ArrayList<String>();
        for (int n = 0; n <= journal.size(); n++) {
            var now = LostCopier.obstacle(journal.subList(0, n), false).orElse(MAY);
            if (said.isEmpty() || !said.getLast().equals(now)) said.add(now);
        }
        assertEquals(
                List.of(NOTHING, MAY, BACK, NOTHING, MAY, HELD, MAY, HELD, EXCHANGE, NOTHING, MAY, HELD, EXCHANGE),
                said);
    }

    @Test
    void notWhereMergesFoldRows() {
        var journal = journal();
        for (int n = 0; n <= journal.size(); n++)
            assertTrue(LostCopier.obstacle(journal.subList(0, n), true).get().startsWith("merges have to be held"));
    }
}
