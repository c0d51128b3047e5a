package rekey.maintainer.table;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import rekey.lab.ClusterShape;
import rekey.lab.EmbeddedLab;
import rekey.lab.LabOptions;
import rekey.model.Trouble;

/// Drawn tables, one after the other or several side by side, on one lab; and first the one by which the judge
/// proves itself.
public final class DrawnTables {
    private final Consumer<TableTrial.Result> each;
    private long tables, lost, doubled, different, stuck;
    private boolean proved = true;

    /// @param each gets each result as soon as it is there
    private DrawnTables(Consumer<TableTrial.Result> each) {
        this.each = each;
    }

    /// @param from   begin with the table of this number
    /// @param jobs   side by side
    /// @param shape  of a cluster whose replicas have the tables; null for one server
    /// @param record where each run is written down; empty for nowhere
    public static DrawnTables run(
            long seed,
            int from,
            int count,
            int jobs,
            ClusterShape shape,
            Optional<Path> record,
            Consumer<TableTrial.Result> each)
            throws InterruptedException {
        var all = new DrawnTables(each.andThen(result ->
                record.filter(file -> !result.control()).ifPresent(file -> new TableRecord(file).add(result))));
        var options = shape == null
                ? LabOptions.temporary()
                : LabOptions.temporary().withoutKafka().withShape(shape);
        try (var lab = EmbeddedLab.start(options)) {
            var left = new ArrayDeque<TableTrial>();
            left.add(TableTrial.control(lab));
            for (int n = from; left.size() <= count; n++) {
                var drawn = DrawnTable.draw(seed, n);
                if (shape == null || !drawn.engine().goesByOrder()) left.add(new TableTrial(lab, drawn));
            }
            all.work(left, jobs);
        }
        return all;
    }

    private void work(Queue<TableTrial> left, int jobs) throws InterruptedException {
        try (var threads = Executors.newFixedThreadPool(jobs)) {
            var running = new ArrayList<Future<Void>>();
            for (int n = 0; n < jobs; n++)
                running.add(threads.submit(() -> {
                    for (TableTrial trial; (trial = next(left)) != null; ) tell(trial.run());
                    return null;
                }));
            for (var one : running) one.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known
                    ? known
                    : new Trouble.Failed("The tables ended: " + e.getCause() + ".", e.getCause());
        }
    }

    private synchronized TableTrial next(Queue<TableTrial> left) {
        return left.poll();
    }

    private synchronized void tell(TableTrial.Result result) {
        each.accept(result);
        if (result.control()) {
            proved &= result.ok();
            return;
        }
        tables++;
        lost += result.lost();
        doubled += result.doubled();
        different += result.different().size();
        stuck += result.stuck().isEmpty() ? 0 : 1;
    }

    /// Whether the judge found all that was spoilt, and nothing else was wrong.
    public boolean ok() {
        return proved && lost + doubled + different + stuck == 0;
    }

    /// Its last line says what was found.
    @Override
    public String toString() {
        return (proved ? "" : "The judge has not found what was spoilt: this shows nothing.\n")
                + tables + " tables, each migrated, taken back, migrated again and made final\n" + lost + " lost, "
                + doubled + " doubled, " + different + " different" + (stuck == 0 ? "" : ", " + stuck + " stuck");
    }
}
