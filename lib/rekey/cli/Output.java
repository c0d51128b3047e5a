package rekey.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import rekey.cli.text.Texts;
import rekey.model.Trouble;
import tools.jackson.databind.json.JsonMapper;

/// Where the answers go: text on standard output; with `--json` one JSON object a line there and nothing else, or in
/// a file, and then the text still where it was. Progress and complaints go to standard error.
public final class Output {
    private String json;

    /// A comparison of hours once ended with "can't be written" in place of what it had found.
    @Option(
            names = "--json",
            arity = "0..1",
            fallbackValue = "-",
            paramLabel = "FILE",
            description = "one JSON object a line instead of text; into FILE when one is named")
    void json(String file) {
        json = file;
        if (file != null && !file.equals("-")) mustBeWritable(Path.of(file));
    }

    private static void mustBeWritable(Path file) {
        boolean there = Files.exists(file);
        try {
            Files.write(file, new byte[0], StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            if (!there) Files.delete(file);
        } catch (IOException e) {
            throw new Trouble.Usage(
                    "The file " + file + " of --json can't be written: " + reason(file, e) + ". Name another one.");
        }
    }

    @Option(
            names = "--verbose",
            description = "show every statement that changes something, and the stack trace of an error")
    boolean verbose;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help")
    boolean help;

    @Spec(Spec.Target.MIXEE)
    CommandSpec command;

    private boolean begun, complained;

    /// An answer: as JSON the object itself, as text what [Texts] makes of it.
    public void print(Object answer) {
        json(answer);
        text(Texts.of(answer));
    }

    /// Text only.
    public void text(String text) {
        if (!"-".equals(json) && !text.isEmpty()) out().println(text);
        out().flush();
    }

    /// One line of JSON, where it was asked for.
    public void json(Object object) {
        if (json == null) return;
        var line = JsonMapper.shared().writeValueAsString(object);
        if (json.equals("-")) {
            out().println(line);
            out().flush();
        } else append(Path.of(json), line);
    }

    private void append(Path file, String line) {
        try {
            if (begun) Files.writeString(file, line + "\n", StandardOpenOption.APPEND);
            else Files.writeString(file, line + "\n");
            begun = true;
        } catch (IOException e) {
            // a run of hours does not end for it, least of all while ingestion is held
            if (!complained)
                say("The file " + file + " of --json can't be written any more: " + reason(file, e) + ". The run goes"
                        + " on without it.");
            complained = true;
        }
    }

    /// What Java says of a file is often its name alone.
    private static String reason(Path file, IOException e) {
        var folder = file.toAbsolutePath().getParent();
        return switch (e) {
            case NoSuchFileException n -> "there is no folder " + folder;
            case AccessDeniedException a -> "you may not write there";
            default -> Files.isDirectory(file) ? "it is a folder" : String.valueOf(e.getMessage());
        };
    }

    /// For the person, not for a pipe.
    public void say(String text) {
        err().println(text);
        err().flush();
    }

    /// Whether every detail is wanted.
    public boolean verbose() {
        return verbose;
    }

    boolean json() {
        return json != null;
    }

    PrintWriter out() {
        return command.commandLine().getOut();
    }

    PrintWriter err() {
        return command.commandLine().getErr();
    }
}
