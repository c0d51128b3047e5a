package rekey.repl.command.shell;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import rekey.cli.Rewriting;
import rekey.migration.Migrations;
import rekey.model.TableName;
import rekey.repl.ShellCommand;
import rekey.session.Journal;

@Command(name = "migration", description = "Turns to a migration: a shipped one, a JSON file, one that the journal knows, or a table with new keys; bare it lists them.",
        footer = {"", "Examples: migration", "          migration 0002_events_sample_by", "          migration --table hits --order-by 'site, toDate(at)'"})
public final class Choose extends ShellCommand {
    @Parameters(arity = "0..1", paramLabel = "MIGRATION") String name;

    @Mixin Rewriting rewriting;

    @Override protected int run() {
        if (name == null && !rewriting.named()) return list();
        shell.choose(name == null ? rewriting.wanted() : rewriting.wanted(name));
        shell.out().println(shell.chosen().name() + " of " + shell.session().rewrite().source() + ".");
        shell.out().flush();
        return 0;
    }

    private int list() {
        shell.migration().ifPresent(m -> shell.out().println("chosen   " + m.name() + " of " + m.rewrite().source()));
        Migrations.shipped().forEach(m -> shell.out().println("shipped  " + m));
        Journal.migrations(shell.server(), new TableName(shell.endpoint().database(), "rekey_journal")).forEach(m -> shell.out().println("journal  " + m));
        shell.out().flush();
        return 0;
    }
}
