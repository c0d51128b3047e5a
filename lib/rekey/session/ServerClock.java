package rekey.session;

import java.time.InstantSource;
import rekey.clickhouse.ClickHouse;

/// The server's time. The journal's lines have their order by it, over all runners and guards. It is
/// reckoned from this machine's clock. The server is asked anew once a minute, and when that clock was
/// set or stood still with its machine.
final class ServerClock {
    private final ClickHouse server;
    private final InstantSource wall;
    /// How far the server's clock is ahead of this machine's, and both of this machine's when that was asked.
    private long ahead, wallThen, monotonicThen;
    private boolean asked;

    ServerClock(ClickHouse server, InstantSource wall) {
        this.server = server;
        this.wall = wall;
    }

    /// Since 1970.
    synchronized long micros() {
        long now = Micros.of(wall.instant()), monotonic = System.nanoTime() / 1000;
        if (asked
                && monotonic - monotonicThen <= 60_000_000
                && Math.abs(now - wallThen - (monotonic - monotonicThen)) <= 50_000) return now + ahead;
        long us = server.one("SELECT toUnixTimestamp64Micro(now64(6)) AS us").number("us");
        wallThen = Micros.of(wall.instant());
        monotonicThen = System.nanoTime() / 1000;
        ahead = us - wallThen;
        asked = true;
        return us;
    }
}
