package rekey.run;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import rekey.clickhouse.Sql;
import rekey.model.Amounts;
import rekey.model.Keys;
import rekey.model.Table;
import rekey.session.IngestionHosts;
import rekey.session.Session;

/// How long the copy and the hold may take.
///
/// @param copySeconds of the first round
/// @param copyBasis   what the figure comes from, and what it leaves out
/// @param heldMs      about so long nothing is read from Kafka; 0 where no Kafka feeds the table
/// @param heldBasis   what that is made of
public record Estimate(long copySeconds, String copyBasis, long heldMs, String heldBasis) {
    /// A copied row costs so much more than one of the sample, which is read, sorted and hashed once: it is written
    /// besides, and then read and hashed on both sides. Measured by `bench` on two cores, its first round beside
    /// what was planned: 3.4 and 3.8 times with 2 and 1 million rows.
    private static final double COPY = 3.5;
    /// Where nothing can be measured: compressed bytes a second and thread, as the lab's two slow cores do.
    private static final long ASSUMED = 20L << 20;
    /// EXCHANGE, renames, the journal's lines and the gate's opening.
    private static final long SWAP_MS = 200;

    /// @param chunks that may be copied side by side
    static Estimate of(
            Session session, Table source, Keys keys, IngestionHosts intake, long rows, long bytes, int chunks) {
        long held = heldTime(session, intake).toMillis();
        var heldBasis = intake.none()
                ? "no Kafka table feeds it, so nothing is paused"
                : "the longest wait for the last consumer's batch, by kafka_flush_interval_ms and the number of"
                        + " consumers; the last round, at most a third of --max-held; and " + SWAP_MS
                        + " ms for the exchange. At the deadline of "
                        + Amounts.time(session.limits().deadline()) + " ingestion is reopened in any case"
                        + (held > session.limits().deadline().toMillis()
                                ? ": that is sooner, so unless batches end earlier the swap is put off each time. Give"
                                        + " a longer --deadline (50s at most), or lower kafka_flush_interval_ms for it"
                                : "");
        int side = Math.max(1, Math.min(session.limits().threads(), chunks));
        var sample = rows == 0 ? Optional.<CopySample>empty() : CopySample.of(session, source, keys);
        if (sample.isEmpty())
            return new Estimate(
                    Math.round(Math.ceil(bytes / (double) (ASSUMED * side))),
                    rows == 0
                            ? "nothing is to be copied"
                            : "assumed, not measured here: " + Amounts.bytes(ASSUMED)
                                    + " of compressed data a second and thread, " + side + " side by side",
                    held,
                    heldBasis);
        var s = sample.get();
        return new Estimate(
                Math.round(Math.ceil(rows * s.seconds() / s.rows() * COPY / side)),
                String.format(
                        Locale.ROOT,
                        "measured here: %s of %d part%s (%s) read, sorted by the new key and hashed in %s by one"
                            + " thread; a copied row is written and read back besides, which took %.1f times that"
                            + " where it was measured (two cores, 1 and 2 million rows); %d chunk%s side by side. Not"
                            + " in it: waiting for a colder disk than the sample's, for other load, for the rounds of"
                            + " what comes meanwhile, and for merges",
                        Amounts.count(s.rows(), "row"),
                        s.parts(),
                        s.parts() == 1 ? "" : "s",
                        Amounts.bytes(s.bytes()),
                        Amounts.time(Duration.ofNanos(Math.round(s.seconds() * 1e9))),
                        COPY,
                        side,
                        side == 1 ? "" : "s"),
                held,
                heldBasis);
    }

    /// About so long ingestion is held; nothing where no Kafka feeds the table.
    public static Duration heldTime(Session session, IngestionHosts intake) {
        return Duration.ofMillis(intake.none() ? 0 : longestBatch(intake) + maxHeldShare(session) + SWAP_MS);
    }

    private static long maxHeldShare(Session session) {
        return session.limits().maxHeld().toMillis() / 3;
    }

    /// Of n consumers with batches of one length T the widest gap in which no batch ends is at least T/n long,
    /// and the gate is closed before it: so the first to end waits for the last at most T less T/n. The consumers
    /// of all Kafka tables on all hosts are waited for together.
    private static long longestBatch(IngestionHosts intake) {
        long longest = 0, consumers = 0;
        for (var host : intake.hosts())
            for (var kafka : host.ingestion().kafkaTables()) {
                var r = host.server().one("""
                    SELECT toUInt64OrZero(extract(engine_full, 'kafka_flush_interval_ms = (\\\\d+)')) AS own,
                      greatest(1, toUInt64OrZero(extract(engine_full, 'kafka_num_consumers = (\\\\d+)'))) AS consumers,
                           (SELECT toUInt64OrZero(value) FROM system.settings WHERE name = 'stream_flush_interval_ms')
                             AS servers
                    FROM system.tables WHERE database = %s AND name = %s\
                    """.formatted(
                        Sql.text(kafka.name().database()), Sql.text(kafka.name().table())));
                longest = Math.max(longest, r.number("own") > 0 ? r.number("own") : r.number("servers"));
                consumers += r.number("consumers");
            }
        return consumers == 0 ? 0 : longest - longest / consumers;
    }
}
