package rekey.cli;

import java.io.Console;
import rekey.model.Trouble;

/// Asks the person at the terminal. Where there is none nothing is guessed: the sentence says which option to give.
public record Asking(boolean yes) {

    /// Whether a person sits there.
    public static boolean terminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    /// @throws Trouble.Stopped when the answer is no
    /// @throws Trouble.Usage   when nobody can be asked
    public void sure(String question) {
        if (yes) return;
        if (!terminal()) throw new Trouble.Usage(question + " There is no terminal to ask on: give --yes.");
        var answer = System.console().readLine("%s [y/N] ", question);
        if (answer == null || !answer.strip().toLowerCase().startsWith("y")) throw new Trouble.Stopped("Nothing was done.");
    }

    String password(String prompt) {
        if (!terminal()) throw new Trouble.Usage("There is no terminal to ask for the password on: set CLICKHOUSE_PASSWORD.");
        var word = System.console().readPassword("%s", prompt);
        return word == null ? "" : new String(word);
    }
}
