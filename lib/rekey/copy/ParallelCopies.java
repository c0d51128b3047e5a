package rekey.copy;

import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import rekey.model.Trouble;
import rekey.session.Control;

/// As many chunks at a time as the operator allows now: what `threads` says in the middle of a round counts from the
/// next chunk on. The round's pool was as large as when it began, and a first round may take days.
final class ParallelCopies {
    private final Control control;
    private int busy, begun;
    private boolean closed;

    ParallelCopies(Control control) {
        this.control = control;
    }

    /// One chunk by itself.
    long carry(LongSupplier chunk) {
        return carry(0, List.of(chunk));
    }

    /// Carries a partition's chunks when a lane is free, and leaves time to others behind each. Partitions begin in
    /// their order and keep their lane as long as there are as many: what was printed beforehand is what happens.
    ///
    /// @param rank of the partition, from 0
    /// @return their rows; 0 where the round has failed meanwhile, and nothing was carried
    long carry(int rank, List<LongSupplier> chunks) {
        boolean entered = false;
        try {
            entered = enter(rank);
            long rows = 0;
            for (var chunk : chunks) {
                if (!entered || !keeps()) return rows;
                long begun = System.nanoTime();
                rows += chunk.getAsLong();
                control.rest(Duration.ofNanos(System.nanoTime() - begun));
            }
            return rows;
        } catch (RuntimeException e) {
            close();
            throw e;
        } finally {
            if (entered) leave();
        }
    }

    private synchronized boolean enter(int rank) {
        await(() -> rank <= begun && busy < control.limits().threads());
        begun = Math.max(begun, rank + 1);
        if (!closed) busy++;
        notifyAll();
        return !closed;
    }

    /// Gives the lane away where there are fewer now, and waits for another.
    private synchronized boolean keeps() {
        if (busy > control.limits().threads()) {
            leave();
            try {
                await(() -> busy < control.limits().threads());
            } finally {
                busy++;
            }
        }
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
