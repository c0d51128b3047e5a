package rekey.repl;

import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import rekey.cli.Job;
import rekey.cli.Rewriting;
import rekey.cli.text.Texts;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.migration.Migration;
import rekey.migration.Migrations;
import rekey.model.Trouble;
import rekey.repl.run.Follow;
import rekey.repl.run.Underway;
import rekey.repl.screen.CtrlC;
import rekey.repl.screen.Ending;
import rekey.repl.screen.Redirect;
import rekey.repl.screen.Screen;
import rekey.run.Orders;
import rekey.session.Limits;
import rekey.session.Session;

/// What a session of the REPL works on: a server, a migration on it, what a run may cost, and the screen. Commands take
/// all of it from here; a connection that was lost is made anew when it is needed next.
public final class Shell implements AutoCloseable {
    private final ReplOptions options;
    private final Screen screen;
    private final Redirect redirect;
    private final CtrlC ctrlC;
    private final Prompt prompt = new Prompt(this);
    private volatile ClickHouse server;
    private volatile Endpoint endpoint;
    private volatile Migration migration;
    private volatile Session session;
    private volatile Migrations.Wanted chosenBy;
    private volatile Limits limits;
    private volatile Underway underway;
    private volatile boolean ended;
    private volatile Follow follow;

    Shell(ReplOptions options, Screen screen) {
        this.options = options;
        this.screen = screen;
        this.redirect = new Redirect(screen);
        this.ctrlC = new CtrlC(screen);
        this.limits = options.limits();
    }

    /// Connects without the lock: a server that says nothing keeps nobody from turning to another.
    ///
    /// @throws Trouble when it can't be reached
    public ClickHouse server() {
        for (var to = endpoint(); server == null; to = endpoint()) turnTo(ClickHouse.connect(to), to);
        return server;
    }

    /// Unless another thread was sooner, or has turned to another.
    private synchronized void turnTo(ClickHouse found, Endpoint asked) {
        if (server == null && asked.equals(endpoint())) turnTo(found);
        else found.close();
    }

    /// Known also while the server is away.
    public Endpoint endpoint() {
        return endpoint == null ? options.endpoint() : endpoint;
    }

    /// From now on this server; the migration is looked for there.
    public void connect(Endpoint to) {
        notUnderway("connect to another server");
        unfollow();
        turnTo(asked(() -> ClickHouse.connect(to)));
    }

    private synchronized void turnTo(ClickHouse found) {
        if (server != null) server.close();
        server = found;
        endpoint = found.endpoint();
        session = null;
        migration = null;
        if (options.named()) choose(options.wanted());
    }

    /// Bare names in SQL are of this database from now on. The migration that is chosen stays.
    public synchronized void use(String database) {
        endpoint = endpoint().withDatabase(database);
        if (migration != null || underway().isPresent()) return;
        var found = ClickHouse.connect(endpoint);
        if (server != null) server.close();
        server = found;
    }

    public Optional<Migration> migration() {
        return Optional.ofNullable(migration);
    }

    /// @throws Trouble.Usage when it names none
    public void choose(Migrations.Wanted wanted) {
        notUnderway("turn to another migration");
        unfollow();
        migration = Migrations.find(server(), wanted);
        chosenBy = wanted;
        session = Job.session(server(), migration, options.kafka(), limits);
    }

    /// The options by which a script finds the same migration.
    public String arguments() {
        chosen();
        return Rewriting.arguments(endpoint().database(), chosenBy);
    }

    /// For looking; a run has one of its own.
    ///
    /// @throws Trouble.Usage when no migration is chosen
    public Session session() {
        server();
        chosen();
        return session;
    }

    /// For one run.
    public Session newSession() {
        return Job.session(server(), chosen(), options.kafka(), limits);
    }

    public Migration chosen() {
        return migration().orElseThrow(() -> new Trouble.Usage("No migration is chosen: name one, as in  migration 0002_events_sample_by, or see  migration --help."));
    }

    public Limits limits() {
        return limits;
    }

    /// Of the next run.
    public void limits(Limits changed) {
        limits = changed;
    }

    /// The one of this session that goes on now.
    public Optional<Underway> underway() {
        return Optional.ofNullable(underway).filter(Underway::alive);
    }

    public void underway(Underway run) {
        underway = run;
    }

    /// Shows what another process' runner does from now on.
    ///
    /// @return whether there is one
    public boolean follow() {
        unfollow();
        follow = Follow.begun(this);
        return follow != null;
    }

    public void unfollow() {
        if (follow != null) follow.end();
        follow = null;
    }

    private void notUnderway(String what) {
        underway().ifPresent(u -> { throw new Trouble.Refused("Can't " + what + " while " + u.what() + " goes on: wait for it, or stop it."); });
    }

    /// The session is over when this command is; a run that goes on is stopped first, if that is what is wanted.
    public void leave() {
        var run = underway();
        if (run.isPresent()) {
            if (screen.interactive() && !screen.ask(run.get().what() + " goes on. Stop it and leave?")) return;
            Orders.stop(session());
            run.get().await();
        }
        ended = true;
    }

    boolean ended() { return ended; }

    public Screen screen() {
        return screen;
    }

    /// For answers: the screen, or the file after `>`.
    public PrintWriter out() {
        return redirect.out();
    }

    /// An answer of many lines.
    public void page(String text) {
        redirect.page(text);
    }

    /// Whether answers may be paged.
    public boolean pages() {
        return redirect.pages();
    }

    Redirect redirect() { return redirect; }

    public Prompt prompt() { return prompt; }

    /// For the person, whatever happens to the answers.
    public void say(String text) {
        screen.say(text);
    }

    /// @return the exit code of an error's kind
    public int told(Throwable e) {
        return Telling.of(e, this);
    }

    /// An answer of the library, as the scripts show it.
    public int print(Object answer) {
        out().println(Texts.of(answer));
        out().flush();
        return 0;
    }

    /// A Kafka client's properties.
    public Map<String, String> kafka() {
        return options.kafka();
    }

    /// Whether more is told than an operator needs.
    boolean verbose() {
        return options.verbose();
    }

    /// Whether writes are not asked for.
    public boolean yes() {
        return options.yes();
    }

    /// What Ctrl-C does besides, until the answer is closed.
    public Ending onInterrupt(Runnable handler) {
        return ctrlC.does(handler);
    }

    /// An answer of the server's or of Kafka's, which Ctrl-C need not wait for.
    public <T> T asked(Supplier<T> question) {
        return Inquiry.answered(this, question);
    }

    @Override public void close() {
        unfollow();
        if (server != null) server.close();
    }
}
