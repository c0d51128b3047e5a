package rekey.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import rekey.model.Part;

/// What came into a table since: above one number, or above one of each partition.
class HighestBlockTest {
    private static Part part(String partition, long from, long to) {
        return new Part(partition + "_" + from + "_" + to + "_0", partition, from, to, 0, 1, 1, "h", false);
    }

    @Test
    void overTheWholeTable() {
        var witness = HighestBlock.parse(new HighestBlock(7, Map.of()).toString());
        assertTrue(witness.above(part("a", 8, 8)));
        assertFalse(witness.above(part("a", 7, 9)));
        assertTrue(witness.reachedBy(part("a", 7, 9)));
        assertEquals("_block_number > 7", witness.condition());
    }

    /// With one number for all of a replicated table the block 3 of a partition that has had 2 would be an old one.
    @Test
    void ofEachPartitionByItself() {
        var witness = HighestBlock.parse(new HighestBlock(-1, Map.of("202601", 900L, "a:b", 2L)).toString());
        assertTrue(witness.above(part("a:b", 3, 3)));
        assertFalse(witness.above(part("202601", 3, 3)));
        assertTrue(witness.above(part("202602", 0, 0)), "the first block of a new partition");
        assertEquals(
                "((_partition_id = '202601' AND _block_number > 900) OR (_partition_id = 'a:b' AND _block_number > 2)"
                        + " OR _partition_id NOT IN ('202601', 'a:b'))",
                witness.condition());
    }

    @Test
    void ofAReplicatedTableThatIsEmpty() {
        var witness = HighestBlock.parse(new HighestBlock(-1, Map.of()).toString());
        assertTrue(witness.above(part("202602", 0, 0)));
        assertEquals("_block_number > -1", witness.condition());
    }
}
