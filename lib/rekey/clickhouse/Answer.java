package rekey.clickhouse;

import com.clickhouse.client.api.query.QueryResponse;
import java.io.InputStream;

/// An answer as the server wrote it, in the format that was asked for, read while it comes.
///
/// An error after the first rows stands at the end of the text, behind a line `__exception__` (ClickHouse's own way
/// over HTTP).
public final class Answer implements AutoCloseable {
    private final QueryResponse response;
    private final String queryId;

    Answer(QueryResponse response, String queryId) {
        this.response = response;
        this.queryId = queryId;
    }

    public InputStream text() {
        return response.getInputStream();
    }

    public String queryId() {
        return queryId;
    }

    /// Rows read when the first of the answer was sent: all of them where the answer is short.
    public long readRows() {
        return response.getReadRows();
    }

    /// Bytes, likewise.
    public long readBytes() {
        return response.getReadBytes();
    }

    public long writtenRows() {
        return response.getWrittenRows();
    }

    @Override
    public void close() {
        try {
            response.close();
        } catch (Exception e) {
            return; // it has broken off: its connection is thrown away
        }
    }
}
