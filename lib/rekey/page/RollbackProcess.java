package rekey.page;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import rekey.cli.ConfirmedRun;
import rekey.cli.Job;
import rekey.cli.Options;
import rekey.cli.UnattendedOperator;
import rekey.ingestion.DetachedProcess;
import rekey.migration.Migrations;
import rekey.model.Trouble;
import rekey.run.Healthcheck;
import rekey.run.Orders;
import rekey.session.Detail;
import rekey.session.Limits;
import tools.jackson.databind.json.JsonMapper;

/// A rollback that was asked for on the page: a process of its own, for it must go on when the page is closed. How
/// it goes is in the journal, where the page and everybody else reads it.
public final class RollbackProcess {
    private RollbackProcess() {}

    static void begin(PageOptions options, String migration) {
        try {
            DetachedProcess.start(
                    RollbackProcess.class,
                    List.of(),
                    false,
                    Map.of(
                            "options",
                            JsonMapper.shared().writeValueAsString(options.connecting()),
                            "migration",
                            migration));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void main() throws Exception {
        var asked = DetachedProcess.orders();
        DetachedProcess.outliveTheTerminal();
        // those of a command, not the page's: its impatience is not the run's
        var options = CommandLine.populateCommand(
                new Options(), JsonMapper.shared().readValue(asked.get("options"), String[].class));
        try (var server = options.connect()) {
            var migration = Migrations.named(server, asked.get("migration"));
            var session = Job.session(options, server, migration, Limits.DEFAULT, options::connect);
            // who asked has said yes on the page, and reads the journal
            var operator = new UnattendedOperator(false, List.of(new Orders(), new Healthcheck()), answer -> {});
            try {
                System.exit(new ConfirmedRun(session, migration, operator).rollBack());
            } catch (Trouble e) {
                // what fails before it has the lock writes no line, and nobody reads what this process prints
                boolean began = session.journal().fresh("event = 'LOCKED'").stream()
                        .anyMatch(line -> line.runner().equals(session.journal().runner()));
                if (!began)
                    session.journal()
                            .append(
                                    "",
                                    new Detail.Text("LOOK: the rollback that was asked for on the page did not begin. "
                                            + e.getMessage()));
                System.exit(e.exitCode());
            }
        }
    }
}
