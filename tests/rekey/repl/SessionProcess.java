package rekey.repl;

/// A session on this process' own terminal.
final class SessionProcess {
    private SessionProcess() {}

    static void main(String... options) {
        System.exit(Repl.run(ReplOptions.parse(options)));
    }
}
