///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//DEPS io.github.padreati:rapaio-jupyter-kernel:3.0.1
//SOURCES ../../lib/Lab.java
//SOURCES ../../lib/rekey/maintainer/package-info.java

// Makes Jupyter know a kernel `rekey`, which is the rapaio Java kernel with rekey on its class path; or runs
// notebooks without Jupyter, and writes what their cells show into them.
//
// Example: ./jbang notebooks --install

import static rekey.Rekey.command;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import rekey.cli.Output;
import rekey.maintainer.Notebook;
import tools.jackson.databind.json.JsonMapper;

@Command(name = "notebooks", description = "Installs the notebooks' kernel, or runs them and writes their outputs.",
        footer = {"", "Example: ./jbang notebooks --install",
        "         ./jbang notebooks notebooks/events_sample_by.ipynb"})
int run(@Mixin Output output,
        @Parameters(paramLabel = "FILE",
        description = "notebooks whose cells are run, all of them, and written with what they show") List<Path> files,
        @Option(names = "--install",
        description = "write a kernel named rekey where Jupyter looks for this user's") boolean install,
        @Option(names = "--png", paramLabel = "FILE",
        description = "the first picture of the first notebook, by itself") Path png) throws java.io.IOException {
    var home = Path.of(System.getProperty("user.home"));
    if (install) output.text("Installed: " + kernel(home) + ". Now: jupyter lab notebooks");
    for (var file : files == null ? List.<Path>of() : files) {
        output.say(file + " ...");
        var notebook = Notebook.read(file);
        notebook.run(true);
        notebook.write();
        if (png != null && file.equals(files.getFirst())) Files.write(png, notebook.firstPicture());
    }
    return 0;
}

Path kernel(Path home) throws java.io.IOException {
    var os = System.getProperty("os.name");
    var jupyter = os.startsWith("Windows") ? Path.of(System.getenv("APPDATA"), "jupyter") : os.startsWith("Mac")
            ? home.resolve("Library/Jupyter") : home.resolve(".local/share/jupyter");
    var folder = Files.createDirectories(jupyter.resolve("kernels/rekey"));
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return Files.writeString(folder.resolve("kernel.json"), JsonMapper.shared()
            .writeValueAsString(Map.of("display_name", "rekey (Java)", "language", "java", "argv",
            List.of(java, "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp",
            System.getProperty("java.class.path"), "org.rapaio.jupyter.kernel.MainApp", "{connection_file}"))));
}

void main(String... args) { System.exit(command(this, args)); }
