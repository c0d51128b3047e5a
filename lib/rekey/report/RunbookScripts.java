package rekey.report;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import rekey.model.Trouble;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The scripts, each made to work alone: its relative `//SOURCES ../lib/Rekey.java` becomes an absolute one, and
/// that file names all others beside itself. So a script can be copied into a runbook, a ticket or an empty folder.
///
/// @param from where the scripts are read: a checkout's folder, or the address under which one is served
/// @param base what the copies name
public record RunbookScripts(String from, String base) {
    private static final Pattern GITHUB =
            Pattern.compile("(?:https://(?:[^@/]+@)?|git@|ssh://git@)github\\.com[:/]([^/]+/[^/]+?)(?:\\.git)?");

    /// @param base null: the commit of this checkout at GitHub when it is there, else the checkout's own folder
    public static RunbookScripts of(String base) {
        if (base != null) {
            var plain = base.replaceFirst("/+$", "");
            return plain.matches("https?://.*") ? new RunbookScripts(plain, plain) : at(Path.of(plain));
        }
        var home = System.getenv("REKEY_HOME");
        if (home == null)
            throw new Trouble.Usage(
                    "Where are the scripts? Give --base: the address or the folder of a checkout of rekey, or run this"
                            + " by the checkout's own ./jbang.");
        var folder = at(Path.of(home));
        return pushed(Path.of(home))
                .map(url -> new RunbookScripts(folder.from, url))
                .orElse(folder);
    }

    private static RunbookScripts at(Path folder) {
        var absolute = folder.toAbsolutePath().normalize().toString();
        return new RunbookScripts(absolute, absolute);
    }

    /// The address of the commit that is checked out, if a branch at GitHub has it. A commit never changes: a copied
    /// script goes on to do what it did.
    private static Optional<String> pushed(Path folder) {
        var remote = GITHUB.matcher(git(folder, "remote", "get-url", "origin"));
        if (!remote.matches()
                || git(folder, "branch", "-r", "--contains", "HEAD").isEmpty()) return Optional.empty();
        return Optional.of(
                "https://raw.githubusercontent.com/" + remote.group(1) + "/" + git(folder, "rev-parse", "HEAD"));
    }

    private static String git(Path folder, String... command) {
        try {
            var all = new ArrayList<>(List.of("git", "-C", folder.toString()));
            all.addAll(List.of(command));
            var git = new ProcessBuilder(all)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            var said = new String(git.getInputStream().readAllBytes()).strip();
            return git.waitFor() == 0 ? said : "";
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    /// By their file names, in the order of the catalog; those of maintainers are none for a runbook.
    public Map<String, String> scripts() {
        var out = new LinkedHashMap<String, String>();
        for (var ref : aliases().values()) {
            var text = text(ref);
            // that of all commands names the others, which lie beside it
            out.put(
                    ref.replaceFirst(".*/", ""),
                    text.replaceAll("(?m)^//SOURCES \\.\\./", "//SOURCES " + Matcher.quoteReplacement(base) + "/")
                            .replaceAll(
                                    "(?m)^//SOURCES (?=[A-Z]\\w*\\.java)",
                                    "//SOURCES " + Matcher.quoteReplacement(base) + "/scripts/"));
        }
        return out;
    }

    private Map<String, String> aliases() {
        var out = new LinkedHashMap<String, String>();
        try {
            for (var alias : JsonMapper.shared()
                    .readTree(text("jbang-catalog.json"))
                    .path("aliases")
                    .properties())
                if (alias.getValue().path("script-ref").asString("").matches("scripts/\\w+\\.java")
                        && !alias.getValue()
                                .path("arguments")
                                .path(0)
                                .asString("")
                                .startsWith("-")) out.put(alias.getKey(), script(alias.getValue()));
        } catch (JacksonException e) {
            throw new Trouble.Failed(
                    "What " + from + "/jbang-catalog.json says is no JSON: " + e.getOriginalMessage() + ".");
        }
        return out;
    }

    /// An alias that shares the one build says by its first argument which script is meant.
    private static String script(JsonNode alias) {
        var verb = alias.path("arguments").path(0).asString("");
        return verb.isEmpty()
                ? alias.path("script-ref").asString()
                : "scripts/"
                        + Stream.of(verb.split("-"))
                                .map(w -> w.substring(0, 1).toUpperCase(Locale.ROOT) + w.substring(1))
                                .collect(Collectors.joining())
                        + ".java";
    }

    /// Writes them into a folder.
    ///
    /// @return what a person is told
    public String write(Path folder) {
        var all = scripts();
        try {
            Files.createDirectories(folder);
            for (var script : all.entrySet()) Files.writeString(folder.resolve(script.getKey()), script.getValue());
        } catch (IOException e) {
            throw new Trouble.Failed(
                    "The scripts can't be written into " + folder + " ("
                            + e.getClass().getSimpleName() + "): name a folder that is writable.",
                    e);
        }
        return all.size() + " scripts in " + folder + ", each works alone: jbang "
                + folder.resolve(all.keySet().iterator().next()) + " --help\nThey are those of " + base + ".";
    }

    /// One below the other.
    public String text() {
        var out = new StringBuilder();
        scripts()
                .forEach((name, text) -> out.append("// ======== ")
                        .append(name)
                        .append(" ========\n")
                        .append(text)
                        .append('\n'));
        return out.toString();
    }

    private String text(String path) {
        try {
            if (!from.matches("https?://.*")) return Files.readString(Path.of(from, path));
            try (var http = HttpClient.newBuilder()
                    .followRedirects(HttpClient.Redirect.NORMAL)
                    .build()) {
                var answer = http.send(
                        HttpRequest.newBuilder(URI.create(from + "/" + path)).build(), BodyHandlers.ofString());
                if (answer.statusCode() == 200) return answer.body();
                throw new Trouble.Failed("There is no rekey at " + from + ": " + path + " answers "
                        + answer.statusCode() + ". Correct --base.");
            }
        } catch (IOException e) {
            throw new Trouble.Failed(
                    "There is no rekey at " + from + ": " + path + " can't be read ("
                            + e.getClass().getSimpleName() + "). Correct --base.",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("Interrupted.");
        }
    }
}
