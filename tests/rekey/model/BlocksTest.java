package rekey.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Interval sets against the plainest model of them: a bit for each number. A mark that is wrong by one loses a row
/// or doubles it.
@Tag("unit")
class BlocksTest {
    private static final int SIZE = 40;

    private static void forRandomPairs(BiConsumer<BitSet, BitSet> property) {
        var random = new SplittableRandom(1);
        for (int i = 0; i < 3000; i++) property.accept(bits(random), bits(random));
    }

    private static BitSet bits(SplittableRandom random) {
        var bits = new BitSet();
        double share = random.nextDouble();
        for (int i = 0; i < SIZE; i++) if (random.nextDouble() < share) bits.set(i);
        return bits;
    }

    private static Blocks blocks(BitSet bits) {
        var each = new ArrayList<Blocks.Interval>();
        bits.stream().forEach(n -> each.addFirst(new Blocks.Interval(n, n)));
        return Blocks.union(each);
    }

    private static BitSet and(BitSet a, BitSet b) {
        var out = (BitSet) a.clone();
        out.and(b);
        return out;
    }

    private static BitSet without(BitSet a, BitSet b) {
        var out = (BitSet) a.clone();
        out.andNot(b);
        return out;
    }

    private static BitSet or(BitSet a, BitSet b) {
        var out = (BitSet) a.clone();
        out.or(b);
        return out;
    }

    @Test
    void setsOfBlocksAreSets() {
        forRandomPairs((a, b) -> {
            assertEquals(blocks(or(a, b)), blocks(a).plus(blocks(b)));
            assertEquals(blocks(without(a, b)), blocks(a).minus(blocks(b)));
            assertEquals(blocks(and(a, b)), blocks(a).intersect(blocks(b)));
            for (int n = 0; n < SIZE; n++) assertEquals(a.get(n), blocks(a).contains(n));
            assertEquals(a.isEmpty() ? -1 : a.nextSetBit(0), blocks(a).min());
            assertEquals(a.length() - 1, blocks(a).max());
        });
    }

    @Test
    void joiningFillsOnlyGapsWithoutTheOthersBlocks() {
        forRandomPairs((a, b) -> {
            var apart = without(b, a);
            var between = new BitSet();
            if (!a.isEmpty()) between.set(a.nextSetBit(0), a.length());
            assertEquals(blocks(without(between, apart)), blocks(a).joined(blocks(apart)));
        });
    }

    @Test
    void theJournalsTextReadsBack() {
        forRandomPairs((a, b) -> assertEquals(blocks(a), Blocks.parse(blocks(a).toString())));
        assertEquals("1-5,8", Blocks.of(1, 5).plus(Blocks.of(8, 8)).toString());
        assertEquals(Blocks.of(1, 8), Blocks.parse("6-8,1-3,3-5"));
        assertEquals(Blocks.NONE, Blocks.parse(""));
    }

    @Test
    void intervalsStayApartAndInOrder() {
        forRandomPairs((a, b) -> {
            long end = -2;
            for (var i : blocks(a).plus(blocks(b)).intervals()) {
                assertTrue(i.from() > end + 1);
                end = i.to();
            }
        });
        assertThrows(IllegalArgumentException.class, () -> Blocks.of(2, 1));
    }

    @Test
    void theConditionNamesEveryInterval() {
        assertEquals("0", Blocks.NONE.condition("b"));
        assertEquals("(b BETWEEN 1 AND 5 OR b = 8)", Blocks.parse("1-5,8").condition("b"));
    }
}
