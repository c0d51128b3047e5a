package rekey.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.model.Trouble;
import rekey.session.Control;
import rekey.session.Lanes;
import rekey.session.Limits;

/// How many chunks are carried side by side, and what they leave to others, as it is said in the middle of a round.
@Tag("unit")
class ParallelCopiesTest {
    private final Control control = new Control(Limits.DEFAULT.withThreads(1));
    private final Lanes allowed = new Lanes(control);
    private final ParallelCopies lanes = new ParallelCopies(control, allowed);

    /// A chunk that says when it has begun, and ends when it may.
    private Future<Long> chunk(ExecutorService pool, CountDownLatch begun, CountDownLatch may) {
        return pool.submit(() -> lanes.carry(() -> {
            begun.countDown();
            await(may);
            return 1;
        }));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void moreOfThemBeginWhenMoreMay() throws Exception {
        var may = new CountDownLatch(1);
        try (var pool = Executors.newFixedThreadPool(3)) {
            var first = new CountDownLatch(1);
            var one = chunk(pool, first, may);
            await(first);
            var others = new CountDownLatch(2);
            var two = chunk(pool, others, may);
            var three = chunk(pool, others, may);
            assertEquals(2, others.getCount());
            control.limits(control.limits().withThreads(3));
            await(others); // for ever, where the number counts from the next round on
            may.countDown();
            assertEquals(3, one.get() + two.get() + three.get());
        }
    }

    /// The healthcheck's word: what is under way goes on, and none more begins.
    @Test
    void fewerOfThemBeginWhenFewerMayAndInTheirOrder() throws Exception {
        control.limits(control.limits().withThreads(2));
        var may = List.of(new CountDownLatch(1), new CountDownLatch(1), new CountDownLatch(0), new CountDownLatch(0));
        var begun = new CopyOnWriteArrayList<Integer>();
        var both = new CountDownLatch(2);
        try (var pool = Executors.newFixedThreadPool(4)) {
            var all = IntStream.range(0, 4)
                    .mapToObj(rank -> pool.submit(() -> lanes.carry(rank, () -> {
                        begun.add(rank);
                        both.countDown();
                        await(may.get(rank));
                        return 1;
                    })))
                    .toList();
            await(both);
            allowed.scarce("memory is short");
            may.getFirst().countDown();
            assertEquals(1, all.getFirst().get());
            Thread.sleep(500); // more than a lane's look
            assertEquals(Set.of(0, 1), Set.copyOf(begun));
            may.get(1).countDown();
            for (var chunk : all) assertEquals(1, chunk.get());
            assertEquals(List.of(2, 3), begun.subList(2, 4));
        }
    }

    @Test
    void whenOneFailsNoOtherBegins() throws Exception {
        var may = new CountDownLatch(1);
        try (var pool = Executors.newFixedThreadPool(2)) {
            var first = new CountDownLatch(1);
            var failing = pool.submit(() -> lanes.carry(() -> {
                first.countDown();
                await(may);
                throw new Trouble.Failed("a disk is full");
            }));
            await(first);
            var waiting = chunk(pool, new CountDownLatch(1), may);
            may.countDown();
            var failed = assertThrows(ExecutionException.class, failing::get);
            assertEquals("a disk is full", failed.getCause().getMessage());
            assertEquals(0, waiting.get());
            assertEquals(0, lanes.carry(() -> 7));
        }
    }

    @Test
    void oneThatWaitsHearsTheStop() throws Exception {
        var may = new CountDownLatch(1);
        try (var pool = Executors.newFixedThreadPool(2)) {
            var first = new CountDownLatch(1);
            var one = chunk(pool, first, may);
            await(first);
            var waiting = chunk(pool, new CountDownLatch(1), may);
            control.stop("enough");
            assertEquals(
                    "enough",
                    assertThrows(ExecutionException.class, waiting::get)
                            .getCause()
                            .getMessage());
            may.countDown();
            assertEquals(1, one.get());
        }
    }

    /// Chunks of one partition are copied side by side, and the later one is attached when the earlier one has been.
    @Test
    void theyAreAttachedInTheirOrder() throws Exception {
        control.limits(control.limits().withThreads(2));
        var order = lanes.new Order();
        var turns = List.of(order.turn(), order.turn());
        var attached = new CopyOnWriteArrayList<Integer>();
        var both = new CountDownLatch(2);
        var may = new CountDownLatch(1);
        try (var pool = Executors.newFixedThreadPool(2)) {
            var first = pool.submit(() -> lanes.carry(0, () -> {
                both.countDown();
                await(may);
                return attach(turns.get(0), attached, 0);
            }));
            var second = pool.submit(() -> lanes.carry(1, () -> {
                both.countDown();
                return attach(turns.get(1), attached, 1);
            }));
            await(both); // for ever, where the second waits for the first's lane
            assertEquals(List.of(), attached);
            may.countDown();
            assertEquals(2, first.get() + second.get());
            assertEquals(List.of(0, 1), attached);
        }
    }

    @Test
    void behindOneThatFailedNoneOfItsPartitionIsAttached() throws Exception {
        control.limits(control.limits().withThreads(2));
        var order = lanes.new Order();
        order.turn();
        var turn = order.turn();
        var attached = new CopyOnWriteArrayList<Integer>();
        var both = new CountDownLatch(2);
        try (var pool = Executors.newFixedThreadPool(2)) {
            var failing = pool.submit(() -> lanes.carry(0, () -> {
                both.countDown();
                await(both);
                throw new Trouble.Failed("a disk is full");
            }));
            var second = pool.submit(() -> lanes.carry(1, () -> {
                both.countDown();
                return attach(turn, attached, 1);
            }));
            assertThrows(ExecutionException.class, failing::get);
            assertEquals(0, second.get());
            assertEquals(List.of(), attached);
        }
    }

    private static long attach(ParallelCopies.Turn turn, List<Integer> attached, int number) {
        if (!turn.await()) return 0;
        attached.add(number);
        turn.done();
        return 1;
    }

    @Test
    void itRestsAsLongAsItWasToldAndNotWhileIngestionIsHeld() {
        control.limits(control.limits().withNice(0.75));
        long begun = System.nanoTime();
        control.rest(Duration.ofMillis(100));
        assertTrue(System.nanoTime() - begun >= 300_000_000L);
        control.limits(control.limits().withNice(0.9999999));
        control.ingestionHeld(true);
        control.rest(Duration.ofHours(1)); // would take a thousand years
        control.ingestionHeld(false);
        control.stop("enough");
        assertThrows(Trouble.Stopped.class, () -> control.rest(Duration.ofHours(1)));
    }

    @Test
    void aShareThatLeavesNoTimeToGetOnIsRefused() {
        for (double share : new double[] {1, -0.1, 3, Double.NaN})
            assertThrows(Trouble.Usage.class, () -> control.limits().withNice(share));
    }
}
