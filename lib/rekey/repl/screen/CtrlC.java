package rekey.repl.screen;

/// What Ctrl-C does while a command runs: what the innermost of those says that are under way, then those around it; nothing
/// where none has said anything.
public final class CtrlC {
    private final Screen screen;
    private volatile Runnable now = () -> { };

    public CtrlC(Screen screen) {
        this.screen = screen;
    }

    /// Until the answer is closed.
    public Ending does(Runnable handler) {
        var before = now;
        set(() -> {
            handler.run();
            before.run();
        });
        return () -> set(before);
    }

    private void set(Runnable handler) {
        now = handler;
        screen.onInterrupt(handler);
    }
}
