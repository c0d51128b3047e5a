package rekey.maintainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.Scene;
import rekey.cli.Job;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.migration.Migration;
import rekey.migration.Migrations;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.page.PageOptions;
import rekey.page.PageServer;
import rekey.run.FrozenPlan;
import rekey.run.Orders;
import rekey.run.Runner;
import rekey.session.Limits;
import rekey.session.Session;
import rekey.step.Pause;
import rekey.step.Steps;

/// The page in a real browser: a run is seen, its buttons are pressed. Skipped, and said to be, where there is no
/// Chromium.
@Tag("page")
class InBrowserTest {
    private static final String CHIP = "document.querySelector('article .chip').textContent";

    private static final String HELD = "(document.querySelector('.tile.hold span') || {}).textContent";

    private final ClickHouse server = Labs.connect();
    private final TableName table = new TableName(Labs.database(), "hits");
    private Migration migration;

    @BeforeEach
    void table() {
        Assumptions.assumeTrue(
                Browser.program().isPresent(), "Chromium is not on the PATH, so the page was seen by no browser");
        server.execute("CREATE TABLE " + table.sql() + " (site UInt32, at DateTime, visitor String) ENGINE = MergeTree"
                + " PARTITION BY toYYYYMM(at) ORDER BY (site, at)");
        server.execute("INSERT INTO " + table.sql() + " SELECT number % 7, toDateTime('2026-01-01 00:00:00') +"
                + " number * 2592, toString(number) FROM numbers(3000)");
        migration = Migrations.find(
                server,
                new Migrations.Wanted(
                        null, table.toString(), "by_visitor", "site, visitor, at", null, null, null, null));
    }

    @AfterEach
    void close() {
        server.close();
    }

    /// That goes on in rounds until it is told otherwise.
    private CompletableFuture<Void> run(Session session) {
        session.control().postpone(true);
        var frozen = new Migration(
                migration.rewrite(),
                migration.lowestVersion(),
                migration.after(),
                Steps.sequence(new FrozenPlan(migration, null), migration.steps()));
        return CompletableFuture.runAsync(
                () -> new Runner(session, false, List.of(new Orders())).run(frozen, Optional.empty()),
                work -> Thread.ofPlatform().daemon().start(work));
    }

    private Session session() {
        return Job.session(server, migration, Map.of(), Limits.DEFAULT);
    }

    private PageServer pages() {
        var options = PageOptions.of("--url", server.endpoint().url(), "--database", table.database(), "--control");
        return new PageServer(options.connect(), options);
    }

    private static Browser answered(Browser page, boolean yes) {
        return page.await("document.querySelector('#ask').open")
                .press("#ask button[value=" + (yes ? "yes" : "no") + "]");
    }

    @Test
    void aRunIsSeenAndItsButtonsArePressed() throws Exception {
        var session = session();
        try (var pages = pages();
                var page = Browser.open(pages.address(), 1000, 900)) {
            page.await("document.querySelector('.empty')");
            var run = run(session);
            page.await("document.querySelector('article') && " + CHIP + ".startsWith('running')");
            page.await("document.querySelectorAll('.cell.full').length > 2");

            // rows come over in the time before their chunk is attached: even copying once looked like spikes
            assertEquals(
                    "100,100,100,100,100,100,100,100",
                    page.tell("rates([{t:0,n:0},{t:4000,n:400},{t:8000,n:800}]).map(p => Math.round(p.n)).join()"));

            // each asks first, and no is no
            answered(page.press("[data-order=throttle]"), false).await("!document.querySelector('#ask').open");
            assertEquals(0, orders());
            answered(page.press("[data-order=throttle]"), true)
                    .await("document.body.innerText.includes('throttled')")
                    .await("document.querySelector('[data-order=no-throttle]')");
            assertEquals("throttle", order());
            answered(page.press("[data-order=no-throttle]"), true).await("!document.querySelector('.chip.paused')");

            answered(page.press("[data-order=stop]"), true).await(CHIP + ".startsWith('stopped')");
            assertTrue(run.handle((done, e) -> e.getCause()).get(60, TimeUnit.SECONDS) instanceof Trouble.Stopped);

            answered(page.press("[data-order=rollback]"), true).await(CHIP + " === 'rolled back'");
            assertEquals(
                    0,
                    server.one("SELECT count() AS n FROM system.tables WHERE database = " + Sql.text(table.database())
                                    + " AND name LIKE 'hits_%'")
                            .number("n"));
        }
    }

    /// From its first chunk to the swap, and the swap taken back, by buttons alone.
    @Test
    void aSwapIsPostponedLetGoAndTakenBack() throws Exception {
        var session = session();
        try (var pages = pages();
                var page = Browser.open(pages.address(), 1000, 900)) {
            var run = run(session);
            page.await("document.querySelector('article')");
            answered(page.press("[data-order=postpone]"), true)
                    .await("document.body.innerText.includes('swap postponed')");
            assertEquals("postpone", order());
            long before = orders();
            answered(page.press("[data-order=unpostpone]"), false).await("!document.querySelector('#ask').open");
            assertEquals(before, orders());
            answered(page.press("[data-order=unpostpone]"), true).await(CHIP + " === 'swapped'");
            run.get(60, TimeUnit.SECONDS);
            assertEquals("unpostpone", order());
            assertEquals("site, visitor, at", key());
            answered(page.press("[data-order=rollback]"), true).await(CHIP + " === 'rolled back'");
            assertEquals("site, at", key());
        }
    }

    /// Stopped and rolled back while it runs, by one button.
    @Test
    void aRunIsStoppedAndRolledBackAtOnce() throws Exception {
        var session = session();
        try (var pages = pages();
                var page = Browser.open(pages.address(), 1000, 900)) {
            var run = run(session);
            page.await("document.querySelectorAll('.cell.full').length > 0");
            answered(page.press("[data-order=rollback]"), true).await(CHIP + " === 'rolled back'");
            assertTrue(run.handle((done, e) -> e.getCause()).get(60, TimeUnit.SECONDS) instanceof Trouble.Stopped);
            assertEquals("site, at", key());
        }
    }

    /// Two looks come meanwhile, and what they would draw comes with the first one after it.
    @Test
    void nothingIsDrawnAnewUnderAHand() throws Exception {
        var session = session();
        try (var pages = pages();
                var page = Browser.open(pages.address(), 1000, 900)) {
            var run = run(session);
            page.await("document.querySelector('[data-order=stop]')");
            page.tell("source.addEventListener('sights', () => window.looks = (window.looks || 0) + 1)");
            stays(page, "getSelection().selectAllChildren(document.querySelector('h2'))", "getSelection().empty()");
            stays(page, pointer("pointerdown"), pointer("pointerup"));
            session.control().stop("It was seen.");
            run.handle((done, e) -> e).get(60, TimeUnit.SECONDS);
        }
    }

    private static String pointer(String event) {
        return "document.querySelector('[data-order=stop]').dispatchEvent(new PointerEvent('" + event
                + "', { bubbles: true }))";
    }

    private static void stays(Browser page, String begin, String end) {
        page.tell("(document.querySelector('article').dataset.drawn = 'before', " + begin + ", window.looks = 0)");
        page.await("window.looks >= 2");
        assertEquals("before", page.tell("document.querySelector('article').dataset.drawn"), begin);
        page.tell(end);
        page.await("!document.querySelector('article').dataset.drawn");
    }

    /// A table that Kafka feeds: its lag as a line, what is checked, the journal's last lines; and while ingestion
    /// is held the time that is left, which counts down, and the window in the picture.
    @Test
    void lagChecksJournalAndTheHeldWindowAreSeen() throws Exception {
        try (var scene = Scene.live(Scene.PLAIN)) {
            var options = PageOptions.of(
                    "--url",
                    scene.server.endpoint().url(),
                    "--database",
                    scene.events().database());
            var session = scene.session();
            session.control().postpone(true);
            try (var pages = new PageServer(options.connect(), options);
                    var page = Browser.open(pages.address(), 1000, 900)) {
                var run = CompletableFuture.runAsync(
                        () -> new Runner(session, false, List.of()).run(scene.migration, Optional.of("swap")),
                        work -> Thread.ofPlatform().daemon().start(work));
                page.await("document.querySelectorAll('ul.checks li.ok').length > 3")
                        .await("document.querySelector('svg[aria-label=\"Lag, messages\"] polyline')")
                        .await("document.querySelectorAll('.log div').length > 3")
                        .await("document.querySelector('.log div b').textContent.length > 0")
                        .await("[...document.querySelectorAll('.tile')].some(t => /^[0-9.,kM]+messages of lag$/"
                                + ".test(t.textContent))");
                assertEquals("", page.tell("[...document.querySelectorAll('svg .h')].join()"));
                session.control().stop("It was seen.");
                run.handle((done, e) -> e).get(150, TimeUnit.SECONDS);
                page.await("!" + CHIP + ".startsWith('running')");

                scene.migrate("pause");
                page.await("/^held; reopens in [0-9]+ s at most$/.test(" + HELD + ")");
                page.tell("window.first = parseInt((" + HELD + ").match(/[0-9]+/)[0])");
                page.await("parseInt(((" + HELD + " || '').match(/[0-9]+/) || [999])[0]) < window.first")
                        .await("document.querySelector('svg[aria-label=\"Lag, messages\"] rect.h')");
                new Runner(scene.session(), false, List.of()).undo(new Pause());
                page.await("!document.querySelector('.tile.hold')")
                        .await("document.body.innerText.includes('ingestion was held')");
            }
        }
    }

    /// Another token, and none: the browser has a page of its own to show, and is told no event.
    @Test
    void aWrongTokenGetsNothing() throws Exception {
        var run = run(session());
        try (var pages = pages();
                var right = Browser.open(pages.address(), 1000, 900)) {
            right.await("document.querySelector('article')");
            var root = pages.address().replaceFirst("/[^/]+/$", "/");
            for (var path : List.of("", "A".repeat(24) + "/", "A".repeat(24) + "/events")) {
                assertEquals(
                        "404 ", right.tell("fetch('/" + path + "').then(async r => r.status + ' ' + await r.text())"));
                try (var page = Browser.open(root + path, 1000, 900)) {
                    page.await("location.href !== 'about:blank' && document.readyState === 'complete'");
                    assertEquals("null", page.tell("document.querySelector('article, #all, #beat')"), path);
                    assertEquals("false", page.tell("document.body.innerText.includes('by_visitor')"), path);
                }
            }
        } finally {
            Orders.stop(session());
            run.handle((done, e) -> e).get(60, TimeUnit.SECONDS);
        }
    }

    private String key() {
        return server.one("SELECT sorting_key AS k FROM system.tables WHERE database = " + Sql.text(table.database())
                        + " AND name = 'hits'")
                .string("k");
    }

    /// In the dark and in the light nothing is wider than the screen, and what can be pressed is
    /// large enough for a thumb.
    @Test
    void itFitsAPhone() throws Exception {
        var session = session();
        try (var pages = pages();
                var page = Browser.open(pages.address(), 390, 844)) {
            var run = run(session);
            page.await("document.querySelector('[data-order=stop]')");
            for (boolean dark : List.of(true, false)) {
                page.dark(dark).await("matchMedia('(prefers-color-scheme: dark)').matches === " + dark);
                assertFits(page, dark ? "in the dark" : "in the light");
            }
            session.control().stop("It was seen.");
            run.handle((done, e) -> e).get(60, TimeUnit.SECONDS);
        }
    }

    private static void assertFits(Browser page, String light) {
        for (int width : List.of(390, 320)) {
            page.size(width, 844);
            assertEquals("" + width, page.tell("document.documentElement.scrollWidth"), light);
        }
        assertEquals(
                "",
                page.tell("[...document.querySelectorAll('button')].filter(b => b.offsetParent"
                        + " && b.getBoundingClientRect().height < 30).map(b => b.textContent).join()"),
                light);
        assertEquals(
                "",
                page.tell("[...document.querySelectorAll('.tile b, h2, .chip, button')].filter(e =>"
                        + " e.offsetParent && e.getBoundingClientRect().right > innerWidth)"
                        + ".map(e => e.textContent).join()"),
                light);
    }

    private long orders() {
        return server.one("SELECT count() AS n FROM "
                        + table.sibling("rekey_journal").sql() + " WHERE event = 'CONTROL'")
                .number("n");
    }

    private String order() {
        return server.one("SELECT JSONExtractString(detail, 'order') AS o FROM "
                        + table.sibling("rekey_journal").sql() + " WHERE event = 'CONTROL' ORDER BY at DESC LIMIT 1")
                .string("o");
    }
}
