package rekey.migration;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Inserts;
import rekey.Labs;
import rekey.Scene;
import rekey.Still;
import rekey.cli.ConfirmedRun;
import rekey.cli.PrintedAndSent;
import rekey.clickhouse.ClickHouse;
import rekey.model.TableName;
import rekey.step.Backfill;
import rekey.step.Create;
import rekey.step.Finalize;
import rekey.step.MergeHoldRelease;
import rekey.step.Resume;

/// What is printed is what is run, of tables whose merges fold rows and of replicated ones.
@Tag("cli")
@Tag("slow")
@Tag("heavy")
class PrintedOfOtherEnginesTest {
    /// No part is merged by itself, so that what is found by its parts stays what was printed.
    private static final String DEFINITION = " (id UInt64, at Date, n UInt64, sign Int8) ENGINE = %s"
            + " PARTITION BY toYYYYMM(at) ORDER BY (id, at)"
            + " SETTINGS merge_selector_base = 1000, min_age_to_force_merge_seconds = 100000";

    private static Still still(ClickHouse server, TableName name, String engine) {
        var still = Still.table(server, name, DEFINITION.formatted(engine), "toYYYYMM(at)", "at, id", "");
        insert(still, 0, 3000);
        return still.withLimits(Scene.LIMITS.withChunkRows(700).withThreads(1));
    }

    private static void insert(Still still, long first, int rows) {
        Inserts.send(
                still.server,
                "INSERT INTO " + still.name.sql() + " SELECT " + first
                        + " + number, toDate('2026-01-01') + number % 90, 1, 1 FROM numbers(" + rows + ")");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SummingMergeTree",
                "CollapsingMergeTree(sign)",
            })
    void whereMergesFoldRows(String engine) {
        try (var still = still(Labs.connect(), new TableName(Labs.database(), "t"), engine)) {
            thereAndBackAndToTheEnd(still);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ReplicatedMergeTree('/t/{database}/{table}', '{replica}')",
                "ReplicatedReplacingMergeTree('/t/{database}/{table}', '{replica}', n)",
                "ReplicatedSummingMergeTree('/t/{database}/{table}', '{replica}')",
            })
    void ofOneReplica(String engine) {
        try (var still = still(ReplicatedLab.connect(0), ReplicatedLab.table(), engine)) {
            thereAndBackAndToTheEnd(still);
        }
    }

    private static void thereAndBackAndToTheEnd(Still still) {
        var bed = new PrintedAndSent(still.migration, still::listening, false);
        bed.same(new Create());
        bed.same("rollback of an empty target", ConfirmedRun::rollBack);
        bed.same(new Create());
        bed.same(new Backfill());
        insert(still, 10_000, 10);
        given(still);
        bed.same(new Backfill());
        insert(still, 20_000, 10);
        given(still);
        bed.same("migrate", run -> run.all("swap"));
        bed.same(new Resume());
        insert(still, 40_000, 10);
        given(still);
        bed.same("rollback", ConfirmedRun::rollBack);
        given(still);
        bed.same("migrate once more", run -> run.all(null));
        bed.same(new Finalize());
    }

    /// Where merges fold rows they stay held behind a run until its process ends: then its guard gives them back.
    private static void given(Still still) {
        MergeHoldRelease.giveBack(still.session());
    }
}
