package rekey.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.check.Macros.Host;
import rekey.check.Macros.Replica;
import rekey.clickhouse.KeeperPaths;
import rekey.clickhouse.ReplicatedEngine;
import rekey.model.TableName;

/// What hosts' macros say, held against one another.
@Tag("check")
class MacrosTest {
    private static final TableName TABLE = new TableName("shop", "events");
    private static final Optional<ReplicatedEngine> CLAUSE =
            ReplicatedEngine.of("ReplicatedMergeTree('/t/{shard}/events', '{replica}')");

    private static Host host(String name, String path, String replica, String pathNow, String replicaNow) {
        return new Host(
                name, CLAUSE, Set.of(), new Replica(pathNow, replicaNow), Optional.of(new Replica(path, replica)));
    }

    private static Check.Verdict of(Host... hosts) {
        return new Macros().compared(Arrays.asList(hosts), TABLE, "each host's");
    }

    @Test
    void thoseThatSayWhatTheySaidAreWell() {
        var verdict = of(
                host("a", "/t/1/events", "a", "/t/1/events", "a"), host("b", "/t/1/events", "b", "/t/1/events", "b"));
        assertEquals(Check.Level.OK, verdict.verdict(), verdict::toString);
    }

    @Test
    void oneThatAHostHasNotIsNamed() {
        var verdict = of(
                host("a", "/t/1/events", "a", "/t/1/events", "a"),
                new Host(
                        "b",
                        CLAUSE,
                        new TreeSet<>(Set.of("shard")),
                        new Replica("/t/{shard}/events", "b"),
                        Optional.empty()));
        assertEquals(Check.Level.REFUSAL, verdict.verdict(), verdict::toString);
        assertTrue(verdict.saw().startsWith("host b has no macro shard, which "), verdict::saw);
    }

    @Test
    void twoHostsOfOneReplicasNameAreRefused() {
        var verdict = of(
                host("a", "/t/1/events", "a", "/t/1/events", "a"), host("b", "/t/1/events", "b", "/t/1/events", "a"));
        assertEquals(Check.Level.REFUSAL, verdict.verdict(), verdict::toString);
        assertTrue(verdict.saw().startsWith("hosts a and b both are replica a "), verdict::saw);
    }

    @Test
    void thoseThatWereChangedSinceAreRefused() {
        var verdict = of(
                host("a", "/t/1/events", "a", "/t/1/events", "a"), host("b", "/t/1/events", "b", "/t/2/events", "b"));
        assertEquals(Check.Level.REFUSAL, verdict.verdict(), verdict::toString);
        assertTrue(verdict.saw().endsWith(" are /t/2/events and b, and the table has /t/1/events and b"), verdict::saw);
    }

    /// A healthy cluster was refused: only letters, digits and underscores were taken for a macro's name.
    @Test
    void aMacrosNameMayHaveAnyCharacters() {
        assertEquals(
                new TreeSet<>(List.of("my-shard", "replica.name")), KeeperPaths.macros("/t/{my-shard}/{replica.name}"));
    }
}
