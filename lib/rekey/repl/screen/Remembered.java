package rekey.repl.screen;

import java.time.Instant;
import org.jline.reader.impl.history.DefaultHistory;
import rekey.sheet.Secrets;

/// The lines typed, but for those with a password in them.
final class Remembered extends DefaultHistory {
    @Override public void add(Instant time, String line) {
        if (Secrets.untold(line).equals(line)) super.add(time, line);
    }
}
