package rekey;

import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import rekey.clickhouse.ClickHouse;
import rekey.model.TableName;

/// An INSERT that goes on for as long as a test wants: it has begun on the server when this has been made, and its
/// rows are committed, all at once, when it is finished.
///
/// A server gives an INSERT up that sends nothing for 30 seconds, which is what a whole migration takes on a busy
/// machine: so it sends a blank line now and then.
public final class StreamedInsert {
    private final HttpURLConnection http;
    private final OutputStream rows;
    private volatile boolean ended;

    /// @param columns such as `(a, b)`
    public StreamedInsert(ClickHouse server, TableName table, String columns) throws IOException {
        var id = "streamed-" + UUID.randomUUID();
        var sql = "INSERT INTO " + table.sql() + " " + columns + " FORMAT JSONEachRow";
        http = (HttpURLConnection) URI.create(server.endpoint().url()
                        + "/?async_insert=0&input_format_parallel_parsing=0&http_receive_timeout=600"
                        + "&max_query_size=4000&query_id="
                        + id + "&query=" + URLEncoder.encode(sql, StandardCharsets.UTF_8))
                .toURL()
                .openConnection();
        http.setRequestMethod("POST");
        http.setDoOutput(true);
        http.setChunkedStreamingMode(4096);
        rows = http.getOutputStream();
        // a server reads so much of the body before it begins, for the statement might go on in it
        rows.write("\n".repeat(9000).getBytes(StandardCharsets.UTF_8));
        rows.flush();
        Scene.await(
                "the INSERT to begin",
                () -> server.one("SELECT count() AS n FROM system.processes WHERE query_id = '" + id + "'")
                                .number("n")
                        == 1);
        Thread.ofVirtual().start(this::keepAlive);
    }

    private void keepAlive() {
        try {
            while (!ended) {
                Thread.sleep(5000);
                send("\n");
            }
        } catch (InterruptedException | IOException e) {
            ended = true; // whoever finishes it is told
        }
    }

    private synchronized void send(String text) throws IOException {
        if (ended) return;
        rows.write(text.getBytes(StandardCharsets.UTF_8));
        rows.flush();
    }

    /// @param json a row
    public void row(String json) throws IOException {
        send(json + "\n");
    }

    /// As if its client had died.
    public void abort() {
        ended = true;
        http.disconnect();
    }

    /// Returns when the server has committed.
    public void finish() throws IOException {
        synchronized (this) {
            ended = true;
            rows.close();
        }
        if (http.getResponseCode() != 200)
            throw new IOException(new String(http.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
    }
}
