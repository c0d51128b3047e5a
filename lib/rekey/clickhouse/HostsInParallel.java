package rekey.clickhouse;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;

/// The same of several hosts side by side, for what is held meanwhile is held until the last has answered. One that
/// fails keeps no other from being done: a gate that can't be opened on a host that is away is opened on the others.
public final class HostsInParallel {
    private HostsInParallel() {}

    /// @throws RuntimeException the first that failed, behind all others; theirs are suppressed in it
    public static <T, R> List<R> each(List<T> of, Function<T, R> work) {
        if (of.size() == 1) return List.of(work.apply(of.getFirst()));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            return ended(of.stream()
                    .map(t -> threads.submit((Callable<R>) () -> work.apply(t)))
                    .toList());
        }
    }

    public static <T> void all(List<T> of, Consumer<T> work) {
        each(of, t -> {
            work.accept(t);
            return t;
        });
    }

    private static <R> List<R> ended(List<Future<R>> futures) {
        var out = new java.util.ArrayList<R>();
        Throwable failed = null;
        for (var f : futures)
            try {
                out.add(f.get());
            } catch (ExecutionException e) {
                if (failed == null) failed = e.getCause();
                else if (failed != e.getCause()) failed.addSuppressed(e.getCause());
            } catch (InterruptedException e) {
                futures.forEach(other -> other.cancel(true));
                Thread.currentThread().interrupt();
                throw new rekey.model.Trouble.Stopped("The run was interrupted.");
            }
        if (failed instanceof RuntimeException e) throw e;
        if (failed instanceof Error e) throw e;
        return List.copyOf(out);
    }
}
