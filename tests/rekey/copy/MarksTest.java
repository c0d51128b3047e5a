package rekey.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.model.Blocks;
import rekey.model.Part;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.SomeLines;

/// What was carried, as the journal tells it, and what is left to carry.
@Tag("unit")
class MarksTest {
    private static Entry line(Detail detail) {
        return new Entry(Instant.EPOCH, "r", 1, "attach", detail);
    }

    private static Entry attached(String from, String to, String slices, String own) {
        return line(SomeLines.attached(from, to, slices, own));
    }

    private static Part part(String partition, long min, long max, long rows) throws Exception {
        // the fields are named by those of the record, so that a new one does not break the test
        var values = new HashMap<String, Object>(Map.of(
                "name",
                partition + "_" + min + "_" + max,
                "partition",
                partition,
                "minBlock",
                min,
                "maxBlock",
                max,
                "level",
                0L,
                "rows",
                rows,
                "bytes",
                rows * 10,
                "hash",
                "h"));
        var fields = Part.class.getRecordComponents();
        var arguments = new Object[fields.length];
        var types = new Class<?>[fields.length];
        for (int i = 0; i < fields.length; i++) {
            types[i] = fields[i].getType();
            arguments[i] = values.getOrDefault(
                    fields[i].getName(),
                    types[i] == long.class ? (Object) 0L : types[i] == boolean.class ? (Object) false : null);
        }
        return Part.class.getDeclaredConstructor(types).newInstance(arguments);
    }

    @Test
    void whatRekeyItselfAttachedCountsAsCarried() {
        var journal = List.of(
                attached("old", "new", "202601:1-5 202602:3", "202601:1-2"),
                attached("new", "old", "202601:7", "202601:9"),
                line(SomeLines.abandoned(SomeLines.staged("old", "new", "staging", "202601:6", 1))));
        assertEquals(
                Map.of("202601", Blocks.parse("1-5,9"), "202602", Blocks.parse("3")),
                Marks.read(journal, "old", "new").carried());
        assertEquals(
                Map.of("202601", Blocks.parse("1-2,7")),
                Marks.read(journal, "new", "old").carried());
        assertEquals(Map.of(), Marks.read(journal, "other", "new").carried());
    }

    /// After a rollback the old target is dropped: a new one lacks what that had given back.
    @Test
    void whatAnEarlierTargetGaveBackIsNotInANewOne() {
        var journal = List.of(
                attached("old", "first", "202601:1-5", "202601:1-2"), attached("first", "old", "202601:7", "202601:9"));
        assertEquals(Map.of(), Marks.read(journal, "old", "second").carried());
        assertEquals(
                Map.of("202601", Blocks.parse("1-5,9")),
                Marks.read(journal, "old", "first").carried());
    }

    @Test
    void textOfMarksReadsBack() {
        var marks = Map.of("202601", Blocks.parse("1-5,9"), "all", Blocks.parse("0"), "1-2-aå", Blocks.parse("3"));
        assertEquals(marks, Blocks.byPartition(Blocks.text(marks)));
        assertEquals(Map.of(), Blocks.byPartition(Blocks.text(Map.of())));
    }

    /// Whatever has been carried, the chunks hold each block that was not, once, and none that was.
    @Test
    void eachBlockNotCarriedIsInOneChunk() throws Exception {
        var random = new SplittableRandom(3);
        for (int run = 0; run < 500; run++) {
            var parts = new ArrayList<Part>();
            var carried = new HashMap<String, Blocks>();
            var wanted = new HashMap<String, Blocks>();
            for (var partition : List.of("a", "b", "c")) {
                var done = Blocks.NONE;
                var all = Blocks.NONE;
                for (long n = random.nextInt(4); n < 30; n += 1 + random.nextInt(3)) {
                    long to = n + random.nextInt(3);
                    parts.add(part(partition, n, to, 1 + random.nextInt(50)));
                    all = all.plus(Blocks.of(n, to));
                    if (random.nextBoolean())
                        done = done.plus(random.nextBoolean() ? Blocks.of(n, to) : Blocks.of(n, n));
                    n = to;
                }
                if (!done.isEmpty()) carried.put(partition, done);
                if (!all.minus(done).isEmpty()) wanted.put(partition, all.minus(done));
            }
            var found = new HashMap<String, Blocks>();
            for (var chunk : new Marks(carried).pending(parts, 60)) {
                assertEquals(1, chunk.slices().size());
                chunk.slices().forEach((partition, blocks) -> {
                    assertTrue(
                            found.getOrDefault(partition, Blocks.NONE)
                                    .intersect(blocks)
                                    .isEmpty(),
                            "a block in two chunks");
                    found.merge(partition, blocks, Blocks::plus);
                    assertTrue(
                            chunk.reach()
                                    .get(partition)
                                    .intersect(carried.getOrDefault(partition, Blocks.NONE))
                                    .isEmpty(),
                            "a carried block in a chunk's reach");
                    assertTrue(
                            blocks.minus(chunk.reach().get(partition)).isEmpty(), "a block out of its chunk's reach");
                });
            }
            assertEquals(wanted, found);
        }
    }

    /// Of a replicated table block 2 may come when 3 has been carried: it must be found then, and not be taken for
    /// carried, nor be copied by a chunk that did not name it.
    @Test
    void aLowerBlockThatComesLate() throws Exception {
        var first = new Marks(Map.of()).pending(List.of(part("a", 1, 1, 10), part("a", 3, 3, 10)), 100);
        assertEquals(Blocks.parse("1,3"), first.getFirst().exact().reach().get("a"));
        var late = new Marks(Map.of("a", Blocks.parse("1,3"))).pending(List.of(part("a", 1, 3, 30)), 100);
        assertEquals(Blocks.parse("2"), late.getFirst().slices().get("a"));
    }

    /// The reach of one chunk must not take another's rows: both would be carried twice.
    @Test
    void noTwoChunksReachTheSameBlock() throws Exception {
        var parts = new ArrayList<Part>();
        for (int n = 1; n < 60; n += 3) parts.add(part("a", n, n + 1, 10));
        var reached = Blocks.NONE;
        for (var chunk : new Marks(Map.of("a", Blocks.parse("7-8,25-26"))).pending(parts, 35)) {
            assertTrue(reached.intersect(chunk.reach().get("a")).isEmpty());
            reached = reached.plus(chunk.reach().get("a"));
        }
    }
}
