package rekey.repl;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// The vocabulary in JShell, a connection ready.
@Tag("repl")
class JShellTest {
    @Test void eachStepIsAValue() {
        try (var bed = new Bed(100)) {
            var out = new ByteArrayOutputStream();
            int code = JShell.run(ReplOptions.parse(bed.options()), """
                    import static rekey.Rekey.*;
                    import rekey.session.*;
                    var server = rekey.repl.JShell.server();
                    var migration = rekey.repl.JShell.migration();
                    var session = session(server, migration);
                    """, new ByteArrayInputStream("""
                    plan(session, migration).rows()
                    runner(session).run(sequence(create(), backfill()))
                    create().state(session).phase()
                    /exit
                    """.getBytes()), new PrintStream(out, true));
            assertEquals(0, code);
            assertTrue(out.toString().contains("==> 100") && out.toString().contains("==> DONE"), out::toString);
            assertEquals(100, bed.server.one("SELECT count() AS n FROM " + bed.name.sibling("hits_rekey_hits_rekey").sql()).number("n"));
        }
    }
}
