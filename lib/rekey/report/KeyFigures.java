package rekey.report;

import java.util.List;
import java.util.function.ToLongFunction;
import rekey.model.Amounts;
import rekey.report.facts.IngestionPause;
import rekey.run.MigrationState;

/// What one asks first of a report, in four figures.
final class KeyFigures {
    private final MigrationFacts facts;

    private KeyFigures(MigrationFacts facts) {
        this.facts = facts;
    }

    static Document.Tiles of(MigrationFacts facts) {
        var headline = new KeyFigures(facts);
        return new Document.Tiles(
                List.of(headline.rows(), headline.compared("Missing"), headline.compared("Doubled"), headline.held()));
    }

    private Document.Tile rows() {
        long old = sum(MigrationFacts.Partition::rowsBefore),
                fresh = sum(MigrationFacts.Partition::rowsAfter),
                since = sum(MigrationFacts.Partition::rowsSince);
        if (facts.status().state() != MigrationState.SWAPPED)
            return new Document.Tile("Rows", Amounts.rows(old == 0 ? fresh : old), Amounts.rows(fresh) + " carried");
        return new Document.Tile(
                "Rows",
                Amounts.rows(fresh),
                Amounts.rows(old) + " of the old table and " + Amounts.rows(since) + " since the swap"
                        + (old + since == fresh ? "" : ", but for what merges drop"));
    }

    /// A comparison by count, sum and xor that finds no difference finds none missing and none doubled.
    private Document.Tile compared(String name) {
        if (facts.whole().difference().isPresent())
            return new Document.Tile(name, "see below", "a difference was found");
        return facts.whole()
                .verified()
                .map(at ->
                        new Document.Tile(name, "0", "by count, sum and xor of row hashes, at " + Timeline.clock(at)))
                .orElse(new Document.Tile(name, "?", "not compared yet"));
    }

    private Document.Tile held() {
        var most = facts.holds().stream()
                .filter(h -> h.heldMs() != null)
                .mapToLong(IngestionPause::heldMs)
                .max();
        return most.isEmpty()
                ? new Document.Tile("Held", "not held", "ingestion went on all the while")
                : new Document.Tile("Held", most.getAsLong() + " ms", "without a read from Kafka");
    }

    private long sum(ToLongFunction<MigrationFacts.Partition> of) {
        return facts.partitions().stream().mapToLong(of).sum();
    }
}
