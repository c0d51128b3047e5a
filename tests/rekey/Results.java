package rekey;

import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.UniqueId;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/// What a run of the tests prints: a line for each test as it ends, and the counts at last.
public final class Results implements TestExecutionListener {
    private static final int LONGEST = 12;

    private final AtomicInteger passed = new AtomicInteger();
    private final AtomicInteger skipped = new AtomicInteger();
    private final Queue<String> failed = new ConcurrentLinkedQueue<>();
    private final Map<UniqueId, Long> started = new ConcurrentHashMap<>();
    private final Map<String, Long> classes = new ConcurrentHashMap<>();
    private volatile TestPlan plan;

    @Override
    public void testPlanExecutionStarted(TestPlan plan) {
        this.plan = plan;
    }

    /// What classes leave on the shared lab takes time from those after them, and nobody sees it.
    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        var left = Labs.leftDatabases();
        if (!left.isEmpty()) failed.add("databases left on the shared lab: " + left);
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        started.put(test.getUniqueIdObject(), System.nanoTime());
        if (test.getSource().orElse(null) instanceof ClassSource) Labs.beginClass();
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        var tests = test.isTest()
                ? 1
                : plan.getDescendants(test).stream()
                        .filter(TestIdentifier::isTest)
                        .count();
        skipped.addAndGet((int) tests);
        IO.println("skipped " + name(test) + ": " + reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        var ms = (System.nanoTime() - started.get(test.getUniqueIdObject())) / 1_000_000;
        if (test.getSource().orElse(null) instanceof ClassSource) {
            Labs.dropDatabases();
            classes.put(test.getDisplayName(), ms);
        }
        switch (result.getStatus()) {
            case FAILED -> {
                failed.add(name(test));
                IO.println("FAILED  " + name(test) + " " + ms + " ms" + why(result));
            }
            case ABORTED ->
                executionSkipped(
                        test, result.getThrowable().map(Throwable::getMessage).orElse("aborted"));
            case SUCCESSFUL -> {
                if (!test.isTest()) return;
                passed.incrementAndGet();
                IO.println("ok      " + name(test) + " " + ms + " ms");
            }
        }
    }

    /// Prints which classes took longest, what failed once more, and the counts; true when something passed and
    /// nothing failed.
    public boolean summary() {
        if (classes.size() > LONGEST)
            IO.println("longest: "
                    + classes.entrySet().stream()
                            .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                            .limit(LONGEST)
                            .map(c -> c.getKey() + " " + c.getValue() / 1000 + " s")
                            .collect(Collectors.joining(", ")));
        failed.forEach(name -> IO.println("failed: " + name));
        if (passed.get() + failed.size() + skipped.get() == 0) IO.println("No test has such a tag or class name.");
        IO.println("%d passed, %d failed, %d skipped".formatted(passed.get(), failed.size(), skipped.get()));
        return failed.isEmpty() && passed.get() > 0;
    }

    /// The message, its causes, and of the stack the lines that are this project's.
    private static String why(TestExecutionResult result) {
        var text = new StringBuilder();
        for (var e = result.getThrowable().orElse(null); e != null; e = e.getCause()) {
            text.append("\n        ").append(e);
            Stream.of(e.getStackTrace())
                    .filter(at -> at.getClassName().startsWith("rekey."))
                    .limit(8)
                    .forEach(at -> text.append("\n            at ").append(at));
        }
        return text.toString();
    }

    /// `LayoutTest.scriptsAreShort`, and behind it the name of one invocation where there are several.
    private String name(TestIdentifier test) {
        var own = test.getDisplayName().replaceFirst("(?<=\\w)\\([\\w, .$<>\\[\\]]*\\)$", "");
        return plan.getParent(test)
                .filter(parent -> plan.getParent(parent).isPresent())
                .map(parent -> name(parent) + "." + own)
                .orElse(own);
    }
}
