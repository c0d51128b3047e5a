package rekey;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The compiler has nothing to say against library, scripts and tests. `serial` is not asked for: no exception is
/// ever serialized.
@Tag("layout")
class LintTest {
    @Test
    void theCompilerWarnsOfNothing(@TempDir Path out) throws Exception {
        var compiler = ToolProvider.getSystemJavaCompiler();
        var said = new DiagnosticCollector<JavaFileObject>();
        try (var files = compiler.getStandardFileManager(said, Locale.ROOT, null)) {
            var all = Stream.of("lib", "scripts", "tests")
                    .flatMap(folder -> Repo.javaFiles(folder).stream())
                    .map(Repo.ROOT::resolve)
                    .toList();
            // what it warns of is found before any class is written
            var options = List.of(
                    "-Xlint:all,-serial,-restricted,-classfile,-path",
                    "-XDshould-stop.ifNoError=FLOW",
                    "-proc:none",
                    "-classpath",
                    System.getProperty("java.class.path"));
            compiler.getTask(
                            null,
                            files,
                            said,
                            Stream.concat(options.stream(), Stream.of("-d", out.toString()))
                                    .toList(),
                            null,
                            files.getJavaFileObjectsFromPaths(all))
                    .call();
        }
        assertEquals(
                List.of(),
                said.getDiagnostics().stream()
                        .filter(d -> d.getKind() != Diagnostic.Kind.NOTE && d.getSource() != null)
                        .map(d -> Repo.ROOT.relativize(Path.of(d.getSource().toUri())) + ":" + d.getLineNumber() + " "
                                + d.getMessage(Locale.ROOT))
                        .toList());
    }
}
