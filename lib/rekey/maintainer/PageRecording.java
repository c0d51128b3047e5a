package rekey.maintainer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import rekey.model.Trouble;
import rekey.page.PageOptions;
import rekey.page.PageServer;

/// The live page in a browser, for the picture in README and beside a session that is recorded.
public final class PageRecording implements AutoCloseable {
    private static final int WIDTH = 1000, HEIGHT = 720;
    /// At this share of the copy the picture is taken.
    private static final int PERCENT = 40;

    private final long process;
    private final PageServer pages;
    private Browser browser;

    /// @param url     of a ClickHouse on this machine
    /// @param process that it is
    /// @param kafka   its brokers
    public PageRecording(String url, long process, String kafka) {
        this.process = process;
        var options = PageOptions.of("--url", url, "--database", "posthog", "--kafka", kafka);
        pages = new PageServer(options.connect(), options);
    }

    private Browser browser() {
        if (browser == null) browser = Browser.open(pages.address(), WIDTH, HEIGHT);
        return browser;
    }

    /// Waits until the copy is well under way, and writes what is seen then.
    public void picture(Path png) {
        browser()
                .await("parseInt((document.querySelector('[role=progressbar]') || {}).ariaValueNow || 0) >= "
                        + PERCENT);
        try {
            Files.write(png, browser.png());
        } catch (IOException e) {
            throw new Trouble.Failed("The picture " + png + " can't be written: " + e.getMessage() + ".", e);
        }
    }

    /// Stops the server where it stands, or lets it go on: connections stay, and nothing comes.
    public void hang(boolean hangs) {
        // what the page has seen last is what it shows: it once showed the time before the run
        if (hangs) browser().await("document.querySelector('.chip.running')");
        try {
            int code = new ProcessBuilder("kill", hangs ? "-STOP" : "-CONT", "" + process)
                    .inheritIO()
                    .start()
                    .waitFor();
            if (code != 0) throw new Trouble.Failed("ClickHouse can't be sent a signal.");
        } catch (IOException e) {
            throw new Trouble.Failed("ClickHouse can't be sent a signal (" + e.getMessage() + ").", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("Interrupted.");
        }
    }

    /// What stands at its top, once it says that the server gives no answer.
    public String whileHanging() {
        browser().await("document.querySelector('#beat.late')");
        return browser.tell("document.querySelector('article h2').textContent + ', '"
                + " + document.querySelector('.chip').textContent + ', '"
                + " + document.querySelector('#beat').textContent");
    }

    @Override
    public void close() {
        if (browser != null) browser.close();
        pages.close();
    }
}
