package rekey.cli;

import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import rekey.model.Trouble;

/// Asks the person at the terminal. Where there is none nothing is guessed: the sentence says which option to give.
public record ConsolePrompt(boolean yes) {

    /// Whether a person sits there.
    public static boolean terminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    /// So many columns has that person's terminal; 80 where there is none.
    public static int columns() {
        if (!terminal()) return 80;
        try { // not by JLine: what it asks the terminal swallows what was typed ahead
            var stty = new ProcessBuilder("stty", "size")
                    .redirectInput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            var size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                    .strip()
                    .split(" ");
            int columns = stty.waitFor() == 0 && size.length == 2 ? Integer.parseInt(size[1]) : 0;
            return columns < 40 ? 80 : Math.min(columns, 120);
        } catch (IOException | NumberFormatException e) {
            return 80; // a width that can't be told is no reason not to answer
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 80;
        }
    }

    /// As [#sure], but where nobody sits nobody is asked.
    void consent(String question) {
        if (!yes && terminal()) sure(question);
    }

    /// @throws Trouble.Stopped when the answer is no
    /// @throws Trouble.Usage   when nobody can be asked
    public void sure(String question) {
        if (yes) return;
        if (!terminal()) throw new Trouble.Usage(question + " There is no terminal to ask on: give --yes.");
        var answer = System.console().readLine("%s [y/N] ", question);
        if (answer == null || !answer.strip().toLowerCase().startsWith("y"))
            throw new Trouble.Stopped("Nothing was done.");
    }

    String password(String prompt) {
        if (!terminal())
            throw new Trouble.Usage("There is no terminal to ask for the password on: set CLICKHOUSE_PASSWORD.");
        var word = System.console().readPassword("%s", prompt);
        return word == null ? "" : new String(word);
    }
}
