package rekey.copy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import rekey.model.Trouble;
import rekey.session.Control;
import rekey.session.Lanes;

/// Copies as many chunks at a time as the operator and the healthcheck allow now. What `threads` says in the middle
/// of a round counts from the next chunk on. It used to count from the next round on, and a first round may take
/// days.
final class ParallelCopies {
    /// More chunks are never copied side by side, whatever `threads` says later.
    private static final int MOST_LANES = 64;

    private final Control control;
    private final Lanes lanes;
    private int busy, begun;
    private boolean closed;

    ParallelCopies(Control control, Lanes lanes) {
        this.control = control;
        this.lanes = lanes;
    }

    /// One chunk by itself.
    long carry(LongSupplier chunk) {
        return carry(0, chunk);
    }

    /// Carries a chunk when a lane is free, and leaves time to others behind it. Chunks begin in their order: what
    /// was printed beforehand is what happens.
    ///
    /// @param rank of the chunk, from 0
    /// @return its rows; 0 where the round has failed meanwhile, and nothing was carried
    long carry(int rank, LongSupplier chunk) {
        boolean entered = false;
        try {
            entered = enter(rank);
            if (!entered) return 0;
            long begun = System.nanoTime();
            long rows = chunk.getAsLong();
            control.rest(Duration.ofNanos(System.nanoTime() - begun));
            return rows;
        } catch (RuntimeException | Error e) {
            close(); // also where memory is out: those behind it in its partition would wait for it for ever
            throw e;
        } finally {
            if (entered) leave();
        }
    }

    /// Does all of it, each in a thread that waits for its lane in [#carry].
    ///
    /// @return rows of them all
    static long all(List<Callable<Long>> work) {
        try (var pool = Executors.newFixedThreadPool(Math.min(work.size(), MOST_LANES))) {
            var running = new ArrayList<Future<Long>>();
            for (var w : work) running.add(pool.submit(w));
            long n = 0;
            Throwable first = null;
            for (var f : running) {
                try {
                    n += f.get();
                } catch (ExecutionException e) {
                    if (first == null) first = e.getCause();
                    running.forEach(other -> other.cancel(false));
                } catch (CancellationException e) {
                    continue;
                }
            }
            rethrow(first);
            return n;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("The copy was interrupted.");
        }
    }

    /// Throws what another thread was ended by; does nothing where it was not.
    static void rethrow(Throwable thrown) {
        switch (thrown) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(thrown);
        }
    }

    /// In which order chunks of one partition are attached, though they are copied side by side. A chunk has its
    /// turn when all before it have been attached. These have begun before it, so it waits for none that waits for
    /// its lane.
    final class Order {
        private int chunks, attached;

        /// The next chunk's.
        Turn turn() {
            int place = chunks++;
            return new Turn() {
                @Override
                public boolean await() {
                    return awaited(Order.this, place);
                }

                @Override
                public void done() {
                    attached(Order.this);
                }
            };
        }
    }

    /// When a chunk may be attached.
    interface Turn {
        /// One that waits for no other.
        Turn FREE = new Turn() {
            @Override
            public boolean await() {
                return true;
            }

            @Override
            public void done() {}
        };

        /// @return false where one before it failed: then it must not be attached
        boolean await();

        /// It has been attached.
        void done();
    }

    private synchronized boolean awaited(Order order, int place) {
        await(() -> order.attached == place);
        return order.attached == place;
    }

    private synchronized void attached(Order order) {
        order.attached++;
        notifyAll();
    }

    private synchronized boolean enter(int rank) {
        await(() -> rank <= begun && busy < lanes.now());
        begun = Math.max(begun, rank + 1);
        if (!closed) busy++;
        notifyAll();
        return !closed;
    }

    private synchronized void await(BooleanSupplier free) {
        try {
            while (!closed && !free.getAsBoolean()) {
                if (control.stopping()) control.checkpoint();
                wait(200);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("The copy was interrupted.");
        }
    }

    private synchronized void leave() {
        busy--;
        notifyAll();
    }

    private synchronized void close() {
        closed = true;
        notifyAll();
    }
}
