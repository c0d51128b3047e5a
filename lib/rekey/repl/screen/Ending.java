package rekey.repl.screen;

/// Takes back what was begun.
public interface Ending extends AutoCloseable {
    @Override void close();
}
