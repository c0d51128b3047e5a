package rekey.repl;

/// Stands in until the console is there: ends at a semicolon, shows rows as they come.
final class PlainSql implements SqlConsole {
    @Override public boolean whole(String text) {
        return text.stripTrailing().endsWith(";") || text.stripTrailing().endsWith("\\G");
    }

    @Override public int run(String text, Shell shell) {
        shell.server().query(text.strip().replaceFirst("(;|\\\\G)$", "")).forEach(r -> shell.out().println(r.values()));
        shell.out().flush();
        return 0;
    }
}
