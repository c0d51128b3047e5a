// Runs the tests: all but the long ones, or those of the tags, tag expressions or test classes named.
//
//   jbang test                      all that are not tagged slow
//   jbang test slow                 the long matrix
//   jbang test '!slow' LayoutTest   those not tagged slow, and LayoutTest
//   jbang test 'kafka & !slow'      JUnit's tag expressions
//
// REKEY_TESTS_PARALLEL: how many test classes run side by side (default 3: a good part of a migration is waiting for
// Kafka).

//JAVA 25+
//RUNTIME_OPTIONS -ea --add-opens=jdk.jshell/jdk.jshell=ALL-UNNAMED
//DEPS org.junit.jupiter:junit-jupiter:5.14.4
//DEPS org.junit.platform:junit-platform-launcher:1.14.4
//SOURCES ../lib/Lab.java
//SOURCES ../lib/rekey/maintainer/package-info.java
//SOURCES rekey/**.java

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClasspathRoots;

import org.junit.platform.engine.*;
import org.junit.platform.engine.discovery.ClassNameFilter;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.*;
import org.junit.platform.launcher.core.*;
import rekey.Results;

void main(String... wanted) throws Exception {
    // labs make and remove thousands of small files; with room enough they do so in memory
    var memory = Path.of("/dev/shm");
    if (Files.isWritable(memory) && Files.getFileStore(memory)
            .getUsableSpace() > 8L << 30) System.setProperty("java.io.tmpdir", memory.toString());
    var jar = Path.of(getClass().getProtectionDomain().getCodeSource().getLocation().toURI());
    var parallel = Optional.ofNullable(System.getenv("REKEY_TESTS_PARALLEL")).orElse("3");
    var all = LauncherDiscoveryRequestBuilder.request()
            .selectors(selectClasspathRoots(Set.of(jar)))
            .filters(ClassNameFilter.includeClassNamePatterns(".*Test"))
            .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
            .configurationParameter("junit.jupiter.execution.parallel.mode.classes.default", "concurrent")
            // of the workers one begins at the head of the queue and one at its end: there stand the classes that
            // take longest
            .configurationParameter("junit.jupiter.testclass.order.default",
                    "org.junit.jupiter.api.ClassOrderer$OrderAnnotation")
            // a run whose server is gone waits for it: one such test once kept all others from their end
            .configurationParameter("junit.jupiter.execution.timeout.default", "10 m")
            .configurationParameter("junit.jupiter.execution.timeout.thread.mode.default", "separate_thread")
            .configurationParameter("junit.jupiter.execution.timeout.threaddump.enabled", "true")
            .configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
            .configurationParameter("junit.jupiter.execution.parallel.config.fixed.parallelism", parallel)
            .configurationParameter("junit.jupiter.execution.parallel.config.fixed.max-pool-size", parallel);
    var results = new Results();
    try (var session = LauncherFactory.openSession()) {     // what tests share, a lab say, is closed with it
        session.getLauncher().execute(all.filters(oneOf(wanted)).build(), results);
    }
    System.exit(results.summary() ? 0 : 1);
}

/// A test of a class named, or with a tag asked for; everything but the long ones when nothing is asked for.
PostDiscoveryFilter oneOf(String... wanted) {
    if (wanted.length == 0) return TagFilter.excludeTags("slow");
    var tags = Stream.of(wanted).map(TagFilter::includeTags).toList();
    return test -> FilterResult.includedIf(tags.stream().anyMatch(tag -> tag.apply(test).included())
            || Stream.iterate(test, Objects::nonNull, t -> t.getParent().orElse(null))
                    .anyMatch(t -> t.getSource().orElse(null) instanceof ClassSource source
                            && List.of(wanted).contains(source.getJavaClass().getSimpleName())));
}
