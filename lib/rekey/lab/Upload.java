package rekey.lab;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import rekey.clickhouse.ClickHouse;
import rekey.model.Trouble;

/// Rows on their way to the server, in a format of its own and past JDBC, which would parse them.
public final class Upload implements AutoCloseable {
    private final ClickHouse server;
    private final HttpClient http = HttpClient.newHttpClient();

    /// @param server stays the caller's to close
    public Upload(ClickHouse server) {
        this.server = server;
    }

    /// Sends rows.
    ///
    /// @param insert such as `INSERT INTO t FORMAT RowBinary`
    /// @throws Trouble.Failed when they were not all taken
    public void send(String insert, BodyPublisher rows) {
        var endpoint = server.endpoint();
        var request = HttpRequest.newBuilder(URI.create(
                        endpoint.url() + "/?async_insert=0&query=" + URLEncoder.encode(insert, StandardCharsets.UTF_8)))
                .header("X-ClickHouse-User", endpoint.user())
                .header("X-ClickHouse-Key", endpoint.password())
                .POST(rows)
                .build();
        try {
            var answer = http.send(request, BodyHandlers.ofString());
            if (answer.statusCode() != 200)
                throw new Trouble.Failed("The ledger could not be uploaded to " + endpoint.host() + " ("
                        + answer.body().strip() + ").");
        } catch (IOException e) {
            throw new Trouble.Failed(
                    "The ledger could not be uploaded to " + endpoint.host() + " (" + e.getMessage()
                            + "): see that the server runs.",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("Uploading the ledger was interrupted.");
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
